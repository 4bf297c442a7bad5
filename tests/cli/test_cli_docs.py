"""The commands in docs/sources.md, run in its order in a folder that has what they speak of."""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from fakes import fill, image_bytes
from typer.testing import CliRunner

from explorer.cli.app import app
from explorer.curate import FORMATS, WAYS

DOCS = Path(__file__).parents[2] / "docs"


def commands(page: str) -> list[list[str]]:
    blocks = re.findall(r"```bash\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]


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


def test_every_format_and_way_is_told_of_in_the_docs():
    told = (DOCS / "curate.md").read_text("utf-8")
    for name in (*FORMATS, *WAYS):
        assert f"`{name}`" in told, name
