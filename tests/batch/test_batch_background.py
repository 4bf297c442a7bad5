"""Jobs in a process of their own."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support.fakes import embed, fill

from explorer.batch import AnalysisRequest, JobRequest, Progress, start_job
from explorer.batch.background import run_job
from explorer.errors import SourceError, UsageError
from explorer.store import JobStatus, open_dataset, read_job


def ended(cache: Path, dataset: str) -> JobStatus:
    """What a job says of itself once it has ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job = read_job(cache, dataset)
        if job is not None and job.state != "running":
            return job
        time.sleep(0.05)
    raise AssertionError("The job did not end.")


def test_a_relative_path_means_from_where_the_app_runs(tmp_path, monkeypatch):
    fill(tmp_path / "photos", {"a.jpg": 1})
    monkeypatch.chdir(tmp_path)
    # The job finds the folder, and then fails at once: there is no such extractor.
    start_job(JobRequest("photos", "mine", ("no-such-extractor",)), cache=Path("cache"))
    job = ended(tmp_path / "cache", "mine")
    assert job.source == str(tmp_path / "photos")
    assert "no-such-extractor" in job.message


def test_a_folder_that_is_not_there_is_refused_before_a_job_starts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match="nowhere"):
        start_job(JobRequest("nowhere", "mine", ("fake",)), cache=tmp_path / "cache")
    assert read_job(tmp_path / "cache", "mine") is None


def test_an_analysis_with_other_settings(tmp_path):
    fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(5)})
    embed(tmp_path / "photos", tmp_path / "cache")
    request = AnalysisRequest("photos", "fake", ("duplicates.threshold=0.8",))
    start_job(request, cache=tmp_path / "cache")
    job = ended(tmp_path / "cache", "photos")
    assert (job.state, job.source) == ("done", "analysis of fake")
    made = open_dataset(cache=tmp_path / "cache").space().made_by("duplicate_group")
    assert made.parameters["threshold"] == 0.8


def test_a_setting_out_of_range_is_refused_before_a_job_starts(tmp_path):
    with pytest.raises(UsageError, match=r"map\.min_dist"):
        start_job(AnalysisRequest("photos", "fake", ("map.min_dist=7",)), cache=tmp_path / "cache")
    assert read_job(tmp_path / "cache", "photos") is None


class Steady:
    """A job of five batches of 16, each as long as the others."""

    dataset, source = "steady", "nothing"

    def run(self, cache, on_progress, stop):
        self.left = []
        for done in range(16, 81, 16):
            on_progress(Progress("Embedding", done, 80))
            self.left.append(read_job(cache, self.dataset).left)
            time.sleep(0.6)
        return False, "Done."


def test_the_time_left_is_told_once_it_is_known_and_is_not_too_short(tmp_path):
    job = Steady()
    run_job(job, tmp_path, threading.Event())
    assert job.left[0] is None  # of the first batch nobody knows how long it took
    assert job.left[1] > 3 * 0.6
    assert job.left[-1] == 0


def test_a_job_that_has_ended_leaves_no_process_behind(tmp_path):
    """Nobody waits for it: the app's server may have taken the place of whoever started it."""
    fill(tmp_path / "photos", {"a.jpg": 1})
    script = (
        "import os, sys; from pathlib import Path; from explorer.batch import *\n"
        "start_job(JobRequest(sys.argv[1], 'mine', ('nope',)), cache=Path(sys.argv[2]))\n"
        "print(flush=True); os.execvp('sleep', ['sleep', '60'])"
    )
    line = [sys.executable, "-c", script, str(tmp_path / "photos"), str(tmp_path / "cache")]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        ended(tmp_path / "cache", "mine")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        deadline = time.monotonic() + 20
        while children.read_text():
            assert time.monotonic() < deadline, "it is still there"
            time.sleep(0.1)
        process.kill()
