"""A dataset of several spaces: embedding again brings all of them up to date, or says which not."""

import json

import pytest
from support.fakes import fill
from typer.testing import CliRunner

import explorer as api
from explorer import extractors
from explorer.batch import JobRequest
from explorer.batch.background import run_job
from explorer.cli.app import app
from explorer.errors import ExtractorError
from explorer.store import open_dataset, read_job


@pytest.fixture
def explorer(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(4)})

    def run(*arguments, code: int = 0) -> str:
        result = CliRunner().invoke(app, [*arguments])
        assert result.exit_code == code, result.output
        return " ".join((result.stdout if code == 0 else result.stderr).split())

    run("embed", "photos", "--extractor", "fake", "--extractor", "fake-2", "--no-analyze")
    fill(tmp_path / "photos", {"4.jpg": 4})
    return run


def counts() -> dict[str, int]:
    dataset = open_dataset("photos")
    return {name: len(dataset.space(name)) for name in dataset.space_ids}


def missing(id, **options):
    """What `extractors.get` does where the package of one is no longer there."""
    if id == "fake-2":
        raise ExtractorError("There is no extractor named 'fake-2'.")
    return real(id, **options)


real = extractors.get


@pytest.mark.parametrize("named", [[], ["--extractor", "fake"]])
def test_all_spaces_are_brought_up_to_date(explorer, named):
    told = json.loads(explorer("embed", "photos", *named, "--json"))
    assert counts() == {"fake": 5, "fake-2": 5}
    assert (told["embedded"], told["unchanged"], told["behind"]) == (1, 4, {})
    assert all(not open_dataset("photos").space(name).is_stale for name in counts())


def test_fewer_and_what_is_behind_is_told(explorer):
    told = explorer("embed", "photos", "--space", "fake", "--no-analyze")
    assert counts() == {"fake": 5, "fake-2": 4}
    assert "The space fake-2 is behind: it has no vector of 1 of the images." in told
    explorer("embed", "photos")
    assert counts() == {"fake": 5, "fake-2": 5}
    told = explorer("embed", "photos", "--space", "nope", code=1)
    assert "no space 'nope'. There are: fake, fake-2." in told


def test_an_extractor_that_is_gone_does_not_hold_up_the_others(explorer, monkeypatch):
    monkeypatch.setattr(extractors, "get", missing)
    told = explorer("embed", "photos", "--no-analyze")
    assert counts() == {"fake": 5, "fake-2": 4}
    assert "fake-2 is behind: it has no vector of 1 of the images. There is no extractor" in told
    told = explorer("embed", "photos", "--extractor", "fake-2", code=1)
    assert "There is no extractor named 'fake-2'" in told


def test_nothing_to_do_loads_no_network(explorer, monkeypatch):
    explorer("embed", "photos", "--no-analyze")

    def loaded(*arguments, **options):
        raise AssertionError("an extractor was opened")

    monkeypatch.setattr(extractors, "get", loaded)
    told = json.loads(explorer("embed", "photos", "--no-analyze", "--json"))
    assert (told["unchanged"], told["behind"]) == (5, {})


def test_vectors_from_elsewhere_stay_behind(explorer, tmp_path):
    """Nobody can make them but who brought them."""
    rows = [{"path": f"{i}.jpg", "v": [float(i), 1.0]} for i in range(4)]
    import pandas as pd

    pd.DataFrame(rows).to_parquet(tmp_path / "v.parquet")
    explorer("import", "photos", "--vectors", "v.parquet", "--images", "photos", "--space", "mine")
    told = json.loads(explorer("embed", "photos", "--no-analyze", "--json"))
    assert told["behind"] == {"mine": 1}
    assert counts() == {"fake": 5, "fake-2": 5, "mine": 4}


def test_in_python_and_from_the_app(explorer, tmp_path):
    import threading

    report = api.embed("photos", settings=api.EmbedSettings(analyze=False, spaces=("fake-2",)))
    assert (counts(), report.behind) == ({"fake": 4, "fake-2": 5}, {"fake": 1})
    request = JobRequest(str(tmp_path / "photos"), "photos", ("fake-2",))
    run_job(request, tmp_path / "cache", threading.Event())
    assert read_job(tmp_path / "cache", "photos").state == "done"
    assert counts() == {"fake": 5, "fake-2": 5}
