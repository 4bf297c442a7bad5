"""The commands in the docs work, and those that fetch or take long are at least right."""

import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.browser import ROOT
from support.fakes import fill, image_bytes
from typer.testing import CliRunner

from explorer.cli.app import app
from explorer.curate import FORMATS, STRATEGIES

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))]


def commands(page: str) -> list[list[str]]:
    blocks = re.findall(r"```bash\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [shlex.split(line, comments=True) for line in lines]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    import tarfile
    import zipfile

    monkeypatch.chdir(tmp_path)
    fill(tmp_path / "photos", {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(6)})
    (tmp_path / "photos/list.csv").write_text("path,label,year\na/0.jpg,x,1\nb/1.jpg,y,2\n")
    (tmp_path / "labels.csv").write_text("path,label\na/0.jpg,mine\n")
    pd.DataFrame({"image_id": [0, 3], "score": [0.5, 1.0]}).to_parquet("scores.parquet")
    with zipfile.ZipFile("photos.zip", "w") as archive:
        archive.writestr("cats/1.jpg", image_bytes(1))
    fill(tmp_path / "files", {"0.jpg": 0, "0.cls": b"7"})
    (tmp_path / "shards").mkdir()
    for number in range(2):
        with tarfile.open(f"shards/train-{number:03d}.tar", "w") as archive:
            archive.add("files", arcname="")
    (tmp_path / "pets/data").mkdir(parents=True)
    images = [{"bytes": image_bytes(number), "path": None} for number in range(3)]
    for name in ("train-00000-of-00001", "test-00000-of-00001"):
        pq.write_table(pa.table({"image": images}), f"pets/data/{name}.parquet")
    return tmp_path


def test_every_command_about_sources_works(folder):
    lines = commands("sources.md")
    assert len(lines) > 5
    for program, command, *arguments in lines:
        assert program == "explorer"
        if command == "embed":
            arguments += ["--extractor", "fake"]
        result = CliRunner().invoke(app, [command, *arguments])
        assert result.exit_code == 0, (command, arguments, result.output)


@pytest.fixture
def two_datasets(tmp_path, monkeypatch, sample_cache):
    """The sample photos as `sample_data`, and as the `photos` that the docs speak of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    for name in ("sample_data", "photos"):
        shutil.copytree(sample_cache / "sample_data", tmp_path / "cache" / name)
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    shutil.copy(ROOT / "sample_data/fish/fish2.jpg", tmp_path / "new.jpg")
    return tmp_path


@pytest.mark.parametrize("page", ["../README.md", "search.md", "curate.md"])
def test_every_command_about_what_is_embedded_works(page, two_datasets):
    lines = [line[1:] for line in commands(page) if line[:1] == ["explorer"]]
    ran = [line for line in lines if line[0] not in ("embed", "serve")]
    assert len(ran) > 3
    for line in ran:
        result = CliRunner().invoke(app, line)
        assert result.exit_code == 0, (line, result.output)


def lines_of(page: Path) -> list[str]:
    """The lines of a page that begin with `explorer`, or with `$ explorer` before an output."""
    text = page.read_text("utf-8").replace("\\\n", " ")
    return re.findall(r"^(?:\$ )?(explorer .*)$", text, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_command_in_the_docs_is_wrong_usage(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # nothing that they speak of is here, so nothing is done
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    for line in lines_of(page):
        result = CliRunner().invoke(app, shlex.split(line, comments=True)[1:])
        assert result.exit_code in (0, 1), (line, result.output)


def test_every_format_and_way_is_told_of_in_the_docs():
    told = (DOCS / "curate.md").read_text("utf-8")
    for name in (*FORMATS, *STRATEGIES):
        assert f"`{name}`" in told, name
