import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from explorer.errors import LockedError, StoreError
from explorer.store import being_written, writing

# Takes the lock, says so, and holds it until its standard input ends.
HOLD = """
import sys
from pathlib import Path
from explorer.store import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_job(tmp_path):
    """Another process that is writing to the dataset `tmp_path / "demo"`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "demo")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_job_stops_at_once_and_says_who_is_writing(tmp_path, other_job):
    sentence = rf"demo is being written by process {other_job.pid} on {socket.gethostname()} "
    with pytest.raises(LockedError, match=sentence), writing(tmp_path / "demo"):
        pass


def test_the_lock_of_a_killed_job_is_free(tmp_path, other_job):
    assert being_written(tmp_path / "demo")
    other_job.send_signal(signal.SIGKILL)
    other_job.wait()
    assert (tmp_path / "demo" / "writer.json").exists()
    assert not being_written(tmp_path / "demo")
    with writing(tmp_path / "demo"):
        owner = json.loads((tmp_path / "demo" / "writer.json").read_text())
        assert (owner["pid"], owner["host"]) == (os.getpid(), socket.gethostname())


def test_the_lock_of_a_job_that_has_ended_is_free(tmp_path, other_job):
    other_job.communicate()
    with writing(tmp_path / "demo"):
        pass
    assert not (tmp_path / "demo" / "writer.json").exists()


def test_a_lock_without_a_note_still_holds(tmp_path, other_job):
    (tmp_path / "demo" / "writer.json").write_text("{")
    sentence = "by another process"
    with pytest.raises(LockedError, match=sentence), writing(tmp_path / "demo"):
        pass


def test_a_job_holds_off_another_one_of_the_same_process(tmp_path):
    with writing(tmp_path), pytest.raises(LockedError), writing(tmp_path):
        pass
    with writing(tmp_path):
        pass


def test_an_error_inside_frees_the_lock(tmp_path):
    with pytest.raises(RuntimeError), writing(tmp_path):
        raise RuntimeError
    with writing(tmp_path):
        pass


def test_a_cache_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "cache").write_text("a file")
    lock = writing(tmp_path / "cache" / "demo")
    with pytest.raises(StoreError, match=r"^Cannot write .*cache/demo: "), lock:
        pass
