"""docs/analysis.md: the example of a new analysis works as told, and no setting is left out."""

import dataclasses
import re
import sys
import types
from pathlib import Path

import pytest
from support.fakes import embed, fill

from explorer import batch
from explorer.analysis import ANALYSES
from explorer.curate import export
from explorer.errors import UsageError
from explorer.filters import where
from explorer.store import open_dataset

DOC = (Path(__file__).parents[2] / "docs" / "analysis.md").read_text("utf-8")


@pytest.fixture
def hubs(monkeypatch):
    """The analysis that the document adds, added."""
    code = re.search(r"## Adding an analysis.*?```python\n(.*?)```", DOC, re.DOTALL)[1]
    module = types.ModuleType("explorer.analysis.hubs")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(code, "docs/analysis.md", "exec"), module.__dict__)
    everything = (*ANALYSES, module.HUBS)
    monkeypatch.setattr(sys.modules["explorer.batch.analyze"], "ANALYSES", everything)
    monkeypatch.setattr("explorer.analysis.all.ANALYSES", everything)
    return module


def test_an_analysis_of_one_file_and_one_line_is_stored_set_filtered_and_exported(hubs, tmp_path):
    embed(fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(9)}), tmp_path / "cache")
    batch.analyze(open_dataset(cache=tmp_path / "cache"))
    space = open_dataset(cache=tmp_path / "cache").space()
    assert space.column("hubness").sum() == 9 * 8
    assert space.column_meta("hubness").title == "Hubness"
    report = batch.analyze(space.dataset, changes=["hubs.nearest=2"])
    assert report.computed == ["hubs"]
    space = open_dataset(cache=tmp_path / "cache").space()
    assert space.column("hubness").sum() == 9 * 2
    found = where(space, "hubness >= 3")
    assert len(found) == (space.column("hubness") >= 3).sum()
    export(space, found, format="csv", to=tmp_path / "out")
    assert "hubness" in next((tmp_path / "out").glob("*.csv")).read_text()
    with pytest.raises(UsageError, match=r"hubs\.nearest is between 1 and 30, not 99\."):
        batch.analyze(space.dataset, changes=["hubs.nearest=99"])


def test_every_setting_is_told_with_its_default():
    for analysis in ANALYSES:
        for field in dataclasses.fields(analysis.settings):
            default = str(getattr(analysis.settings, field.name)).lower()
            assert f"| `{analysis.name}.{field.name}` | {default} | " in DOC


def test_every_column_is_told():
    for analysis in ANALYSES:
        for column in analysis.columns:
            assert f"`{column.name}`" in DOC
