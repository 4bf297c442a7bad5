"""A wheel holds every file of the package, and the pages."""

import fnmatch
import runpy
import tomllib
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).parents[1]
GIVEN = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
with mock.patch("setuptools.setup") as told:  # which would build: here only what it is told counts
    runpy.run_path(str(ROOT / "setup.py"))
PACKAGES = told.call_args.kwargs["packages"]


def files():
    every = (path.relative_to(ROOT) for path in (ROOT / "explorer").rglob("*") if path.is_file())
    return [path for path in every if "__pycache__" not in path.parts]


def test_every_folder_with_code_is_a_package_of_the_wheel():
    folders = {".".join(path.parent.parts) for path in files() if path.suffix in (".py", ".js")}
    assert folders | {"explorer.app_pages"} == {*PACKAGES}


def test_every_other_file_is_data_of_the_package_that_it_lies_in():
    missing = []
    given = GIVEN["package-data"]
    for path in files():
        if path.suffix == ".py":
            continue
        package = next(p for p in path.parents if ".".join(p.parts) in PACKAGES)
        patterns = [*given.get(".".join(package.parts), []), *given["*"]]
        name = path.relative_to(package).as_posix()
        if not any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
            missing.append(str(path))
    assert missing == []
