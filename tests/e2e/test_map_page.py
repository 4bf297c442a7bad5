"""The page Map: other layouts, and laying out again while one watches."""

import re

import pytest
from browser import OpenPage
from playwright.sync_api import expect

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
