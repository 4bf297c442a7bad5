"""lock/: what it must name for each machine, and that the real pip holds files to it.

The wheels that pip is given here are small ones made on the spot: nothing is downloaded.
"""

import base64
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from importlib.metadata import distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
OURS = "embedding-space-explorer"
PARTS = ("tools", "explorer", "torch", "dev")
MACHINES = {"linux-x86_64", "linux-aarch64", "darwin-arm64", "win32-AMD64"}
TORCH = {"torch", "torchvision"}
HERE = f"{sys.platform}-{platform.machine()}", "{}.{}".format(*sys.version_info)
AGAIN = "Run `.venv/bin/python lock/renew.py`."


@dataclass(frozen=True)
class Entry:
    version: str
    requirement: Requirement
    hashes: tuple[str, ...]

    def wanted(self, environment: dict[str, str]) -> bool:
        marker = self.requirement.marker
        return marker is None or marker.evaluate(environment)


def read(part):
    """The entries of one file by name, and the (machine, Python) for which it is whole."""
    text = (ROOT / "lock" / f"{part}.txt").read_text("utf-8")
    whole = [
        (machine, python)
        for machine, pythons in re.findall(r"^# (\S+-\S+): (3\..*)$", text, re.MULTILINE)
        for python in pythons.split(", ")
    ]
    entries = {}
    for line in text.replace("\\\n", "").splitlines():
        if line and line[0] not in "#-":
            said, *hashes = line.split("--hash=sha256:")
            requirement = Requirement(said.strip())
            (version,) = requirement.specifier
            assert version.operator == "=="
            hashes = tuple(each.strip() for each in hashes)
            entries[requirement.name] = Entry(version.version, requirement, hashes)
    return entries, whole


@pytest.fixture(scope="module")
def lock():
    return {part: read(part) for part in PARTS}


def environment(machine, python):
    system, _, processor = machine.partition("-")
    return {
        "os_name": "nt" if system == "win32" else "posix",
        "platform_machine": processor,
        "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[system],
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": system,
    }


def needed(where, extras=frozenset(), without=frozenset()):
    """The requirements that Explorer has on a machine, as far as the packages here say them."""
    asked, found = {}, []
    waiting = [(OURS, extras)]
    while waiting:
        name, wanted = waiting.pop()
        if name in asked and wanted <= asked[name]:
            continue
        asked[name] = asked.get(name, frozenset()) | wanted
        for requirement in map(Requirement, requires(name)):
            cases = [where | {"extra": extra} for extra in ("", *asked[name])]
            called = canonicalize_name(requirement.name)
            if called in without or not any(
                requirement.marker is None or requirement.marker.evaluate(case) for case in cases
            ):
                continue
            waiting.append((called, frozenset(requirement.extras)))
            if called != OURS:
                found.append(requirement)
    return found


def requires(name):
    """Explorer's own from pyproject.toml, where a new one stands before it is installed."""
    if name != OURS:
        try:
            return distribution(name).requires or []
        except ModuleNotFoundError:  # needed on other machines only
            return []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    extras = [f'{line} ; extra == "{extra}"' for extra, lines in optional.items() for line in lines]
    return project["dependencies"] + extras


@pytest.mark.parametrize("part", PARTS)
def test_each_entry_has_a_version_and_hashes_and_stands_in_one_file(lock, part):
    entries, whole = lock[part]
    assert entries
    assert whole
    for name, entry in entries.items():
        assert name == canonicalize_name(name)
        assert entry.hashes, name
        assert all(re.fullmatch(r"[0-9a-f]{64}", each) for each in entry.hashes), name
    for other in {*PARTS} - {part}:
        assert not {*entries} & {*lock[other][0]}


def test_no_hash_stands_for_two_packages(lock):
    hashes = [each for part in PARTS for entry in lock[part][0].values() for each in entry.hashes]
    assert len({*hashes}) == len(hashes) > 500


@pytest.mark.parametrize(
    ("parts", "asked"),
    [
        (("tools", "explorer"), {"without": TORCH}),
        (("tools", "explorer", "torch"), {}),
        (PARTS, {"extras": frozenset({"dev"})}),
    ],
    ids=["explorer", "torch", "dev"],
)
def test_on_each_machine_all_that_is_needed_is_there_in_a_version_that_fits(lock, parts, asked):
    entries = {name: entry for part in parts for name, entry in lock[part][0].items()}
    whole = lock[parts[-1]][1]
    assert {machine for machine, _ in whole} == MACHINES
    for machine, python in whole:
        where = environment(machine, python)
        for requirement in needed(where, **asked):
            entry = entries.get(canonicalize_name(requirement.name))
            assert entry, f"{requirement} is not in lock/. {AGAIN}"
            assert entry.wanted(where), f"{requirement} is not there on {machine}, {python}"
            fits = requirement.specifier.contains(entry.version, prereleases=True)
            assert fits, f"{requirement} is asked for; the lock has {entry.version}. {AGAIN}"


def test_a_graphics_card_of_nvidia_is_a_matter_of_linux_and_colorama_of_windows(lock):
    entries, whole = lock["torch"]
    linux = {name for name in entries if name.startswith(("nvidia-", "cuda-")) or name == "triton"}
    assert len(linux) > 10
    for machine, python in whole:
        where = environment(machine, python)
        there = {name for name, entry in entries.items() if entry.wanted(where)}
        assert there >= TORCH
        assert there & linux == (linux if machine.startswith("linux") else set())
        assert lock["explorer"][0]["colorama"].wanted(where) == machine.startswith("win32")


def test_what_is_tested_here_is_what_the_lock_names(lock):
    """A torch of one's own, with what it brought, is exempt; so are the tools."""
    entries = lock["explorer"][0] | lock["dev"][0]
    names = {canonicalize_name(each.name) for each in needed(environment(*HERE), {"dev"})}
    here = {name: distribution(name).version for name in names & {*entries}}
    assert len(here) > 100
    assert here == {name: entries[name].version for name in here}, AGAIN


# The real pip, on a project and wheels of the size of a sentence.

BACKEND = """
import zipfile
NAME = "tiny-1.0.dist-info/"
def get_requires_for_build_editable(settings=None): return []
def build_editable(folder, settings=None, metadata=None):
    with zipfile.ZipFile(folder + "/tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(NAME + "METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
        wheel.writestr(NAME + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n")
        wheel.writestr(NAME + "RECORD", "")
    return "tiny-1.0-py3-none-any.whl"
"""
PROJECT = """
[build-system]
requires = ["setuptools>=77"]
build-backend = "backend"
backend-path = ["."]
"""


def wheel(folder, name, version, text="pass\n"):
    """Make a wheel of one module; returns its SHA-256."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": text,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as written:
        rows = []
        for file, content in files.items():
            written.writestr(file, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest())
            rows.append(f"{file},sha256={digest.decode().rstrip('=')},{len(content)}")
        written.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,\n"]))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass
class Clone:
    """A small project with `set_up.sh` of ours, an environment of its own, and wheels at hand."""

    folder: Path

    @property
    def python(self):
        return self.folder / ".venv/bin/python"

    def lock(self, part, *entries):
        lines = ["# {}: {}".format(*HERE), "--require-hashes", "--only-binary :all:"]
        lines += [f"{name} --hash=sha256:{digest}" for name, digest in entries]
        (self.folder / "lock" / f"{part}.txt").write_text("\n".join(lines) + "\n")

    def set_up(self, *part):
        command = ["sh", "set_up.sh", ".venv/bin/python", *part]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )

    def put(self, name, version):
        """Unpack a package into the environment, as a user might have installed it."""
        wheel(self.folder, name, version)
        with zipfile.ZipFile(self.folder / f"{name}-{version}-py3-none-any.whl") as packed:
            packed.extractall(self.packages)

    @property
    def environment(self):
        mine = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
        return mine | {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.folder / "wheels"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    @property
    def packages(self):
        (folder,) = self.folder.glob(".venv/lib/*/site-packages")
        return folder

    @property
    def installed(self):
        return {each.name: each.version for each in distributions(path=[str(self.packages)])}


@pytest.fixture(scope="module")
def empty_environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("environment") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder


@pytest.fixture
def clone(tmp_path, empty_environment):
    shutil.copytree(empty_environment, tmp_path / ".venv", symlinks=True)
    for name in ("wheels", "lock"):
        (tmp_path / name).mkdir()
    shutil.copy(ROOT / "set_up.sh", tmp_path)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "backend.py").write_text(BACKEND)
    made = Clone(tmp_path)
    for part in PARTS:
        made.lock(part)
    return made


def test_what_the_lock_names_is_installed_and_nothing_is_fetched_to_build_explorer(clone):
    """The project asks for setuptools to be built, which is not to be had here."""
    clone.lock("explorer", ("apple==1.0", wheel(clone.folder / "wheels", "apple", "1.0")))
    clone.lock("torch", ("torch==2.0", wheel(clone.folder / "wheels", "torch", "2.0")))
    clone.lock("dev", ("pear==1.0", wheel(clone.folder / "wheels", "pear", "1.0")))
    done = clone.set_up()
    assert done.returncode == 0, done.stderr
    there = clone.installed
    assert (there["apple"], there["torch"], there["tiny"]) == ("1.0", "2.0", "1.0")
    assert "pear" not in there
    assert clone.set_up("dev").returncode == 0
    assert clone.installed["pear"] == "1.0"


def test_a_file_that_is_not_the_locked_one_is_refused(clone):
    wheels = clone.folder / "wheels"
    good = wheel(wheels, "apple", "1.0")
    assert wheel(wheels, "apple", "1.0", text="print('somebody was here')\n") != good
    clone.lock("explorer", ("apple==1.0", good))
    done = clone.set_up()
    assert done.returncode != 0
    assert good in done.stderr
    assert "does not match its\nhash" in done.stderr
    assert "apple" not in clone.installed
    assert "tiny" not in clone.installed


def test_a_torch_of_ones_own_stays(clone):
    """That of the lock is not to be had here: it would be an error to ask for it."""
    clone.lock("torch", ("torch==9.0", "0" * 64))
    clone.put("torch", "2.7+cpu")
    alone = clone.set_up()
    assert alone.returncode != 0
    assert "torchvision is missing" in alone.stderr
    clone.put("torchvision", "0.22+cpu")
    done = clone.set_up()
    assert done.returncode == 0, done.stderr
    assert "torch 2.7+cpu is there already" in done.stdout
    there = clone.installed
    assert (there["torch"], there["torchvision"], there["tiny"]) == ("2.7+cpu", "0.22+cpu", "1.0")


def test_a_torch_from_the_lock_is_renewed_with_it(clone):
    for version in ("9.0", "10.0"):
        digest = wheel(clone.folder / "wheels", "torch", version)
        clone.lock("torch", (f"torch=={version}", digest))
        assert clone.set_up().returncode == 0
        assert clone.installed["torch"] == version
