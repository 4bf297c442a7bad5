"""Making a subset and keeping it, in a real browser: selections, tags, undo, keys, two at once."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from support.browser import OpenPage, filtered, settled, until
from support.maps import place, places
from support.pages import everything, export_as_imagefolder, pick, session

from explorer import Dataset, open_dataset, repeat
from explorer.filters import OneOf

pytestmark = pytest.mark.e2e

READY = ".explorer-map[data-pickable]"


@pytest.fixture
def page(open_page: OpenPage, own_url: Callable[[str], str]) -> Page:
    opened = open_page(own_url("map"))
    opened.wait_for_selector(READY)
    settled(opened)
    return opened


def selected(page: Page, dataset: Dataset) -> list[int]:
    return dataset.curation.of(session(page.context)).selected().tolist()


def count(page: Page) -> Locator:
    return page.locator(".st-key-selection_summary")


def with_label(dataset: Dataset, label: str) -> list[int]:
    labels = np.array(dataset.table(["label"])["label"].to_pylist())
    return np.flatnonzero(labels == label).tolist()


def draw_around(page: Page, rows: list[int]) -> None:
    """A lasso with the mouse in a generous box around points."""
    points = places(page, rows)
    (left, top), (right, bottom) = points.min(0), points.max(0)
    page.mouse.move(left - 12, top - 12)
    page.mouse.down()
    for x, y in ((right, top - 12), (right + 12, bottom), (left, bottom + 12), (left - 12, top)):
        page.mouse.move(x, y, steps=6)
    page.mouse.up()


def tag_as(page: Page, name: str) -> None:
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("textbox", name="New tag").fill(name)
    page.get_by_role("button", name="Make a tag").click()
    expect(page.get_by_text(re.compile(rf"^Tagged .* “{name}”$"))).to_be_visible()


def test_a_subset_is_made_kept_undone_kept_again_and_handed_over(
    page: Page, own: Dataset, tmp_path: Path
) -> None:
    space = own.space()
    draw_around(page, with_label(own, "fish"))
    expect(count(page)).not_to_contain_text("0 selected")
    drawn = selected(page, own)
    assert set(drawn) >= {*space.image_ids[with_label(own, "fish")].tolist()}

    # A cluster is taken out.
    page.get_by_role("link", name="Clusters").click()
    card = page.locator("[class*=st-key-card_cluster]").filter(
        has=page.get_by_role("button", name="Take out")
    )
    name = card.first.get_by_role("heading").inner_text()
    number = space.cluster_names().index(name)
    card.first.get_by_role("button", name="Take out").click()
    cluster = space.image_ids[space.column("cluster") == number].tolist()
    rest = sorted(set(drawn) - set(cluster))
    expect(count(page)).to_contain_text(f"{len(rest)} selected")
    assert selected(page, own) == rest

    # It is tagged, that is undone with the keyboard, and the cluster comes back as well.
    tag_as(page, "clean")
    assert own.tags.ids("clean").tolist() == rest
    page.locator("body").press("Control+z")
    expect(page.get_by_text("Undone: tagged")).to_be_visible()
    assert own.tags.all() == []
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(count(page)).to_contain_text(f"{len(drawn)} selected")
    page.get_by_role("button", name="Redo", exact=True).click()
    expect(count(page)).to_contain_text(f"{len(rest)} selected")

    # Tagged again under another name it can be filtered and coloured by.
    tag_as(page, "clean fish")
    page.get_by_role("link", name="Selection").click()
    row = page.locator(".st-key-tag_row_1")
    expect(row).to_contain_text("clean fish")
    row.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Tags: clean fish")).to_be_visible()
    settled(page)
    row.get_by_role("button", name="Change").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("clean fish")
    settled(page)
    page.get_by_role("textbox", name="Name").fill("fish <b>")
    expect(page.get_by_role("textbox", name="Name")).to_have_value("fish <b>")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Tags: fish <b>")).to_be_visible()  # the filter follows the name
    expect(page.locator(".st-key-filter_bar")).to_contain_text(f"{len(rest)} of 128 images")
    page.get_by_role("link", name="Map").click()
    page.wait_for_selector(READY)
    pick(page, "Colour by", "Tags")
    expect(page.locator(READY)).to_have_attribute("data-ready", re.compile("my_tags"))
    legend = page.get_by_role("button", name=re.compile("fish <b>"))
    expect(legend).to_contain_text(str(len(rest)))

    # And the others are found by what they lack.
    page.get_by_role("button", name="Remove filter 1").click()
    page.get_by_role("button", name="Add filter", exact=True).click()
    pick(page, "Column", "Tags")
    page.get_by_text("With none of").click()
    page.get_by_role("combobox", name="Tags").click()
    page.get_by_role("option", name=re.compile("^fish <b>")).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"Show {128 - len(rest)} images").click()
    expect(page.get_by_text("Tags: not fish <b>", exact=True)).to_be_visible()

    # It is handed over as a folder that another library reads, and the recipe repeats it.
    page.get_by_role("button", name="Remove filter 1").click()
    expect(page.get_by_text("Tags: not fish <b>", exact=True)).to_have_count(0)
    export_as_imagefolder(page, len(rest), tmp_path / "set")
    from torchvision.datasets import ImageFolder  # loads torch, which no other browser test needs

    assert len(ImageFolder(tmp_path / "set")) == len(rest)
    again = open_dataset(own.name, cache=own.root.parent)
    repeat(tmp_path / "set" / "recipe.json", again, to=tmp_path / "again")
    assert everything(tmp_path / "again") == everything(tmp_path / "set")


def test_keys_select_and_tag_in_galleries_and_on_the_map(page: Page, own: Dataset) -> None:
    own.tags.add("keep", [])
    own.tags.add("drop", [])
    page.get_by_role("link", name="Outliers").click()
    gallery = page.get_by_role("listbox", name="Outliers")
    gallery.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("2")
    options = gallery.get_by_role("option")
    expect(options.nth(1)).to_have_accessible_name(re.compile("tagged keep"))
    expect(options.nth(2)).to_have_accessible_name(re.compile("tagged drop"))
    ids = [int(option.get_attribute("data-id") or -1) for option in options.all()[:3]]
    until(lambda: own.tags.ids("drop").tolist() == [ids[2]])
    assert own.tags.ids("keep").tolist() == [ids[1]]
    page.keyboard.press("2")
    expect(options.nth(2)).not_to_have_accessible_name(re.compile("tagged"))
    until(lambda: not len(own.tags.ids("drop")))

    # Space ticks; Shift and a digit tag all that is ticked.
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    expect(count(page)).to_contain_text("2 selected")
    settled(page)
    page.keyboard.press("Shift+Digit2")
    until(lambda: len(own.tags.ids("drop")) == 2)

    page.keyboard.press("?")
    help = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help).to_be_visible()
    expect(help).to_contain_text("keep")
    page.keyboard.press("Escape")
    expect(help).to_be_hidden()
    expect(count(page)).to_contain_text("2 selected")  # Escape has closed the help, no more

    page.get_by_role("link", name="Map").click()
    page.wait_for_selector(READY)
    plot = page.get_by_role("application")
    plot.focus()
    page.keyboard.press("Escape")
    expect(count(page)).to_contain_text("0 selected")
    page.mouse.move(*place(page, 0), steps=4)
    page.keyboard.press("Space")
    expect(count(page)).to_contain_text("1 selected")
    settled(page)
    page.keyboard.press("3")
    expect(page.get_by_text("There is no tag 3")).to_be_visible()


def test_two_tabs_and_two_people_lose_nothing(
    page: Page, open_page: OpenPage, own: Dataset, own_url: Callable[[str], str]
) -> None:
    """Two tabs share what is selected; two people share the tags, and undo only their own."""
    tab = page.context.new_page()
    for opened, label in ((page, "fish"), (tab, "hammer")):
        opened.goto(filtered(own_url("outliers"), OneOf("label", (label,))))
        settled(opened)
    for opened in (page, tab):
        opened.get_by_role("button", name="Select what is shown").click()
        expect(count(opened)).not_to_contain_text("0 selected")
    fish, hammers = (with_label(own, label) for label in ("fish", "hammer"))
    mine = sorted(own.image_ids[fish + hammers].tolist())
    expect(count(tab)).to_contain_text(f"{len(mine)} selected")
    assert selected(tab, own) == mine

    other = open_page(filtered(own_url("outliers"), OneOf("label", ("tower",))))
    expect(count(other)).to_contain_text("0 selected")
    other.get_by_role("button", name="Select what is shown").click()
    expect(count(other)).not_to_contain_text("0 selected")
    tag_as(tab, "both")
    other.reload()
    other.get_by_role("button", name="Tag", exact=True).click()
    other.get_by_role("button", name="both", exact=True).click()
    expect(other.get_by_text(re.compile("^Tagged .* “both”$"))).to_be_visible()
    towers = own.image_ids[with_label(own, "tower")].tolist()
    assert own.tags.ids("both").tolist() == sorted(mine + towers)
    tab.locator("body").press("Control+z")
    expect(tab.get_by_text("Undone: tagged")).to_be_visible()
    assert own.tags.ids("both").tolist() == towers

    # A link shows it to a third, who goes on from there with a selection of their own.
    tab.get_by_role("link", name="Selection").click()
    tab.get_by_role("button", name="Make a link").click()
    third = open_page(tab.get_by_test_id("stCode").inner_text().strip())
    expect(count(third)).to_contain_text(f"{len(mine)} selected")
    assert "selection=" not in third.url
    third.get_by_role("button", name="Clear", exact=True).click()
    expect(count(third)).to_contain_text("0 selected")
    third.reload()
    expect(count(third)).to_contain_text("0 selected")
    assert selected(tab, own) == mine
