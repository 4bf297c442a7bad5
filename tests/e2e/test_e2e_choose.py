"""Choose images, hand them over, and hand over exactly the same again."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.browser import OpenPage, filtered, settled
from support.pages import everything, export_as_imagefolder, one_run, pick

from explorer import Dataset, open_dataset, repeat
from explorer.filters import OneOf

pytestmark = pytest.mark.e2e


def choose(page: Page, how: str, count: int | None = None) -> None:
    pick(page, "How", how)
    settled(page)
    if count is not None:
        page.get_by_role("spinbutton", name="How many").fill(str(count))
        page.keyboard.press("Enter")
        settled(page)
    page.get_by_role("button", name="Choose", exact=True).click()


def test_what_was_chosen_goes_out_as_an_imagefolder_and_the_recipe_repeats_it(
    open_page: OpenPage, judged_url: str, judged: Dataset, tmp_path: Path
) -> None:
    page = open_page(f"{judged_url}/choose")
    expect(page.get_by_role("heading", name="Nothing chosen yet")).to_be_visible()
    page.get_by_role("button", name="Choose", exact=True).click()
    expect(page.get_by_text("pays for it on average")).to_be_visible()
    choose(page, "Balanced", 32)
    expect(page.get_by_text("32 images chosen: balanced")).to_be_visible()
    expect(page.get_by_text(re.compile(r"0\.\d{3} at random")).first).to_be_visible()
    expect(page.get_by_text(re.compile(r"^By label: .*fish \(2\)"))).to_be_visible()
    page.wait_for_selector(".explorer-map[data-ready]")
    page.get_by_role("button", name="Make it the selection").click()
    expect(page.locator(".st-key-selection_summary")).to_contain_text("32 selected")

    target = tmp_path / "set"
    export_as_imagefolder(page, 32, target)

    from torchvision.datasets import ImageFolder

    found = ImageFolder(target)
    assert len(found) == 32
    assert [found.targets.count(each) for each in range(16)] == [2] * 16
    again = open_dataset(judged.name, cache=judged.root.parent)
    repeat(target / "recipe.json", again, to=tmp_path / "again")
    assert everything(tmp_path / "again") == everything(target)
    assert b'"how": "balanced"' in (target / "recipe.json").read_bytes()

    # The same as a download, for those who are not on this machine.
    page.get_by_text("As a download", exact=True).click()
    page.get_by_role("button", name="Prepare the download").click()
    link = page.get_by_role("link", name="Download sample_data-imagefolder.zip")
    expect(link).to_be_visible()
    with page.expect_download() as downloading:
        link.click()
    with zipfile.ZipFile(downloading.value.path()) as archive:
        assert archive.testzip() is None
        names = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert names == everything(target)


def test_a_split_is_kept_under_its_names(
    open_page: OpenPage, own_url: Callable[[str], str], own: Dataset
) -> None:
    page = open_page(own_url("choose"))
    expect(page.get_by_role("heading", name="Nothing chosen yet")).to_be_visible()
    choose(page, "Split")
    expect(page.get_by_text("0 images leak")).to_be_visible()
    spread = page.get_by_role("region", name="Spread")
    expect(spread.get_by_role("row").first).to_have_text("Labeltrainvaltest")
    fish = spread.get_by_role("row", name=re.compile("^fish")).get_by_role("cell")
    assert sum(map(int, fish.all_text_contents())) == 28
    page.get_by_role("button", name="Make a tag").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("fair")
    page.get_by_role("button", name="Make", exact=True).click()
    expect(page.get_by_text("Tagged fair-train, fair-val, fair-test.")).to_be_visible()
    tags = {tag.name: tag.count for tag in own.tags.all()}
    kept = [tags[f"fair-{part}"] for part in ("train", "val", "test")]
    assert (sum(kept), max(kept)) == (128, kept[0])


def number(page: Page, name: str, value: str) -> None:
    page.get_by_role("spinbutton", name=name, exact=True).fill(value)
    with one_run(page):
        page.keyboard.press("Enter")


def test_a_form_that_cannot_be_done_does_nothing_and_says_why(
    open_page: OpenPage, app_url: str
) -> None:
    page = open_page(f"{app_url}/choose")
    expect(page.get_by_role("heading", name="Nothing chosen yet")).to_be_visible()
    settled(page)
    button = page.get_by_role("button", name="Choose", exact=True)
    for field, wrong, sentence, right in (
        ("How many", "0", "At least 1 image has to be chosen, not 0.", "9"),
        ("Seed", "-1", "A seed is a whole number from 0; it cannot be -1.", "3"),
    ):
        number(page, field, wrong)
        expect(page.get_by_role("alert")).to_have_text(sentence)
        with one_run(page):
            button.click()
        expect(page.get_by_role("alert")).to_have_text(sentence)
        expect(page.get_by_role("heading", name="Nothing chosen yet")).to_be_visible()
        number(page, field, right)
        expect(page.get_by_role("alert")).to_be_hidden()
    number(page, "How many", "129")
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("129 images cannot be chosen")
    expect(page.get_by_role("heading", name="Nothing chosen yet")).to_be_visible()


def test_a_split_can_do_without_a_part_but_not_with_a_share_below_nothing(
    open_page: OpenPage, app_url: str
) -> None:
    page = open_page(f"{app_url}/choose")
    expect(page.get_by_role("heading", name="Nothing chosen yet")).to_be_visible()
    pick(page, "How", "Split")
    settled(page)
    button = page.get_by_role("button", name="Choose", exact=True)
    page.get_by_role("spinbutton", name="test", exact=True).fill("-5")
    button.click()  # typed and clicked at once
    expect(page.get_by_role("alert")).to_have_text("Every part of a split needs a size above 0.")
    expect(page.get_by_role("heading", name="Nothing chosen yet")).to_be_visible()
    number(page, "test", "0")
    button.click()
    parts = page.get_by_role("radiogroup", name="Part")
    expect(parts.get_by_role("radio")).to_have_text([re.compile("train"), re.compile("val")])


def test_a_shard_of_no_images_is_refused_where_it_is_asked_for(
    open_page: OpenPage, app_url: str
) -> None:
    page = open_page(filtered(f"{app_url}/export", OneOf("label", ("fish",))))
    page.get_by_role("button", name="WebDataset").click()
    expect(page.get_by_role("heading", name="Write 28 images as WebDataset")).to_be_visible()
    number(page, "Images in a shard", "0")
    expect(page.get_by_role("alert")).to_have_text("A shard holds at least 1 image, not 0.")
    expect(page.get_by_role("button", name="Export", exact=True)).to_be_hidden()
    number(page, "Images in a shard", "10")
    expect(page.locator(".st-key-card_preview")).to_contain_text("Shards: about 3")
