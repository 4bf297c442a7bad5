"""Names that are imported when somebody asks for them."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = [
    "",
    ".analysis",
    ".batch",
    ".curate",
    ".extractors",
    ".images",
    ".probe",
    ".search",
    ".store",
]


def said_by(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def package(tmp_path):
    """A package `house`, in whose module `bake` there is a function `bake`, told when it loads."""
    (tmp_path / "house").mkdir()
    (tmp_path / "house/__init__.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "from explorer.on_demand import names_on_demand\n"
        "if TYPE_CHECKING:\n"
        "    from house import cellar\n"
        "    from house.bake import bake as bread, bake\n"
        "names_on_demand(__name__)\n"
    )
    (tmp_path / "house/bake.py").write_text("print('loaded')\ndef bake(): return 'warm'\n")
    (tmp_path / "house/cellar.py").write_text("DEEP = True\n")
    return tmp_path


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import house", ""),
        ("import house; print(dir(house)[-3:])", "['bake', 'bread', 'cellar']"),
        ("import house; print(house.cellar.DEEP)", "True"),
        ("from house import bread; print(bread())", "loaded\nwarm"),
        ("import house; print(house.bake(), house.bake())", "loaded\nwarm warm"),
        # A module with the name of what is in it does not take its place, whoever imports it.
        ("import house.bake; print(house.bake())", "loaded\nwarm"),
        ("from house.bake import bake; import house; print(house.bake())", "loaded\nwarm"),
        ("import house; house.bake = len; print(house.bake('abc'))", "3"),
    ],
)
def test_a_name_is_imported_when_it_is_asked_for_and_not_before(package, code, said):
    assert said_by(code, package) == said


def test_a_name_that_is_not_there_is_missed_as_in_any_package(package):
    code = (
        "import house\n"
        "print(hasattr(house, 'attic'))\n"
        "try: from house import attic\n"
        "except ImportError as error: print(error.name)"
    )
    assert said_by(code, package) == "False\nhouse"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_gives_each_name_that_it_says_it_has(room):
    package = importlib.import_module(f"explorer{room}")
    assert [name for name in dir(package) if not name.startswith("__")] == sorted(package.__all__)
    assert all(getattr(package, name) is not None for name in package.__all__)
