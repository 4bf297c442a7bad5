"""Links to what is not there any more, or never was: each says what is missing."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from support.browser import OpenPage, running_app, settled
from support.fakes import analyzed, embed, fill

from explorer.filters import OneOf, Tagged, encode

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app on two datasets. Of “photos” a file was deleted after it had been embedded."""
    folder = tmp_path_factory.mktemp("links")
    cache = folder / "cache"
    analyzed(fill(folder / "others", {f"{i}.jpg": i for i in range(4)}), cache)
    source = fill(folder / "photos", {f"{i}.jpg": i for i in range(8)})
    analyzed(source, cache)
    (source / "2.jpg").unlink()
    embed(source, cache)
    environment = {"EXPLORER_CACHE": str(cache)}
    log = folder / "log.txt"
    with running_app("explorer/app.py", (), log, env=environment) as address:
        yield address
    assert "Traceback" not in log.read_text(), log.read_text()


def notes_of(open_page: OpenPage, url: str, asked: dict[str, str]) -> tuple[Page, str]:
    page = open_page(f"{url}/map?{urlencode(asked)}")
    notes = page.locator(".st-key-notes p.grow")
    expect(notes).to_be_visible()
    settled(page)
    return page, notes.inner_text()


GONE = "Image #2 (2.jpg) is gone: it is no longer among the files of the dataset."


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"image": "2"}, GONE),
        ({"image": "99"}, "There is no image #99 in “photos”."),
        ({"image": "9" * 30}, f"There is no image #{'9' * 30} in “photos”."),
        ({"image": "cat"}, "“cat” is no number of an image."),
        ({"like": "1,2", "unlike": "3"}, "1 image that was asked for is not here."),
        (
            {"dataset": "nope", "image": "1", "selection": "x"},
            "There is no dataset “nope”. There are: photos, others. This is “photos”.",
        ),
        ({"space": "nope"}, "“photos” has no space “nope”. There are: fake. This is “fake”."),
        ({"selection": "nope"}, "There is no selection 'nope' in this dataset."),
        (
            {"color": "mood"},
            "The map cannot be coloured by “mood” here; it is coloured by “Cluster”.",
        ),
        (
            {"filter": encode(OneOf("mood", ("glad",)))},
            "The filter “mood is glad” was taken away: there is no column “mood” here.",
        ),
        (
            {"filter": encode(Tagged(("mine",)))},
            "The filter by the tag “mine” was taken away: there is no such tag.",
        ),
    ],
)
def test_a_link_to_what_is_not_there_says_so(
    open_page: OpenPage, url: str, asked: dict[str, str], says: str
) -> None:
    page, note = notes_of(open_page, url, {"dataset": "photos"} | asked)
    assert note == says
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    page.get_by_role("button", name="OK", exact=True).click()
    expect(page.locator(".st-key-notes")).to_be_hidden()
    page.reload()  # what is not there has left the address, too
    settled(page)
    expect(page.locator(".st-key-notes")).to_be_hidden()


def test_a_layout_that_was_not_computed_is_told_beside_the_map(
    open_page: OpenPage, url: str
) -> None:
    page = open_page(f"{url}/map?dataset=photos&layout=space")
    expect(
        page.get_by_text("There is no layout UMAP 3-D here. This is", exact=False)
    ).to_be_visible()


def test_sql_in_a_link_that_does_not_work_says_so_once_it_is_run(
    open_page: OpenPage, url: str
) -> None:
    page = open_page(f"{url}/map?{urlencode({'dataset': 'photos', 'where': 'mood >'})}")
    page.get_by_role("button", name="Run this filter").click()
    note = page.locator(".st-key-notes p.grow")
    expect(note).to_have_text("The filter “mood >” does not work here and was taken away.")
    expect(page.get_by_role("button", name="Run this filter")).to_have_count(0)
    page.reload()  # it has left the address, too
    settled(page)
    expect(page.get_by_role("button", name="Run this filter")).to_have_count(0)
