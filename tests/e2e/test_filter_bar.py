"""The filter that every page has, as one uses it."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from support.browser import OpenPage, filtered
from support.pages import pick

from explorer import Dataset, where
from explorer.filters import OneOf, Range, Sql

pytestmark = pytest.mark.e2e

FISH = filtered("", OneOf("label", ("fish",)))[1:]


@pytest.fixture
def page(open_page: OpenPage, app_url: str) -> Page:
    opened = open_page(f"{app_url}/outliers")
    expect(opened.get_by_role("heading", name="The oddest first")).to_be_visible()
    return opened


def open_panel(page: Page) -> None:
    page.get_by_role("button", name="Add filter", exact=True).click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()


def chips(page: Page) -> list[str]:
    return page.locator(".st-key-filter_bar .words").all_inner_texts()


def test_a_filter_made_by_clicking_goes_from_page_to_page_and_by_link(
    page: Page, open_page: OpenPage, dataset: Dataset
) -> None:
    fish = len(where(dataset.space(), "label = 'fish'"))
    open_panel(page)  # the label is what it offers first
    page.get_by_role("combobox", name="Values").click()
    page.get_by_role("option", name=re.compile("^fish")).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"Show {fish} images").click()
    expect(page.get_by_text(f"{fish} of 128 images", exact=True)).to_be_visible()
    assert chips(page) == ["Label is fish"]
    expect(page).to_have_url(re.compile(re.escape(FISH)))

    page.get_by_role("link", name="Map").click()
    expect(page.locator(".explorer-map")).to_contain_text(f"{fish} images of 128")
    legend = page.locator(".explorer-map .entry")
    expect(legend).to_have_count(1)
    page.get_by_role("link", name="Clusters").click()
    expect(page.get_by_text(f"{fish} of 128 images", exact=True)).to_be_visible()

    other = open_page(page.url)
    expect(other.get_by_text(f"{fish} of 128 images", exact=True)).to_be_visible()
    other.get_by_role("button", name="Remove filter 1").click()
    expect(other.get_by_text("of 128 images", exact=False)).to_have_count(0)
    assert "filter" not in other.url
    assert chips(page) == ["Label is fish"]


def test_ranges_text_and_presence(page: Page, dataset: Dataset) -> None:
    space = dataset.space()
    open_panel(page)
    pick(page, "Column", "Outlier score")
    page.get_by_test_id("stPopoverBody").get_by_role("slider").first.focus()
    page.keyboard.press("PageUp")
    page.get_by_role("button", name=re.compile("^Show .* images?$")).click()
    page.wait_for_function("() => document.querySelectorAll('.st-key-filter_bar .words').length")
    [range_words] = chips(page)
    assert range_words.startswith("Outlier score at least ")

    open_panel(page)
    pick(page, "Column", "Path")
    page.get_by_role("textbox", name="Contains").fill("FISH")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^Show .* images?$")).click()
    expect(page.get_by_text("Path contains “fish”", exact=True)).to_be_visible()
    asked = [
        chip.get_attribute("title") for chip in page.locator(".st-key-filter_bar .words").all()
    ]
    count = len(where(space, " AND ".join(f"({each})" for each in asked)))
    expect(page.get_by_text(f"{count} of 128 images", exact=True)).to_be_visible()

    page.get_by_role("button", name="Clear all").click()
    open_panel(page)
    pick(page, "Column", "Picture fault")
    page.get_by_text("Any value (1)").click()
    page.get_by_role("button", name="Show 1 image", exact=True).click()
    expect(page.get_by_text("Picture fault: any", exact=True)).to_be_visible()


def test_sql_that_is_wrong_or_reads_files_is_refused_in_words(page: Page) -> None:
    open_panel(page)
    page.get_by_text("SQL", exact=True).click()
    box = page.get_by_role("textbox", name="True for the images to show")
    for wrong, says in (
        ("labl = 'fish'", 'column "labl" not found'),
        ("(SELECT count(*) FROM read_text('/etc/passwd')) > 0", "disabled"),
    ):
        box.fill(wrong)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("alert").filter(has_text=says)).to_be_visible()
    box.fill("width > height AND label <> 'fish'")
    page.get_by_role("button", name="Add", exact=True).click()
    chip = page.get_by_text("width > height AND label <> 'fish'", exact=True)
    expect(chip).to_be_visible()
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)


def test_what_does_not_fit_is_dropped_with_a_message(open_page: OpenPage, app_url: str) -> None:
    lost = filtered("", Range("no_such_column", low=1))[1:]
    page = open_page(f"{app_url}/outliers?{FISH}&{lost}&filter=%7B%22kind%22%3A9%7D")
    expect(page.get_by_text("A filter in the address was left out: '{\"kind\":9}'")).to_be_visible()
    note = page.get_by_text("The filter “no_such_column at least 1” was taken away")
    expect(note).to_be_visible()
    assert chips(page) == ["Label is fish"]
    page.get_by_role("button", name="OK", exact=True).click()
    expect(note).to_have_count(0)
    expect(page).to_have_url(re.compile(re.escape(FISH)))
    assert "no_such_column" not in page.url


@pytest.mark.parametrize("link", ["filter", "where"])  # as links were before
def test_sql_in_a_link_waits_for_a_click(
    open_page: OpenPage, app_url: str, dataset: Dataset, link: str
) -> None:
    sql = "label = 'fish' AND width > height OR contains(path, '</code><img src=x>')"
    wide = len(where(dataset.space(), sql))
    url = f"{app_url}/outliers"
    page = open_page(filtered(url, Sql(sql)) if link == "filter" else f"{url}?where={quote(sql)}")
    waits = page.locator("[class*=st-key-filter_waiting_]")
    expect(waits.locator("code")).to_have_text(sql)
    expect(page.locator(".st-key-filter_bar .words")).to_have_count(0)
    waits.get_by_role("button", name="Run this filter").click()
    expect(page.get_by_text(f"{wide} of 128 images", exact=True)).to_be_visible()
    expect(waits).to_have_count(0)
    page.get_by_role("link", name="Clusters").click()  # this session has agreed
    expect(page.get_by_text(f"{wide} of 128 images", exact=True)).to_be_visible()
    page.reload()  # which begins another one
    expect(waits.locator("code")).to_have_text(sql)
    waits.get_by_role("button", name="Remove it").click()
    expect(waits).to_have_count(0)
    assert "where" not in page.url
    assert "filter" not in page.url


def test_what_is_shown_is_selected_and_exported(
    open_page: OpenPage, app_url: str, dataset: Dataset
) -> None:
    fish = len(where(dataset.space(), "label = 'fish'"))
    page = open_page(f"{app_url}/export?{FISH}")
    expect(page.get_by_role("heading", name=f"Write {fish} images")).to_be_visible()
    page.get_by_role("button", name="Select what is shown").click()
    expect(page.locator(".st-key-selection_summary")).to_contain_text(f"{fish} selected")
    page.locator(".st-key-filter_bar").get_by_role("button", name="Clear all").click()
    expect(page.get_by_role("heading", name=f"Write {fish} images")).to_be_visible()


def test_nothing_passes(open_page: OpenPage, app_url: str) -> None:
    page = open_page(filtered(f"{app_url}/map", Range("width", high=-1)))
    expect(page.get_by_text("No image passes the filter")).to_be_visible()
    page.get_by_role("button", name="Clear all").click()
    expect(page.get_by_text("No image passes the filter")).to_have_count(0)
