"""Nothing that people do is lost, however fast it comes and however busy the machine is."""

import os
import random
import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from support.browser import OpenPage, busy_machine, settled, until
from support.pages import one_run, session

from explorer import Dataset
from explorer.store import Curation

pytestmark = pytest.mark.e2e

EVENTS = int(os.environ.get("EXPLORER_EVENTS", "200"))
LONGEST_GAP = 0.3  # seconds


@pytest.fixture
def tagged(own: Dataset) -> Dataset:
    """The sample photos with nine empty tags, to select and tag in."""
    for name in "abcdefghi":
        own.tags.add(name, [])
    return own


def with_all_selected(page: Page, dataset: Dataset) -> tuple[Curation, Locator]:
    """The page Selection with all photos on it, and what keeps the selection."""
    curation = dataset.curation.of(session(page.context))
    curation.select(dataset.image_ids, "replace")
    page.reload()
    gallery = page.get_by_role("listbox", name="Selected images")
    expect(gallery.get_by_role("option").first).to_be_visible()
    settled(page)
    return curation, gallery


def marks(dataset: Dataset) -> set[tuple[int, int]]:
    """Which photos have which tags: the digit of the tag, and the image."""
    tags = dataset.tags.now().sets
    return {(digit, int(image)) for digit, tag in enumerate(tags, start=1) for image in tag.ids}


def test_no_key_is_lost_and_each_counts_once(
    open_page: OpenPage,
    app_url: str,
    own_url: Callable[[str], str],
    tagged: Dataset,
    chance: random.Random,
    record_property: Callable[[str, object], None],
) -> None:
    page = open_page(own_url("selection"))
    curation, gallery = with_all_selected(page, tagged)
    gallery.press("Home")
    ids = tagged.image_ids.tolist()
    wished, trail, place = marks(tagged), [], 0
    with busy_machine(app_url):
        for number in range(EVENTS * 4 // 5):
            time.sleep(chance.uniform(0, LONGEST_GAP))
            if number % 4 == 3:
                page.keyboard.press("ArrowRight")
                place = min(place + 1, len(ids) - 1)
            if chance.random() < 0.25:
                page.keyboard.press("Enter")
                steps = trail[: trail.index(ids[place])] if ids[place] in trail else trail
                trail = [*steps, ids[place]][-50:]
            else:
                digit = chance.randint(1, 9)
                page.keyboard.press(str(digit))
                wished ^= {(digit, ids[place])}  # it takes the tag off, when it is there
        until(lambda: marks(tagged) == wished)
        done = len(curation.steps(10_000))
        undone = EVENTS // 5
        for _ in range(undone):
            time.sleep(chance.uniform(0, LONGEST_GAP))
            page.keyboard.press("Control+z")
        until(lambda: sum(step.undone for step in curation.steps(10_000)) == min(undone, done))
    page.get_by_role("link", name="Neighbours").click()
    before = page.get_by_role("listbox", name="Before").get_by_role("option")
    expect(before.first).to_have_attribute("aria-setsize", str(len(trail) - 1))
    expect(before.first).to_have_attribute("data-id", str(trail[0]))
    assert sum(step.undone for step in curation.steps(10_000)) == min(undone, done)
    record_property("events sent in Chromium", EVENTS)
    record_property("events lost in Chromium", 0)


def test_what_was_done_last_arrives_though_the_page_goes(
    open_page: OpenPage, app_url: str, own_url: Callable[[str], str], tagged: Dataset
) -> None:
    page = open_page(own_url("selection"))
    _, gallery = with_all_selected(page, tagged)
    gallery.press("Home")
    wished = marks(tagged) ^ {(1, int(tagged.image_ids[0])), (2, int(tagged.image_ids[0]))}
    with busy_machine(app_url):
        page.keyboard.press("1")
        page.keyboard.press("2")
        page.goto(own_url("overview"))
        until(lambda: marks(tagged) == wished)
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_a_tick_while_the_server_is_away_arrives_when_it_is_back(
    open_page: OpenPage, own_url: Callable[[str], str], tagged: Dataset
) -> None:
    page = open_page(own_url("selection"))
    curation, gallery = with_all_selected(page, tagged)
    page.route("**/events/**", lambda route: route.abort())
    gallery.press("Home")
    page.keyboard.press("Space")
    page.wait_for_timeout(500)
    page.get_by_role("link", name="Overview").click()  # the gallery is gone, and the tick is not
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    settled(page)
    assert len(curation.selected()) == len(tagged)
    page.unroute("**/events/**")
    expect(page.locator(".st-key-selection_summary")).to_contain_text(f"{len(tagged) - 1} selected")


def test_a_stale_key_is_refused_with_a_sentence(
    open_page: OpenPage, own_url: Callable[[str], str], tagged: Dataset
) -> None:
    page = open_page(own_url("selection"))
    curation, gallery = with_all_selected(page, tagged)
    before = marks(tagged)
    tagged.tags.rename("a", "another")  # by somebody else, while the page shows “a”
    try:
        gallery.press("Home")
        page.keyboard.press("1")
        expect(page.get_by_text("The tag “a” is called “another” now")).to_be_visible()
        page.keyboard.press("Shift+Digit2")
        expect(page.get_by_text(re.compile("^Tagged 128 images “b”$"))).to_be_visible()
        assert {mark for mark in marks(tagged) if mark[0] == 1} == {
            mark for mark in before if mark[0] == 1
        }
    finally:
        curation.undo()
        tagged.tags.rename("another", "a")


def test_no_letter_is_eaten_by_the_picture_that_a_tick_asks_for(
    open_page: OpenPage, app_url: str, own_url: Callable[[str], str], tagged: Dataset
) -> None:
    page = open_page(own_url("selection"))
    _, gallery = with_all_selected(page, tagged)
    on_its_way: list[Route] = []
    page.route("**/events/**", lambda route: on_its_way.append(route))
    gallery.press("Home")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Add filter", exact=True).click()
    page.get_by_test_id("stPopoverBody").get_by_text("SQL").click()
    field = page.get_by_role("textbox", name="True for the images to show")
    field.focus()
    settled(page)
    written = "width > 3 AND label = 'fish' AND height > 2"
    with busy_machine(app_url), one_run(page):
        for number, letter in enumerate(written):
            if number == 5:
                on_its_way.pop().continue_()  # it arrives in the middle of the word
            page.keyboard.type(letter)
            page.wait_for_timeout(40)
    settled(page)
    expect(field).to_have_value(written)
    expect(page.locator(".st-key-selection_summary")).to_contain_text(f"{len(tagged) - 1} selected")
