"""Datasets with hostile names, without analysis, that change or vanish while one looks."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.browser import OpenPage, filtered, running_app, settled
from support.fakes import analyzed, embed, fill

from explorer import Dataset, batch, open_dataset
from explorer.filters import OneOf
from explorer.store import writing

pytestmark = pytest.mark.e2e

HOSTILE = (
    '<img src=x onerror="window.pwned = 1"> & "ü" 🦉',
    "![x](https://example.org/x.png) **bold** :red[no] `code` $x^2$ :fire: a--b ->",
    'it\'s \\ "quoted"; DROP TABLE images --',
    "y" * 300,
)
PAGES = ("", "map", "neighbours", "clusters", "outliers", "duplicates", "labels", "compare")
PAGES += ("features", "selection", "choose", "export")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset whose labels and names are hostile; eight images need no UMAP."""
    folder = tmp_path_factory.mktemp("hostile")
    names = {f"<b>{place}</b> 🦉 'x'.jpg": place // 2 for place in range(8)}
    broken = {'<i onclick="window.pwned = 1">.jpg': b"\xff\xd8\xff"}
    dataset = analyzed(fill(folder / "photos", names | broken), folder / "cache")
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label"])
        paths = dataset.table(["path"])["path"].to_pylist()
        writer.writerows([path, HOSTILE[place % 4]] for place, path in enumerate(paths))
    batch.annotate(dataset, folder / "labels.csv")
    return folder / "cache"


@pytest.fixture(scope="module")
def url(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("app") / "log.txt"
    with running_app("explorer/app.py", (), log, env={"EXPLORER_CACHE": str(cache)}) as address:
        yield address
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.mark.parametrize("label", HOSTILE, ids=["html", "markdown", "sql", "long"])
def test_a_hostile_label_shows_as_text_in_the_chip_of_its_filter(
    open_page: OpenPage, url: str, label: str
) -> None:
    page = open_page(filtered(f"{url}/outliers", OneOf("label", (label,))), width=900)
    expect(page.get_by_text("2 of 8 images", exact=True)).to_be_visible()
    assert page.locator("[class*=st-key-chip_] .words").inner_text() == f"Label is {label}"
    assert page.evaluate("window.pwned") is None


def test_hostile_labels_show_as_text_in_charts_and_cards(open_page: OpenPage, url: str) -> None:
    hostile = OneOf("label", tuple(HOSTILE))
    page = open_page(filtered(f"{url}/", hostile), width=900)
    for address in PAGES:
        page.goto(filtered(f"{url}/{address}?image=1", hostile))
        settled(page)
        expect(page.get_by_text("8 of 8 images", exact=True)).to_be_visible()
        assert page.locator("[data-testid=stException]").count() == 0
        across = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert across[0] <= across[1], f"{address or 'overview'} overflows"
        assert page.evaluate("window.pwned") is None


def test_hostile_labels_can_be_chosen_in_the_panel(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/outliers")
    page.get_by_role("button", name="Add filter", exact=True).click()
    for label in HOSTILE[:3]:
        page.get_by_role("combobox", name="Values").click()
        page.get_by_role("option", name=f"{label} (2)", exact=True).click()
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Show 6 images").click()
    words = page.locator("[class*=st-key-chip_] .words")
    for label in HOSTILE[:3]:
        expect(words).to_contain_text(label)
    assert page.evaluate("window.pwned") is None


def test_rejected_files_are_listed_by_name(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    expect(page.get_by_role("heading", name="1 file could not be read")).to_be_visible()
    page.locator("details.rejected summary").click()
    expect(page.locator("details.rejected li")).to_have_text('<i onclick="window.pwned = 1">.jpg')


def test_a_tiny_photo_is_shown_large_enough_to_look_at(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/neighbours?image=1")
    photo = page.locator(".explorer-crop[data-ready] .photo")
    expect(photo).to_be_visible()
    box = photo.bounding_box()
    assert box is not None
    assert box["width"] >= 200
    assert box["width"] / box["height"] == pytest.approx(24 / 20, abs=0.02)
    page.goto(filtered(f"{url}/map?image=1", OneOf("image_id", (1,))))
    photo = page.get_by_role("img", name="Image 1:")
    expect(photo).to_have_js_property("complete", True)
    assert photo.evaluate("image => image.naturalWidth") == 24
    assert photo.evaluate("image => Math.min(image.width, image.height)") >= 200
    expect(page.locator(".explorer-map .status")).to_have_text("1 image of 8")


# --- not analysed yet, changing, vanishing


@pytest.fixture
def bare(tmp_path: Path) -> Dataset:
    """Embedded, not analysed; nothing has a label."""
    report = embed(fill(tmp_path / "bare", {f"{i}.jpg": i for i in range(6)}), tmp_path / "cache")
    return open_dataset(report.dataset, cache=tmp_path / "cache")


@pytest.fixture
def bare_url(bare: Dataset, tmp_path: Path) -> Iterator[str]:
    environment = {"EXPLORER_CACHE": str(bare.root.parent)}
    with running_app("explorer/app.py", (), tmp_path / "log.txt", env=environment) as address:
        yield address
    assert "Traceback" not in (tmp_path / "log.txt").read_text()


def test_what_is_not_there_yet_is_told_and_comes_when_it_is(
    open_page: OpenPage, bare_url: str, bare: Dataset
) -> None:
    page = open_page(bare_url)
    expect(page.get_by_text("Nothing stands out yet")).to_be_visible()
    for address in PAGES[1:]:
        page.goto(f"{bare_url}/{address}?image=1")
        settled(page)
        assert page.locator("[data-testid=stException]").count() == 0
    page.goto(f"{bare_url}/outliers")
    expect(page.get_by_text("have not been computed", exact=False)).to_be_visible()
    with writing(bare.root):
        page.reload()
        expect(page.get_by_text("Another process is writing to it").first).to_be_visible()
    batch.analyze(bare)
    # The page waited for it: nobody has to click.
    expect(page.get_by_role("heading", name="The oddest first")).to_be_visible()
    expect(page.get_by_text("Another process is writing to it")).to_have_count(0)


def remove(folder: Path) -> None:
    """Whole, while the app may be taking away files of its own in it."""
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def test_a_dataset_that_vanishes_leaves_a_message_and_a_way_on(
    open_page: OpenPage, bare_url: str, bare: Dataset, tmp_path: Path
) -> None:
    analyzed(fill(tmp_path / "other", {f"{i}.jpg": 9 + i for i in range(4)}), bare.root.parent)
    # A photo that the page asks for at that moment is gone, too.
    page = open_page(f"{bare_url}/outliers?dataset=bare", expected=("/thumb/",))
    expect(page.get_by_text("6 images", exact=False).first).to_be_visible()
    remove(bare.root)
    page.get_by_role("link", name="Duplicates").click()
    expect(page.get_by_text("There is no dataset “bare”")).to_be_visible()
    expect(page.get_by_text("4 images", exact=False).first).to_be_visible()
    remove(bare.root.parent / "other")
    page.get_by_role("link", name="Clusters").click()
    expect(page.get_by_role("heading", name="Nothing to show yet")).to_be_visible()
    fill(tmp_path / "bare", {"7.jpg": 7})
    analyzed(tmp_path / "bare", bare.root.parent)
    # The empty page waits, too.
    expect(page.get_by_text("7 images", exact=False).first).to_be_visible()
