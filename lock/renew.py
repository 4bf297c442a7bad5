"""Write the lock: what `make setup` installs, with the hash of each wheel that it may be.

    python lock/renew.py

The versions are those of the environment that it runs in, which `make lock` makes anew. What each
package requires, and the hashes, pip tells as the index says them. It is asked for every kind of
machine with every Python, since they differ in what torch brings along, say; nothing is installed.
A file of the lock names the machines for which it is whole; why one is left out is printed.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FOLDER = Path(__file__).parent
PROJECT = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text("utf-8"))["project"]
OURS = PROJECT["name"]
# Left out where a user has brought them, with all that nothing else needs.
TORCH = frozenset({"torch", "torchvision"})
# Of these there is no wheel: the hash is that of the source, which setuptools builds.
FROM_SOURCE = ("face-recognition-models",)
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# torch asks for glibc 2.28 and macOS 14. Wheels that ask for more are for where no others are.
GLIBC = [f"_2_{minor}" for minor in range(28, 4, -1)] + ["2014", "2010", "1"]
GLIBC += [f"_2_{minor}" for minor in range(29, 40)]
MACHINES = {
    "linux-x86_64": [f"manylinux{name}_x86_64" for name in GLIBC],
    "linux-aarch64": [f"manylinux{name}_aarch64" for name in GLIBC],
    "darwin-arm64": [f"macosx_{major}_0_arm64" for major in (14, 13, 12, 11)]
    + [f"macosx_{release}_universal2" for release in ("14_0", "13_0", "12_0", "11_0", "10_9")],
    "win32-AMD64": ["win_amd64"],
}
FILES = {
    "tools": "What installs all else.",
    "explorer": "What Explorer needs; what torch alone needs is in torch.txt.",
    "torch": "torch, torchvision and what they alone need: left out for a torch of one's own.",
    "dev": "What the extras, the tests and lint need besides.",
}
HEAD = """# {what} `make lock` writes this file.
# Whole for these machines with these versions of Python:
{whole}
--require-hashes
--only-binary :all:
"""


@dataclass(frozen=True)
class Wheel:
    """A file of the index; requires: as its metadata say it."""

    version: str
    sha256: str
    requires: tuple[Requirement, ...]


class MissingWheel(Exception):
    """A package has none for a machine."""


@dataclass
class Target:
    """One kind of machine with one Python; files: which packages stand in which file for it."""

    machine: str
    python: str
    wheels: dict[str, Wheel] = field(default_factory=dict)
    files: dict[str, set[str]] = field(default_factory=dict)

    def resolve(self) -> None:
        """Fill `files` up to the first that lacks a wheel, which is printed."""
        try:
            self.files["tools"] = tools = self.needed("pip", "setuptools")
            explorer = self.needed(OURS, without=TORCH) - tools
            whole = self.needed(OURS) - tools
            self.files |= {"explorer": explorer, "torch": whole - explorer}
            self.files["dev"] = self.needed(f"{OURS}[dev]") - whole - tools
        except MissingWheel as error:
            print(f"{self.machine} with Python {self.python}: no wheel of {error}.")

    def needed(self, *roots: str, without: frozenset[str] = frozenset()) -> set[str]:
        """Names of all that `roots` require here, save what counts as there and what that needs.

        Raises `MissingWheel`, and `ValueError` where a package asks for another version.
        """
        asked: dict[str, set[str]] = {}
        waiting = [Requirement(root) for root in roots]
        while waiting:
            self.fetch(waiting)
            after: list[Requirement] = []
            for requirement in waiting:
                name = canonicalize_name(requirement.name)
                if name in asked and requirement.extras <= asked[name]:
                    continue
                asked.setdefault(name, set()).update(requirement.extras)
                after += self.required(name, asked[name])
            waiting = [each for each in after if canonicalize_name(each.name) not in without]
        return {*asked} - {OURS}

    def fetch(self, requirements: list[Requirement]) -> None:
        """Ask pip for what is not known yet. Raises as `needed`."""
        named = {canonicalize_name(each.name): each for each in requirements}
        new = [pinned(each) for name, each in named.items() if name not in {OURS, *self.wheels}]
        if new:
            self.wheels |= report(self.machine, self.python, new)
        for each in requirements:
            wheel = self.wheels.get(canonicalize_name(each.name))
            if wheel and not each.specifier.contains(wheel.version):
                raise ValueError(f"{each} is asked for, and {wheel.version} is here.")

    def required(self, name: str, extras: set[str]) -> list[Requirement]:
        """What one package asks for here."""
        if name == OURS:
            optional = [PROJECT["optional-dependencies"][extra] for extra in sorted(extras)]
            every = [*map(Requirement, sum(optional, PROJECT["dependencies"]))]
        else:
            every = [*self.wheels[name].requires]
        system, _, processor = self.machine.partition("-")
        here = {"sys_platform": system, "platform_machine": processor}
        here["platform_system"] = {"win32": "Windows"}.get(system, system.capitalize())
        here["os_name"] = "nt" if system == "win32" else "posix"
        here |= {"python_version": self.python, "python_full_version": f"{self.python}.0"}
        cases = [here | {"extra": extra} for extra in ("", *extras)]

        def holds(marker: Marker | None) -> bool:
            return marker is None or any(marker.evaluate(case) for case in cases)

        return [each for each in every if holds(each.marker)]


def pinned(requirement: Requirement) -> str:
    """The version of this environment, else (what other machines alone need) what pip finds."""
    try:
        return f"{requirement.name}=={version(requirement.name)}"
    except PackageNotFoundError:
        return f"{requirement.name}{requirement.specifier}"


def report(machine: str, python: str, lines: list[str]) -> dict[str, Wheel]:
    """What pip would install elsewhere. Raises `MissingWheel`."""
    tags = [word for tag in MACHINES[machine] for word in ("--platform", tag)]
    sources = [word for name in FROM_SOURCE for word in ("--no-binary", name)]
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "report.json"
        options = ["--dry-run", "--ignore-installed", "--no-deps", "--only-binary", ":all:"]
        command = ["install", "--quiet", *options, *sources, *tags, "--python-version", python]
        command = [sys.executable, "-m", "pip", *command, "--report", str(written), *lines]
        done = subprocess.run(command, capture_output=True, text=True)
        if none := re.search(r"No matching distribution found for (\S+)", done.stderr):
            raise MissingWheel(none[1])
        if done.returncode:
            sys.exit(done.stderr)
        return {
            canonicalize_name(each["metadata"]["name"]): Wheel(
                each["metadata"]["version"],
                each["download_info"]["archive_info"]["hashes"]["sha256"],
                tuple(map(Requirement, each["metadata"].get("requires_dist", []))),
            )
            for each in json.loads(written.read_text("utf-8"))["install"]
        }


def text(file: str, targets: list[Target]) -> str:
    """One file of the lock, for the targets that have all of it."""
    pythons: dict[str, list[str]] = {}
    for target in targets:
        pythons.setdefault(target.machine, []).append(target.python)
    whole = "\n".join(f"# {machine}: {', '.join(each)}" for machine, each in pythons.items())
    lines = [HEAD.format(what=FILES[file], whole=whole)]
    names = set().union(*(target.files[file] for target in targets))
    lines += [f"--no-binary {name}\n" for name in FROM_SOURCE if name in names]
    for name in sorted(names):
        wanted = [target for target in targets if name in target.files[file]]
        (said,) = {target.wheels[name].version for target in wanted}
        where = "" if wanted == targets else f" ; {marker(wanted, pythons)}"
        hashes = sorted({target.wheels[name].sha256 for target in wanted})
        lines.append(f"{name}=={said}{where}")
        lines += [f" \\\n    --hash=sha256:{each}" for each in hashes] + ["\n"]
    return "".join(lines)


def marker(wanted: list[Target], pythons: dict[str, list[str]]) -> str:
    """Tells the wanted targets from the others (PEP 508)."""
    clauses = {}
    for target in wanted:
        system, _, processor = target.machine.partition("-")
        clause = f'sys_platform == "{system}" and platform_machine == "{processor}"'
        mine = [each.python for each in wanted if each.machine == target.machine]
        if mine != pythons[target.machine]:
            clause += f' and python_version == "{target.python}"'
        clauses[clause] = None
    return " or ".join(clauses)


def main() -> None:
    targets = [Target(machine, python) for machine in MACHINES for python in PYTHONS]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Target.resolve, targets))
    for file in FILES:
        known = [target for target in targets if file in target.files]
        (FOLDER / f"{file}.txt").write_text(text(file, known), "utf-8")


if __name__ == "__main__":
    main()
