"""The environment variables stand in one module, and in docs."""

import os
import re
from pathlib import Path

from explorer import environment

ROOT = Path(__file__).parents[1]
NAMES = {
    value for name, value in vars(environment).items() if name.isupper() and name != "VARIABLES"
}


def test_docs_have_the_table():
    rows = [f"| `{name}` | {says} |" for name, says in environment.VARIABLES.items()]
    said = (ROOT / "docs" / "python.md").read_text()
    assert "| variable | says |\n|---|---|\n" + "\n".join(rows) in said
    assert {*environment.VARIABLES} == NAMES


def test_every_variable_of_ours_is_read_there_alone():
    for folder in ("explorer", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name != "environment.py":
                assert not re.search(r"""environ.*["']EXPLORER_""", path.read_text()), path


def test_no_variable_is_told_of_that_is_not_there():
    told = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "explorer").rglob("*.py")]
    named = {name for path in told for name in re.findall(r"EXPLORER_[A-Z_]+", path.read_text())}
    assert named == NAMES


def test_one_that_is_not_set_says_nothing(monkeypatch):
    monkeypatch.delenv(environment.MODELS, raising=False)
    assert environment.value_of(environment.MODELS) == ""
    monkeypatch.setitem(os.environ, environment.MODELS, "/models")
    assert environment.value_of(environment.MODELS) == "/models"
