"""What people do, as it comes by the route: applied once, in order, or refused with a sentence."""

import random
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.event_page import QUEUE, SESSION, Page, page_on_ten_images
from support.planted_space import directions, planted_space

from explorer.search import Crop
from explorer.serving import windows
from explorer.serving.bits import pack_rows
from explorer.serving.registry import serve
from explorer.ui.state import ViewState, settle


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    with page_on_ten_images(tmp_path) as page:
        yield page


def test_an_event_that_comes_again_is_applied_once(page: Page) -> None:
    page.dataset.curation.of(SESSION).select([100], "add")
    page.dataset.curation.of(SESSION).select([101], "add")
    undo = page.event("undo")
    assert page.send(undo, first=1).json() == {"applied": 1}
    assert page.send(undo, first=1).json() == {"applied": 1}
    assert page.selected == [100]
    ticks = [page.event("select", ids=[105], mode=mode) for mode in ("add", "subtract")]
    assert page.send(undo, *ticks, first=1).json() == {"applied": 3}
    assert page.send(undo, ticks[0], first=1).json() == {"applied": 3}  # overtaken on the way
    assert page.selected == [100]


def test_a_gap_is_refused_and_filled_by_what_comes_next(page: Page) -> None:
    ticks = [page.event("select", ids=[100 + each], mode="add") for each in range(3)]
    page.send(ticks[0], first=1)
    answer = page.send(ticks[2], first=3)
    assert (answer.status_code, answer.json()["applied"]) == (409, 1)
    assert page.selected == [100]
    page.send(*ticks[1:], first=2)
    assert page.selected == [100, 101, 102]


def test_what_was_done_before_the_server_started_again_is_not_done_twice(page: Page) -> None:
    for each in (100, 101):
        page.dataset.curation.of(SESSION).select([each], "add")
    undo = page.event("undo")
    page.send(undo, first=1)
    again = Page(page.dataset, page.client)  # a new process knows no window and no queue
    assert again.send(undo, undo, first=1).json() == {"applied": 2}
    assert again.selected == []


def test_two_hundred_events_over_a_bad_line_arrive_once_and_in_order(
    page: Page, chance: random.Random
) -> None:
    """Requests get lost, their answers get lost, and old ones come again later."""
    events = [
        page.event(
            "select", ids=[100 + chance.randrange(10)], mode=chance.choice(["add", "subtract"])
        )
        for _ in range(200)
    ]
    page.dataset.curation.of(SESSION).select([100], "add")
    acknowledged, sent, old = 0, 0, []
    while acknowledged < len(events):
        sent = min(len(events), sent + chance.randrange(3))
        request = {"queue": QUEUE, "first": acknowledged + 1, "events": events[acknowledged:sent]}
        old.append(request)
        if chance.random() < 0.2:
            page.post(chance.choice(old))
        if chance.random() < 0.7:
            answer = page.post(request)
            if chance.random() < 0.7:
                acknowledged = answer.json()["applied"]
    selections = _selections(events)
    assert page.selected == sorted(selections[-1])
    assert len(page.dataset.curation.of(SESSION).steps(300)) == len(selections)


def _selections(events: list[Any]) -> list[set[int]]:
    """What was selected after each step; what adds what is there, say, is none."""
    found = [{100}]
    for event in events:
        now, ids = found[-1], set(event["ids"])
        then = now | ids if event["mode"] == "add" else now - ids
        found += [then] if then != now else []
    return found


def test_a_key_means_the_tag_that_the_page_showed(page: Page) -> None:
    tags = page.dataset.tags
    tags.add("keep", [])
    tags.add("drop", [])
    keep, drop = page.tag("keep"), page.tag("drop")
    assert page.do("tag", tag=drop, ids=[103], on=True) == ""
    tags.delete("keep")  # by somebody else: "drop" is the first tag now
    assert "The tag “keep” is gone" in page.do("tag", tag=keep, ids=[104], on=True)
    page.do("select", ids=[105], mode="add")
    assert "The tag “keep” is gone" in page.do("tag selection", tag=keep)
    assert page.tagged("drop") == [103]
    tags.rename("drop", "bad")
    assert "The tag “drop” is called “bad” now" in page.do("tag", tag=drop, ids=[104], on=True)
    tags.add("keep", [])  # another tag of the same name
    assert "is gone" in page.do("tag", tag=keep, ids=[104], on=True)
    assert (page.tagged("bad"), page.tagged("keep")) == ([103], [])
    assert page.do("tag selection", tag=page.tag("keep")) == ""
    assert page.tagged("keep") == [105]


def test_a_key_without_a_tag_says_so(page: Page) -> None:
    assert page.do("no tag", digit=3).startswith("There is no tag 3: there are none yet.")
    page.dataset.tags.add("keep", [])
    assert page.do("no tag", digit=3).startswith("There is no tag 3: there are 1.")


def test_a_lasso_names_images_and_not_rows(page: Page) -> None:
    bits = b64encode(pack_rows([101, 109], 110)).decode()
    assert page.do("lasso", n=110, bits=bits, mode="replace") == ""
    assert page.selected == [101, 109]


def test_a_click_asks_for_an_image_in_its_own_window_alone(page: Page) -> None:
    other = Page(page.dataset, page.client)
    page.do("ask", image=104)
    page.do("like", image=105)
    page.do("like", image=106)
    page.do("unlike", image=105)
    looks = page.window.keep(ViewState)
    assert (looks.image, looks.like, looks.unlike) == (104, (106,), (105,))
    assert other.window.keep(ViewState).image is None
    looks.dataset = "another"  # where 107 is another image
    page.do("ask", image=107)
    assert looks.image == 104


def test_a_part_of_a_photo_is_kept_as_its_link_says_it(page: Page) -> None:
    page.do("crop", sides=[0.123456789, 0.25, 0.87654321, 1])
    part = page.window.keep(ViewState).crop
    assert part == Crop.read(str(part)) == Crop.read("0.1235,0.25,0.8765,1")


def test_an_event_of_another_dataset_is_done_there_or_refused(page: Page, tmp_path: Path) -> None:
    other = planted_space(tmp_path / "other", directions(np.arange(3))).dataset
    serve(other)
    tick = {"do": "select", "dataset": other.name, "ids": [101], "mode": "add"}
    page.send(tick, {**tick, "dataset": "../set"}, first=1)
    assert page.selected == []
    assert other.curation.of(SESSION).selected().tolist() == [101]
    assert "There is no dataset '../set'" in page.window.notes[0]


def test_what_cannot_be_kept_yet_is_not_acknowledged(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick = page.event("select", ids=[100], mode="add")
    database = page.dataset.root / "curation.db"
    page.dataset.curation.of(SESSION).select([101], "add")
    kept = database.read_bytes()
    database.write_bytes(b"not a database" * 100)
    answer = page.send(tick, first=1)
    assert (answer.status_code, answer.json()["applied"]) == (503, 0)
    assert "is tried again" in page.window.notes[0]
    database.write_bytes(kept)
    assert page.send(tick, first=1).json() == {"applied": 1}
    assert page.selected == [100, 101]


def test_a_run_does_not_undo_what_was_done_while_it_ran() -> None:
    window = windows.open_window(SESSION)
    looks = window.keep(ViewState)
    looks.image = 5
    before = replace(looks)
    looks.image = 7  # an event
    settle(window, before, image=5, color="label")
    assert (looks.image, looks.color) == (7, "label")


def test_a_window_goes_with_who_keeps_it() -> None:
    window = windows.open_window(SESSION)
    name = window.id
    assert windows.find(name) is window
    del window
    assert windows.find(name) is None
