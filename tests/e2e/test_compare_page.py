"""The page Compare spaces, as one uses it."""

import re

import pytest
from playwright.sync_api import expect
from support.browser import OpenPage
from support.maps import lonely_row, place

from explorer import Dataset

pytestmark = pytest.mark.e2e

LEARNED = 120_000  # ms: a process that imports scikit-learn, and learns 200 classifiers
READY = ".explorer-map[data-pickable]"


def test_from_the_verdict_to_what_they_disagree_on(
    open_page: OpenPage, compared_url: str, compared: Dataset
) -> None:
    page = open_page(f"{compared_url}/compare", height=1400)
    better = re.compile(r"neighbour, efficientnet-lite0 \(\d+.*is better than color-histogram")
    expect(page.get_by_text(better)).to_be_visible()

    # Linked maps: hovering needs no run of the script, a lasso selects in both.
    expect(page.locator(READY)).to_have_count(2)
    page.locator(".explorer-map").first.scroll_into_view_if_needed()
    row = lonely_row(page, len(compared))
    x, y = place(page, row)
    page.mouse.move(x - 40, y)
    page.mouse.move(x, y, steps=4)
    other = page.locator(".explorer-map").nth(1)
    expect(other).to_have_attribute("data-pointed", str(compared.image_ids[row]))
    page.mouse.move(x - 14, y - 14)
    page.mouse.down()
    for dx, dy in ((14, -14), (14, 14), (-14, 14), (-14, -14)):
        page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()
    for shown in page.locator(".explorer-map footer .status").all():
        expect(shown).to_have_text(re.compile(r"^128 images · [1-9]\d* selected$"))

    # What they disagree on: a click shows both rows of neighbours.
    cards = page.get_by_role("listbox", name="Disagreed on").get_by_role("option")
    asked = cards.nth(2).get_attribute("data-id")
    cards.nth(2).click()
    expect(page.get_by_role("heading", name=f"Neighbours of #{asked} through")).to_be_visible()
    for name in compared.space_ids:
        nearest, _ = compared.space(name).neighbors(int(asked or 0), 1)
        beside = page.get_by_role("listbox", name=f"Neighbours in {name}").get_by_role("option")
        expect(beside.nth(0)).to_have_attribute("data-id", str(asked))
        expect(beside.nth(1)).to_have_attribute("data-id", str(nearest[0]))
    expect(page.get_by_role("row", name=re.compile(r"^color-histogram .* 79 "))).to_be_visible()

    # Label accuracy: learned in a process of its own, shown without asking again.
    page.get_by_role("button", name="Measure label accuracy").click()
    learned = page.get_by_text(re.compile(r"^By label accuracy, efficientnet-lite0 \("))
    expect(learned).to_be_visible(timeout=LEARNED)
    expect(page.get_by_text("The band holds eight in ten")).to_be_visible()
    expect(page.get_by_role("button", name="Measure label accuracy")).to_have_count(0)
