"""There is something to look at while a new dataset is being embedded."""

import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.browser import ROOT, OpenPage
from support.pages import app_on

from explorer import batch
from explorer.batch import Progress
from explorer.store import job_running

pytestmark = pytest.mark.e2e

SEEN = 48  # images; the first part of 32 is on disk then


class Job:
    """A job on the sample photos that waits after `SEEN` of them, and before it lays them out."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.may_embed, self.may_lay_out = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        with job_running(self.cache, "sample_data", str(ROOT / "sample_data")) as tell:

            def report(progress: Progress) -> None:
                tell(stage=progress.stage, done=progress.done, total=progress.total, left=200.0)
                if progress.stage == "Embedding" and progress.done == SEEN:
                    assert self.may_embed.wait(120)
                if progress.stage == "Map":
                    assert self.may_lay_out.wait(120)

            batch.embed(ROOT / "sample_data", cache=self.cache, on_progress=report)
            tell(state="done", message="Done.")


@pytest.mark.usefixtures("models")
def test_photos_and_a_map_are_there_as_they_come(open_page: OpenPage, tmp_path: Path) -> None:
    job = Job(tmp_path / "cache")
    with app_on(job.cache, tmp_path / "log.txt") as url:
        page = open_page(url)
        expect(page.get_by_role("heading", name="Nothing to show yet")).to_be_visible()
        job.thread.start()
        # The page finds out by itself, from here to the end.
        first = page.get_by_role("heading", name="The first photos", exact=True)
        expect(first).to_be_visible(timeout=90_000)  # the model is loaded before
        bar = page.get_by_test_id("stSidebar").get_by_test_id("stProgress")
        expect(bar).to_contain_text(f"Embedding: {SEEN} of 128 · 3 min left")
        expect(page.locator(".st-key-heading")).to_contain_text("32 images")
        expect(page.locator(".st-key-heading")).not_to_contain_text("out of date")
        photos = page.get_by_role("listbox", name="The first photos").get_by_role("option")
        expect(photos.first).to_be_visible()
        page.get_by_role("link", name="Map").click()
        expect(page.get_by_text("This is PCA; UMAP is on its way.")).to_be_visible()
        drawn = page.locator(".explorer-map[data-ready]")
        expect(drawn).to_be_visible()
        page.get_by_role("link", name="Neighbours").click()
        expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()

        job.may_embed.set()
        page.get_by_role("link", name="Map").click()
        expect(page.locator(".st-key-heading")).to_contain_text("128 images")
        expect(bar).to_contain_text("Map …")
        job.may_lay_out.set()
        expect(page.get_by_text("UMAP is on its way")).to_have_count(0, timeout=90_000)
        expect(drawn).to_be_visible()
        job.thread.join(120)
        page.get_by_role("link", name="Overview").click()
        expect(page.get_by_role("heading", name="Worth looking at")).to_be_visible()
        expect(bar).to_have_count(0)


def test_why_there_is_nothing_is_told_when_the_first_job_fails(
    open_page: OpenPage, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    with app_on(cache, tmp_path / "log.txt") as url:
        with job_running(cache, "pets", "/pets") as tell:
            tell(stage="Loading the extractor")
            page = open_page(url)
            coming = page.get_by_role("heading", name="The first photos are on their way")
            expect(coming).to_be_visible()
            tell(state="failed", message="There are no images in /pets.")
        expect(page.get_by_role("alert")).to_have_text("pets: There are no images in /pets.")
        expect(coming).to_have_count(0)
