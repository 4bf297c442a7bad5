"""Every page shows something sensible of the smallest and strangest datasets."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.fakes import analyzed, embed, fill

from explorer.curate import STRATEGIES

EVIL = '<img src=x onerror="alert(1)"> & "ü" 🦉'

SMALL: dict[str, dict[str, int | bytes]] = {
    "one": {"a.jpg": 1},
    "two": {"a.jpg": 1, "b.jpg": 2},
    "all the same": {f"{i}.jpg": 1 for i in range(8)},
    "no labels": {f"{i}.jpg": i for i in range(9)},
    "strange labels": {f"{label}/{i}.jpg": i for i in range(4) for label in (EVIL, "y" * 200)},
}
PAGES = sorted((Path(__file__).parents[2] / "pages").glob("*.py"))


def opened(page: str) -> AppTest:
    [file] = [each for each in PAGES if each.stem == page]
    return AppTest.from_file(file, default_timeout=60).run()


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A cache for each of the small datasets."""
    made = {}
    for name, files in SMALL.items():
        folder = tmp_path_factory.mktemp("small")
        analyzed(fill(folder / name, files), folder / "cache")
        made[name] = folder / "cache"
    return made


@pytest.mark.parametrize("page", [each.stem for each in PAGES])
@pytest.mark.parametrize("name", SMALL)
def test_a_small_dataset_is_shown_or_told_why_not(
    caches: dict[str, Path], monkeypatch: pytest.MonkeyPatch, name: str, page: str
) -> None:
    monkeypatch.setenv("EXPLORER_CACHE", str(caches[name]))
    app = opened(page)
    assert not app.exception, app.exception


@pytest.mark.parametrize("how", STRATEGIES)
@pytest.mark.parametrize("name", ["one", "all the same", "strange labels"])
def test_every_way_of_choosing_gives_something_or_says_why_not(
    caches: dict[str, Path], monkeypatch: pytest.MonkeyPatch, name: str, how: str
) -> None:
    monkeypatch.setenv("EXPLORER_CACHE", str(caches[name]))
    app = opened("choose")
    app.selectbox(key="choose_how").set_value(how).run()
    next(button for button in app.button if button.label == "Choose").click().run()
    assert not app.exception, app.exception


def test_with_nothing_selected_an_export_offers_all(
    caches: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_CACHE", str(caches["no labels"]))
    app = opened("export")
    buttons = {button.label: button for button in app.button}
    assert {"Select all 9 images", "Map", "Choose"} <= buttons.keys()
    buttons["Select all 9 images"].click().run()
    assert not app.exception, app.exception
    assert any("Write 9 images as Folder" in str(each.proto) for each in app.get("html"))


def test_a_photo_that_came_after_the_graph_has_its_neighbours_beside_the_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(8)})
    analyzed(source, tmp_path / "cache")
    fill(source, {"new.jpg": 50})
    embed(source, tmp_path / "cache")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    [file] = [each for each in PAGES if each.stem == "map"]
    app = AppTest.from_file(file, default_timeout=60)
    app.query_params["image"] = "8"
    app.run()
    assert not app.exception, app.exception
    said = " ".join(str(each.proto) for each in app.get("html"))
    assert "Neighbours of #8" in said
    assert "is not in the neighbour graph" not in said
