"""lock/renew.py: what it writes of wheels that pip has told it of."""

import importlib.util
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

RENEW = Path(__file__).parents[1] / "lock" / "renew.py"


@pytest.fixture
def renew(monkeypatch):
    spec = importlib.util.spec_from_file_location("renew", RENEW)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "renew", module)  # dataclasses look it up
    spec.loader.exec_module(module)
    return module


def target(renew, machine, python, *, digest="a", **requires):
    wheels = {
        name: renew.Wheel("1.0", digest * 64, tuple(map(Requirement, lines)))
        for name, lines in requires.items()
    }
    return renew.Target(machine, python, wheels)


def test_what_a_package_needs_is_followed_by_the_markers_of_the_other_machine(renew):
    packages = {
        "top": ["left", 'right; sys_platform == "win32"', 'old; python_version < "3.12"'],
        "left": ["far[more]"],
        "far": ["top", 'extra_one; extra == "more"', 'unasked; extra == "less"'],
        "extra-one": [],
        "right": [],
        "old": [],
    }
    linux = target(renew, "linux-x86_64", "3.11", **packages)
    assert linux.needed("top") == {"top", "left", "far", "extra-one", "old"}
    windows = target(renew, "win32-AMD64", "3.14", **packages)
    assert windows.needed("top") == {"top", "left", "far", "extra-one", "right"}
    assert windows.needed("top", without=frozenset({"left"})) == {"top", "right"}


def test_a_version_that_another_package_does_not_take_is_an_error(renew):
    here = target(renew, "linux-x86_64", "3.11", top=["left", "right"], left=["far"], far=[])
    here.wheels["right"] = renew.Wheel("1.0", "b" * 64, (Requirement("far>=2"),))
    with pytest.raises(ValueError, match=r"far>=2 is asked for, and 1\.0 is here"):
        here.needed("top")


def test_hashes_of_all_machines_stand_together_and_markers_where_not_all_take_it(renew):
    machines = [("linux-x86_64", "3.11"), ("linux-x86_64", "3.12"), ("win32-AMD64", "3.12")]
    both = {"anywhere": [], "windows": [], "new": []}
    targets = [
        target(renew, machine, python, digest=digest, **both)
        for (machine, python), digest in zip(machines, "bca", strict=True)
    ]
    for each, names in zip(targets, ["", "new", "windows new"], strict=True):
        each.files["dev"] = {"anywhere", *names.split()}
    written = renew.text("dev", targets)
    assert "# linux-x86_64: 3.11, 3.12\n# win32-AMD64: 3.12\n--require-hashes\n" in written
    linux = 'sys_platform == "linux" and platform_machine == "x86_64"'
    windows = 'sys_platform == "win32" and platform_machine == "AMD64"'
    lines = written.replace(" \\\n   ", "").splitlines()
    hashes = {digest: f"--hash=sha256:{digest * 64}" for digest in "abc"}
    assert lines[-3:] == [
        f"anywhere==1.0 {hashes['a']} {hashes['b']} {hashes['c']}",
        f'new==1.0 ; {linux} and python_version == "3.12" or {windows} {hashes["a"]} {hashes["c"]}',
        f"windows==1.0 ; {windows} {hashes['a']}",
    ]
