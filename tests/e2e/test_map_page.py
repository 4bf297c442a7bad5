"""The page Map: other layouts, and laying out again while one watches."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support.browser import OpenPage, filtered
from support.maps import places

from explorer import Dataset
from explorer.filters import Sql

pytestmark = pytest.mark.e2e

LAID_OUT = 90_000  # ms: a process that imports UMAP, and lays out twice


def test_another_layout_and_a_link_to_it(open_page: OpenPage, app_url: str) -> None:
    page = open_page(f"{app_url}/map")
    plot = page.locator(".explorer-map")
    expect(plot).to_have_attribute("data-layout", re.compile("map_x.*map_y"))
    page.get_by_text("PCA", exact=True).click()
    expect(plot).to_have_attribute("data-layout", re.compile("pca_x.*pca_y"))
    expect(page).to_have_url(re.compile("layout=main"))
    other = open_page(page.url)
    expect(other.locator(".explorer-map")).to_have_attribute("data-layout", re.compile("pca_x"))


def test_laid_out_again_with_a_third_dimension(open_page: OpenPage, judged_url: str) -> None:
    page = open_page(f"{judged_url}/map")
    plot = page.locator(".explorer-map")
    expect(plot).to_have_attribute("data-layout", re.compile("map_x"))
    before = plot.get_attribute("data-layout")
    assert before is not None
    page.get_by_role("button", name="Map settings").click()
    expect(page.get_by_text(re.compile(r"trustworthiness 0\.\d\d"))).to_be_visible()
    page.get_by_text("3-D as well").click()
    page.get_by_role("button", name="Lay out again").click()
    expect(page.locator("p.working")).to_be_visible()
    # The layout comes by itself, and the flat one is what it was but for its version.
    expect(page.get_by_text("UMAP 3-D", exact=True)).to_be_visible(timeout=LAID_OUT)
    expect(plot).not_to_have_attribute("data-layout", before)
    page.get_by_text("UMAP 3-D", exact=True).click()
    expect(plot).to_have_attribute("data-layout", re.compile("map_3d_z"))
    expect(page.get_by_role("button", name="Turn")).to_be_visible()


def drawn_names(page: Page) -> dict[str, tuple[float, float]]:
    """The names on the map and where they stand in its frame, as the map saves itself."""
    page.wait_for_selector(".explorer-map[data-ready]")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the map as a drawing").click()
    svg = ElementTree.parse(download.value.path()).getroot()
    texts = svg.iter("{http://www.w3.org/2000/svg}text")
    return {str(each.text): (float(each.get("x", 0)), float(each.get("y", 0))) for each in texts}


def test_a_filter_leaves_only_names_that_are_true_of_what_it_shows(
    open_page: OpenPage, app_url: str, dataset: Dataset
) -> None:
    space = dataset.space()
    named = space.clusters("cluster")
    codes = space.column("cluster")
    whole = drawn_names(open_page(f"{app_url}/map"))
    assert len(whole) > 1  # names that would cover another are left out

    # Of one cluster all but its most typical image, and of each other a single one.
    kept = named[0]
    others = [int(space.image_ids[np.flatnonzero(codes == each.number)[0]]) for each in named[1:]]
    shown = f"(cluster = {kept.number} AND image_id <> {kept.image_id})"
    shown += "".join(f" OR image_id = {other}" for other in others)
    page = open_page(filtered(f"{app_url}/map", Sql(shown)))
    page.get_by_role("button", name="Run this filter").click()
    expect(page.get_by_text(re.compile(r"^\d+ of 128 images$"))).to_be_visible()
    names = drawn_names(page)
    assert list(names) == [kept.name[:28] + ("…" if len(kept.name) > 28 else "")]
    frame = page.locator(".plot").bounding_box()
    assert frame is not None
    (_, top), *_ = names.values()
    rows = np.flatnonzero((codes == kept.number) & (space.image_ids != kept.image_id))
    tops = places(page, rows)[:, 1]
    assert min(abs(frame["y"] + top - each) for each in tops) < 1
