"""streamlit.css hangs on elements that Streamlit makes: each of its selectors still finds some."""

import itertools
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import OpenPage, filtered, settled
from support.pages import app_on

from explorer import Dataset
from explorer.filters import OneOf
from explorer.ui.frame import STYLES

STYLE = STYLES[0].read_text()

pytestmark = pytest.mark.e2e

SELECTORS = """(text) => {
  const of = (rules) => [...rules].flatMap((rule) => rule.selectorText ?? of(rule.cssRules ?? []));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return of(sheet.cssRules);
}"""
FOUND = "(selectors) => selectors.filter((each) => document.querySelector(each))"
PASSING = re.compile(r"::?(before|after|hover|active|enabled)\b")
"""What is not there to be found, or only at moments."""


def parts(text: str) -> list[str]:
    """A list of selectors, taken apart at the commas that are in no brackets."""
    found, depth = [""], 0
    for char in text:
        depth += (char in "([") - (char in ")]")
        if char == "," and not depth:
            found.append("")
        else:
            found[-1] += char
    return [each.strip() for each in found]


def plain(selector: str) -> set[str]:
    """One selector for each thing that it may mean: `:is(a, b) c` is `a c` and `b c`."""
    start = selector.find(":is(")
    if start < 0:
        return {PASSING.sub("", selector)}
    end = next(
        at
        for at in itertools.count(start + 4)
        if selector[start:at].count("(") == selector[start : at + 1].count(")")
    )
    before, inner, after = selector[:start], selector[start + 4 : end], selector[end + 1 :]
    return set().union(*(plain(f"{before}{each}{after}") for each in parts(inner)))


class Selectors:
    """The selectors of a style sheet that have found nothing so far."""

    def __init__(self, page: Page, style: str) -> None:
        lists = page.evaluate(SELECTORS, style)
        self.missing = set().union(*(plain(each) for text in lists for each in parts(text)))

    def look(self, page: Page) -> None:
        """Whatever finds something on the page as it stands is not missing any more."""
        self.missing -= set(page.evaluate(FOUND, sorted(self.missing)))


@pytest.fixture
def url(compared: Dataset, tmp_path: Path) -> Iterator[str]:
    """The address of an app on a copy with two spaces, in which groups may be made."""
    cache = shutil.copytree(compared.root.parent, tmp_path / "cache")
    with app_on(cache, tmp_path / "log.txt") as address:
        yield address


def test_every_selector_finds_something_on_some_page(open_page: OpenPage, url: str) -> None:
    page = open_page(filtered(f"{url}/", OneOf("label", ("fish",))))
    selectors = Selectors(page, STYLE)
    page.wait_for_selector(".explorer-bars[data-ready]")
    selectors.look(page)
    page.get_by_role("button", name="Add filter", exact=True).click()
    page.get_by_role("combobox", name="Values").click()
    page.get_by_role("option").first.click()
    selectors.look(page)
    for address in ("map", "compare"):
        page.goto(f"{url}/{address}")
        page.wait_for_selector(".explorer-map[data-ready]")
        selectors.look(page)
    expect(page.locator("[data-testid=stPlotlyChart] svg text").first).to_be_visible()
    selectors.look(page)
    page.goto(f"{url}/duplicates")
    page.get_by_role("slider", name="Similarity to the keeper, at least").press("Home")
    page.get_by_role("button", name="Similarities").first.click()
    page.wait_for_selector("table.similarities")
    selectors.look(page)
    clusters(page, url, selectors)
    assert not selectors.missing, f"These find nothing any more: {sorted(selectors.missing)}"


def clusters(page: Page, url: str, selectors: Selectors) -> None:
    """Two clusters side by side; groups, one of which is renamed; and back."""
    page.goto(f"{url}/clusters")
    page.locator("[class*=st-key-near_cluster]").get_by_role("button").first.click()
    page.wait_for_selector("[class*=st-key-split_pair]")
    selectors.look(page)
    page.get_by_role("button", name="Make these my groups").click()
    group = page.locator("[class*=st-key-card_my_group]").first
    group.get_by_role("button", name="Rename").click()
    page.get_by_label("Name", exact=True).fill("mine")
    page.wait_for_selector("[data-testid=InputInstructions]", state="attached")
    selectors.look(page)
    page.keyboard.press("Escape")
    settled(page)
    page.locator("[class*=st-key-undo_step] button:visible").first.click()
    expect(page.locator("[class*=st-key-redo_step] button:visible").first).to_be_enabled()
    selectors.look(page)


PAGE = """<main data-testid="stMain"><p class="st-key-a1">One</p><button kind="primary">Go</button>
  <div class="st-key-b" data-testid="stForm"><input></div></main>"""


@pytest.mark.parametrize(
    ("style", "missing"),
    [
        ('[data-testid="stMain"] > p { margin: 0 }', []),
        ("@media (max-width: 9px) { [class*=st-key-a] { margin: 0 } }", []),
        ('[kind^="primary"]:enabled:is(:hover, :active)::before { color: red }', []),
        ('[data-testid="stMian"] p, .st-key-b { margin: 0 }', ['[data-testid="stMian"] p']),
        (":is(.st-key-a1, .st-key-b) p { margin: 0 }", [".st-key-a1 p", ".st-key-b p"]),
        ('[data-testid="stForm"] > :is(input, b) { margin: 0 }', ['[data-testid="stForm"] > b']),
        ("@media print { i:has(u), main { margin: 0 } }", ["i:has(u)"]),
    ],
)
def test_a_selector_that_finds_nothing_is_told(
    browser: Browser, style: str, missing: list[str]
) -> None:
    page = browser.new_page()
    page.set_content(PAGE)
    selectors = Selectors(page, style)
    selectors.look(page)
    page.close()
    assert sorted(selectors.missing) == missing
