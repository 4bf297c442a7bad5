"""The page Features, as one uses it."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect
from support.browser import OpenPage, settled

from explorer import Dataset, extractors

pytestmark = pytest.mark.e2e


def test_a_channel_and_why_two_are_alike(
    open_page: OpenPage, compared_url: str, compared: Dataset
) -> None:
    page = open_page(f"{compared_url}/features?image=0&space=efficientnet-lite0", height=1400)
    space = compared.space("efficientnet-lite0")
    heading = page.get_by_role("heading", name=re.compile("^Most “channel"))
    expect(heading).to_be_visible()
    channel = int(re.findall(r"\d+", heading.inner_text())[0])
    assert channel == int(space.embeddings().std(axis=0).argmax())
    strongest = int(space.image_ids[space.embeddings()[:, channel].argmax()])
    cards = page.get_by_role("listbox", name="Strongest").get_by_role("option")
    expect(cards.first).to_have_attribute("data-id", str(strongest))
    heats = page.get_by_role("group", name="Where it is found").locator("img.heat")
    expect(heats).to_have_count(12)
    expect(heats.first).to_have_js_property("naturalWidth", 7)
    settled(page)

    page.get_by_text("Why two are alike", exact=True).click()
    near, _ = space.neighbors(0, 2)
    unit = [vector / np.linalg.norm(vector) for vector in map(space.vector, (0, *near.tolist()))]
    for place in (0, 1):
        similarity = f"{unit[0] @ unit[place + 1]:.2f}"
        title = f"#0 and #{near[place]}: similarity {similarity}"
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        if place == 0:
            settled(page)
            page.get_by_role("listbox", name="Compare with").get_by_role("option").nth(1).click()
    alike = page.get_by_role("group", name="Where they are alike").locator("img.heat")
    expect(alike).to_have_count(2)
    shared = page.get_by_role("button", name=re.compile(r"^channel \d+: \d"))
    name = shared.first.inner_text().split(":")[0]
    settled(page)
    shared.first.click()
    expect(page.get_by_role("heading", name=f"Most “{name}”")).to_be_visible()


def test_dimensions_with_names(open_page: OpenPage, compared_url: str) -> None:
    page = open_page(f"{compared_url}/features?space=color-histogram")
    expect(page.get_by_role("heading", name=re.compile("^Most “[a-z]"))).to_be_visible()
    offered = page.locator(".st-key-offered [data-testid=stButtonGroup]").locator("button")
    name = offered.nth(2).inner_text()
    assert name in extractors.get("color-histogram").dimension_names
    offered.nth(2).click()
    expect(page.get_by_role("heading", name=f"Most “{name}”")).to_be_visible()
    expect(page.get_by_role("listbox", name="Strongest")).to_be_visible()
    expect(page.locator("img.heat")).to_have_count(0)
