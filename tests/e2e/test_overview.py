"""The page Overview: the first one, its charts that filter, its cards that lead on."""

import re

import pytest
from playwright.sync_api import Page, expect
from support.browser import OpenPage, settled

from explorer import Dataset, where
from explorer.insight.findings import findings

pytestmark = pytest.mark.e2e


@pytest.fixture
def page(open_page: OpenPage, judged_url: str) -> Page:
    opened = open_page(judged_url)
    expect(opened.get_by_role("heading", name="Worth looking at")).to_be_visible()
    return opened


def card(page: Page, kind: str):
    return page.locator(f".st-key-card_finding_{kind}")


def test_it_comes_first_and_tells_what_there_is(page: Page, judged: Dataset) -> None:
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    tiles = page.locator("dl.tiles")
    for name, value in (("Images", "128"), ("Labels", "16"), ("Splits", "2"), ("Formats", "1")):
        expect(tiles.locator("div").filter(has_text=name)).to_contain_text(value)
    found = findings(judged.space())
    heads = page.locator("[class*=st-key-card_finding] h3")
    expect(heads).to_have_count(len(found))
    assert heads.all_inner_texts() == [each.title for each in found]
    for each in found:
        photos = card(page, each.kind).get_by_role("option")
        expect(photos.first).to_have_attribute(
            "data-id", str(judged.space().image_ids[each.rows[0]])
        )
    expect(page.locator("dl.quality")).to_have_count(5)
    right = judged.space().figures.of("label_accuracy")
    expect(page.locator("dl.quality").first).to_contain_text(f"{right:.0%}")
    expect(page.locator("dl.quality").first).to_contain_text("separable")


@pytest.mark.parametrize(
    ("kind", "lands_on", "shows"),
    [
        ("leaks", "Labels", "The same in two splits"),
        ("mislabelled", "Labels", "The most doubtful first"),
        ("faults", "Outliers", "Faults"),
        ("surplus", "Duplicates", None),
        ("smallest_cluster", "Clusters", None),
    ],
)
def test_a_card_leads_to_the_page_that_shows_it(
    page: Page, judged: Dataset, kind: str, lands_on: str, shows: str | None
) -> None:
    card(page, kind).get_by_role("button", name="Look").click()
    expect(page.get_by_role("heading", name=lands_on, exact=True)).to_be_visible()
    if shows:
        expect(page.get_by_role("heading", name=shows)).to_be_visible()
    finding = next(each for each in findings(judged.space()) if each.kind == kind)
    expect(page.locator("[class*=st-key-chip_]")).to_have_count(len(finding.filter))
    assert page.locator("[data-testid=stAlert]").count() == 0


def click_bar(page: Page, place: int) -> None:
    page.get_by_role("group", name="Labels").get_by_role("button").nth(place).click()


def test_a_bar_filters_and_a_second_click_lets_go(page: Page, judged: Dataset) -> None:
    fish = len(where(judged.space(), "label = 'fish'"))
    click_bar(page, 0)
    expect(page.get_by_text(f"{fish} of 128 images", exact=True)).to_be_visible()
    expect(page.locator("dl.tiles div").first).to_contain_text(str(fish))
    settled(page)
    # The chart goes on showing the other labels: a second one can be added.
    click_bar(page, 1)
    expect(page.get_by_text(re.compile("^Label is fish or "))).to_be_visible()
    settled(page)
    click_bar(page, 1)
    expect(page.get_by_text("Label is fish", exact=True)).to_be_visible()
    settled(page)
    click_bar(page, 0)
    expect(page.locator("[class*=st-key-chip_]")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 900])
def test_no_sliver_of_a_hidden_photo_shows_in_a_card(
    open_page: OpenPage, judged_url: str, judged: Dataset, width: int
) -> None:
    everything = judged.curation.save_selection(judged.image_ids)
    page = open_page(f"{judged_url}/?selection={everything}", width=width)
    expect(page.locator(".st-key-selection_summary")).to_contain_text("128 selected")
    galleries = page.locator("[class*=st-key-card_finding] .explorer-gallery[data-ready]")
    expect(galleries.nth(3)).to_be_visible()
    cut = galleries.evaluate_all(
        """(galleries) => galleries.flatMap((gallery) => {
            const { bottom } = gallery.querySelector('.list').getBoundingClientRect();
            const frame = 3; // pixels around the photo of a selected image
            return [...gallery.querySelectorAll('.cell')]
                .map((cell) => cell.getBoundingClientRect())
                .filter((cell) => cell.top - frame < bottom && cell.bottom > bottom);
        })"""
    )
    assert cut == []
