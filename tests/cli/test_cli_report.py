"""`explorer report` and `explorer.findings`: what the app's first page says, without the app."""

import base64
import json
import re
import shlex
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from support.fakes import analyzed, fill
from typer.testing import CliRunner

import explorer
from explorer.cli.app import app
from explorer.filters import decode, where

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve photos, three of them the same, and one of those under another label."""
    folder = tmp_path_factory.mktemp("report")
    names = {f"cat/{i}.jpg": i for i in range(8)} | {"cat/again.jpg": 1, f"{EVIL}/x.jpg": 1}
    analyzed(fill(folder / "photos", names | {f"{EVIL}/{i}.jpg": i for i in (8, 9)}), folder / "c")
    return folder / "c"


def run(cache: Path, *arguments: object) -> str:
    answer = CliRunner().invoke(app, ["report", *map(str, arguments), "--cache", str(cache)])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_it_tells_what_the_first_page_shows_and_how_to_get_there(cache: Path) -> None:
    told = run(cache, "photos")
    space = explorer.open_dataset("photos", cache=cache).space()
    found = explorer.findings(space.dataset)
    assert "images: 12 · labels: 2" in told
    assert {"unlike_labels", "surplus", "largest_group"} <= {each.kind for each in found}
    for finding in found:
        assert f"{finding.title}: {finding.says}" in told
    conditions = [shlex.split(line)[1] for line in told.splitlines() if "--where" in line]
    assert conditions
    for condition in conditions:  # as a shell reads it, for `explorer export`
        assert len(where(space, condition)) > 0


def test_json_holds_the_same_findings_and_addresses_that_lead_to_them(cache: Path) -> None:
    told = json.loads(run(cache, "photos", "--json"))
    dataset = explorer.open_dataset("photos", cache=cache)
    found = explorer.findings(dataset)
    assert [each["kind"] for each in told["findings"]] == [each.kind for each in found]
    for each, finding in zip(told["findings"], found, strict=True):
        assert each["image_ids"] == dataset.space().image_ids[finding.rows].tolist()
        address = urlsplit(each["address"])
        asked = parse_qs(address.query)
        assert address.path == finding.page
        assert (asked["dataset"], asked["space"]) == (["photos"], ["fake"])
        assert tuple(map(decode, asked.get("filter", []))) == finding.filter


class Reader(HTMLParser):
    """The elements of a page, and what its images are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.images: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "img":
            self.images.append(dict(attrs))


def test_the_page_holds_its_photos_and_nothing_from_elsewhere(cache: Path, tmp_path: Path) -> None:
    run(cache, "photos", "--html", tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    read = Reader(text)
    dataset = explorer.open_dataset("photos", cache=cache)
    shown = [
        int(image_id)
        for finding in explorer.findings(dataset)
        for image_id in dataset.space().image_ids[finding.rows]
    ]
    assert [image["alt"] for image in read.images] == [f"#{each}" for each in shown]
    data = [str(image["src"]).partition("base64,")[2] for image in read.images]
    assert [base64.b64decode(each) for each in data] == [dataset.thumbnail(each) for each in shown]
    assert all(set(image) == {"src", "alt"} for image in read.images)  # a label is no element
    assert "script" not in read.tags
    assert not re.search(r"https?://", text)


def test_a_report_replaces_a_report_and_nothing_else(cache: Path, tmp_path: Path) -> None:
    mine = tmp_path / "notes.html"
    mine.write_text("<!doctype html> my own")
    answer = CliRunner().invoke(app, ["report", "--html", str(mine), "--cache", str(cache)])
    assert answer.exit_code == 1
    assert "is no report of Explorer and stays as it is" in answer.output
    assert mine.read_text() == "<!doctype html> my own"
    run(cache, "--html", tmp_path / "report.html")
    run(cache, "--html", tmp_path / "report.html")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["notes.html", "report.html"]


def test_before_an_analysis_it_says_what_is_not_known_yet(tmp_path: Path) -> None:
    source = fill(tmp_path / "my photos", {f"{i}.jpg": i for i in range(4)})
    settings = explorer.EmbedSettings(extractors=("color-histogram",), analyze=False)
    explorer.embed(source, cache=tmp_path / "c", settings=settings)
    told = run(tmp_path / "c")
    assert "Nothing stands out." in told
    assert "`explorer analyze 'my photos'`" in told
