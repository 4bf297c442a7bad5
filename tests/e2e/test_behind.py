"""A space that lacks images which came later says so, and leads to the form that embeds them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.browser import ROOT, OpenPage
from support.pages import app_on

from explorer import batch

pytestmark = pytest.mark.e2e

SLOW = 120_000  # ms: a process that embeds and analyses
QUICK = ("color-histogram", "edges-hog")  # extractors without a model


def embed(photos: Path, cache: Path, *extractors: str) -> None:
    settings = batch.EmbedSettings(extractors=extractors, spaces=(), analyze=False)
    batch.embed(photos, cache=cache, settings=settings)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve photos of two labels."""
    for label in ("hammer", "multimeter"):
        shutil.copytree(ROOT / "sample_data" / label, tmp_path / "photos" / label)
    return tmp_path / "photos"


@pytest.fixture
def url(photos: Path, tmp_path: Path) -> Iterator[str]:
    """The second space lacks the two photos that came last."""
    cache = tmp_path / "cache"
    embed(photos, cache, *QUICK)
    shutil.copytree(ROOT / "sample_data" / "wrench", photos / "wrench")
    embed(photos, cache, QUICK[0])
    with app_on(cache, tmp_path / "log.txt") as address:
        yield address


def form_of(page: Page) -> tuple[str, str, list[str]]:
    """What the form of Add images holds: folder, name, extractors."""
    expect(page.get_by_role("heading", name="Embed a folder")).to_be_visible()
    chips = page.locator("[data-testid=stMultiSelect] .react-aria-ComboBox span[title]")
    expect(chips.first).to_be_visible()
    folder, name = (page.get_by_label(each, exact=True) for each in ("Folder", "Name"))
    return folder.input_value(), name.input_value(), chips.all_inner_texts()


def test_a_space_that_fell_behind_says_so_and_is_brought_up_to_date(
    open_page: OpenPage, url: str, photos: Path
) -> None:
    says = f"2 images of the dataset are not in the space “{QUICK[1]}” yet."
    page = open_page(f"{url}/outliers?space={QUICK[0]}")
    expect(page.get_by_role("heading", name="Outliers")).to_be_visible()
    expect(page.get_by_text(says)).to_have_count(0)
    page.get_by_role("link", name="Compare spaces").click()
    expect(page.get_by_text(says)).to_be_visible()
    page = open_page(f"{url}/outliers?space={QUICK[1]}")
    expect(page.get_by_text(says)).to_be_visible()
    page.get_by_role("button", name="Bring it up to date").click()
    assert form_of(page) == (str(photos), "photos", list(QUICK))
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Done: ", exact=False)).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Look at it").click()
    page.goto(f"{url}/outliers?space={QUICK[1]}")
    expect(page.get_by_text("14 images", exact=False).first).to_be_visible()
    expect(page.get_by_text("are not in the space", exact=False)).to_have_count(0)


def test_add_images_opened_from_compare_is_about_that_dataset(
    open_page: OpenPage, app_url: str
) -> None:
    page = open_page(f"{app_url}/compare")
    page.get_by_role("button", name="Add images").click()
    extractors = ["efficientnet-lite0"]
    assert form_of(page) == (str(ROOT / "sample_data"), "sample_data", extractors)
    # Opened by itself it is about no dataset: another folder would come into this one.
    page.get_by_role("link", name="Map").click()
    expect(page.get_by_role("heading", name="Map", exact=True)).to_be_visible()
    page.get_by_role("link", name="Add images").click()
    assert form_of(page) == ("", "", extractors)
