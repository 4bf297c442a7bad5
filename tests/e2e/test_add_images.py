"""From an empty cache to a map without leaving the app."""

import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.browser import ROOT, OpenPage, running_app

from explorer import open_dataset
from explorer.batch import JobRequest, start_job
from explorer.store import read_job

pytestmark = pytest.mark.e2e

SLOW = 180_000  # ms; the job converts the model and compiles UMAP


@pytest.mark.usefixtures("models")
def test_a_folder_is_embedded_from_the_app(open_page: OpenPage, tmp_path: Path) -> None:
    photos = tmp_path / "my photos"
    for label in ("fish", "tower"):
        shutil.copytree(ROOT / "sample_data" / label, photos / label)
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    environment = {"EXPLORER_CACHE": str(tmp_path / "cache")}
    with running_app("explorer/app.py", (), tmp_path / "log.txt", env=environment) as url:
        page = open_page(url)
        expect(page.get_by_role("heading", name="Nothing to show yet")).to_be_visible()
        page.get_by_role("button", name="Add images here").click()
        page.get_by_label("Folder", exact=True).fill(str(tmp_path / "nowhere"))
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_role("alert")).to_contain_text("There is no")

        page.get_by_label("Folder", exact=True).fill(str(photos))
        page.get_by_role("button", name="Start").click()
        done = page.get_by_text(re.compile("Done: 37 embedded, .* 1 rejected"))
        expect(done).to_be_visible(timeout=SLOW)
        page.reload()
        page.get_by_role("button", name="Look at it").click()
        page.get_by_role("link", name="Map").click()
        page.wait_for_selector(".explorer-map[data-ready]")
        expect(page.get_by_text("37 images", exact=False).first).to_be_visible()
        assert len(open_dataset("my photos", cache=tmp_path / "cache")) == 37


@pytest.mark.usefixtures("models")
def test_a_killed_job_is_told_apart_from_a_running_one(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    start_job(JobRequest(str(ROOT / "sample_data"), "sample", ("efficientnet-lite0",)), cache=cache)
    deadline = time.monotonic() + 60
    while (job := read_job(cache, "sample")) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert job is not None
    assert job.state == "running"
    os.kill(job.pid, signal.SIGKILL)
    while read_job(cache, "sample").state == "running" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert read_job(cache, "sample").state == "failed"
    assert "start it again" in read_job(cache, "sample").message
