"""The page Clusters, as one uses it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from support.browser import OpenPage, filtered, settled

from explorer import Dataset
from explorer.filters import OneOf

pytestmark = pytest.mark.e2e

MAP = ".explorer-map[data-ready]"


@pytest.fixture
def page(open_page: OpenPage, judged_url: str) -> Page:
    opened = open_page(f"{judged_url}/clusters")
    opened.wait_for_selector(MAP)
    return opened


@pytest.fixture
def own_page(open_page: OpenPage, own_url: Callable[[str], str]) -> Page:
    opened = open_page(own_url("clusters"))
    opened.wait_for_selector(MAP)
    return opened


def count(page: Page) -> int:
    return int(page.get_by_text(re.compile(r"^\d+ clusters$")).inner_text().split()[0])


def test_the_grain_redraws_map_table_and_cards_at_once(page: Page, judged: Dataset) -> None:
    usual = count(page)
    slider = page.get_by_role("slider", name="How many clusters")
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator(MAP)).to_have_attribute("data-ready", re.compile("cluster_most"))
    most = len(judged.space().clusters("cluster_most"))
    expect(page.get_by_text(f"{most} clusters", exact=True)).to_be_visible()
    assert most > usual
    expect(page.locator("[class*=st-key-card_cluster_most]").first).to_be_visible()
    largest = judged.space().cluster_names("cluster_most")[0]
    expect(page.locator(".explorer-map .legend")).to_contain_text(largest)


def test_a_card_tells_what_is_in_a_cluster(page: Page, judged: Dataset) -> None:
    largest = judged.space().clusters("cluster")[0]
    card = page.locator("[class*=st-key-card_cluster]").first
    expect(card.get_by_role("heading", name=largest.name)).to_be_visible()
    photos = card.get_by_role("listbox").get_by_role("option")
    expect(photos.first).to_have_attribute("data-id", str(largest.image_id))
    expect(photos.first).to_contain_text("most typical")
    expect(photos).to_have_count(9)


def test_a_new_name_is_kept(own_page: Page, own: Dataset) -> None:
    card = own_page.locator("[class*=st-key-card_cluster]").first
    card.get_by_role("button", name="Rename").click()
    own_page.get_by_label("Name", exact=True).fill("<b>my</b> things")
    own_page.get_by_role("button", name="Save", exact=True).click()
    expect(card.get_by_role("heading", name="<b>my</b> things")).to_be_visible()
    own_page.reload()
    expect(card.get_by_role("heading", name="<b>my</b> things")).to_be_visible()
    assert own.space().clusters("cluster")[0].name == "<b>my</b> things"


def test_two_clusters_stand_side_by_side(page: Page) -> None:
    page.locator("[class*=st-key-near_cluster]").get_by_role("button").first.click()
    expect(page.get_by_text("of the neighbours of")).to_be_visible()
    cards = page.locator("[class*=st-key-card_cluster]")
    expect(cards).to_have_count(2)
    one, other = (card.bounding_box() for card in cards.all())
    assert one["x"] + one["width"] <= other["x"]
    assert abs(one["y"] - other["y"]) < 2


def test_clusters_become_groups_of_ones_own(
    own_page: Page, own: Dataset, own_url: Callable[[str], str]
) -> None:
    def groups() -> dict[str, set[int]]:
        return {group.name: {*group.ids.tolist()} for group in own.my_groups.now().sets}

    def told(number: int) -> None:
        expect(own_page.get_by_text(f"{number} groups", exact=True)).to_be_visible()

    usual = count(own_page)
    own_page.get_by_role("button", name="Make these my groups").click()
    told(usual)
    expect(own_page.locator(MAP)).to_have_attribute("data-ready", re.compile("my_group"))
    settled(own_page)  # until then a card may show the cluster's “Rename”, too
    made = groups()
    assert set(made) == set(own.space().cluster_names("cluster"))
    cards = own_page.locator("[class*=st-key-card_my_group]")
    cards.first.get_by_role("button", name="Rename").click()
    own_page.get_by_label("Name", exact=True).fill("<b>my</b> tools")
    own_page.get_by_role("button", name="Save", exact=True).click()
    expect(cards.first.get_by_role("heading", name="<b>my</b> tools")).to_be_visible()
    expect(own_page.locator(".explorer-map .legend")).to_contain_text("<b>my</b> tools")
    largest = groups()["<b>my</b> tools"]
    cards.first.get_by_role("button", name="Split").click()
    own_page.get_by_role("button", name="Split in two halves").click()
    told(usual + 1)
    assert groups()["<b>my</b> tools"] | groups()["<b>my</b> tools 2"] == largest
    last = cards.nth(usual)
    last.get_by_role("button", name="Merge").click()
    own_page.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Merge").click()
    told(usual)
    cards.first.get_by_role("button", name="Dissolve").click()
    told(usual - 1)
    assert len(set().union(*groups().values())) < len(set().union(*made.values()))

    kept = len(groups()["tower"])
    own_page.goto(filtered(f"{own_url('map')}&color=my_group", OneOf("my_group", ("tower",))))
    expect(own_page.locator(".explorer-map .legend")).to_contain_text("My groups")
    expect(own_page.get_by_text(f"{kept} of {len(own)} images")).to_be_visible()

    own_page.goto(own_url("clusters"))
    own_page.get_by_role("slider", name="How many clusters").focus()
    own_page.keyboard.press("End")
    undo = own_page.locator(".st-key-grain_row").get_by_role("button", name="Undo")
    for before in ("merged", "split", "renamed", "begun anew"):
        undo.click()
        expect(own_page.get_by_text(f"Last change: {before}")).to_be_visible()
    assert groups() == made
    undo.click()
    expect(own_page.get_by_text(f"{usual} clusters", exact=True)).to_be_visible()
    assert groups() == {}
