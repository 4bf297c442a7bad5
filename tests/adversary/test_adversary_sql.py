"""SQL that takes too much is stopped, and nothing but that SQL is the worse for it."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pyarrow as pa
import pytest
from support.browser import ROOT
from support.fakes import analyzed, fill

from explorer.errors import LimitError
from explorer.filters.duck import Refused, ids_where
from explorer.filters.sandbox import Sandbox

ENDLESS = "(SELECT count(*) FROM range(100000000000000)) > 0"
LARGE = [
    "length(repeat('x', 900000000)) > 0",
    "list_sum(range(500000000)) > 0",
    "list_sum(range(50000000 + image_id)) > 0",
    "(WITH RECURSIVE t(x) AS (SELECT 'x' UNION ALL SELECT x || x FROM t)"
    " SELECT max(length(x)) FROM t) > 0",
]
COLUMNS = pa.table({"image_id": np.arange(1000), "label": pa.array(list("abcde") * 200)})
A_GB = 1 << 30


@pytest.fixture(scope="module")
def sandbox():
    one = Sandbox(time_limit=30, patience=60)  # for a machine that is busy
    yield one
    one.close()


def process_of(sandbox):
    return sandbox._worker._child.pid


def a_run(sandbox, expression):
    """Seconds until it was stopped, and the sentence about it."""
    began = time.monotonic()
    with pytest.raises(LimitError) as caught:
        sandbox.ids_where(COLUMNS, expression)
    return time.monotonic() - began, str(caught.value)


@pytest.mark.parametrize("expression", ["label = 'a'", "image_id % 7 = 3", "false", "true"])
def test_it_finds_what_is_found_without_it(sandbox, expression):
    found = sandbox.ids_where(COLUMNS, expression)
    assert found.tolist() == ids_where(COLUMNS, expression).tolist()


def test_what_is_wrong_is_refused_and_the_process_goes_on(sandbox):
    sandbox.ids_where(COLUMNS, "true")
    before = process_of(sandbox)
    for wrong, cause in (("nope = 1", "column"), ("label =", "expression")):
        with pytest.raises(Refused) as caught:
            sandbox.ids_where(COLUMNS, wrong)
        assert caught.value.cause == cause
    assert process_of(sandbox) == before
    assert len(sandbox.ids_where(COLUMNS, "label = 'a'")) == 200


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process' memory")
@pytest.mark.parametrize("expression", LARGE)
def test_what_takes_too_much_memory_is_stopped(sandbox, expression):
    sandbox.ids_where(COLUMNS, "true")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _, says = a_run(sandbox, expression)
    assert "was stopped: it needs more than 1 GB of memory. Ask for less" in says
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10 < A_GB / 10
    assert len(sandbox.ids_where(COLUMNS, "label = 'a'")) == 200


def test_what_takes_too_long_is_stopped():
    sandbox = Sandbox(time_limit=1)
    sandbox.ids_where(COLUMNS, "true")
    seconds, says = a_run(sandbox, ENDLESS)
    assert 1 <= seconds < 6
    assert "was stopped: it takes over 1 s. Ask for less" in says
    sandbox.close()


def test_what_takes_longer_than_two_seconds_is_answered_whole(sandbox):
    """DuckDB would print a bar of its progress then, in the middle of the answer."""
    count = 10**9
    began = time.monotonic()
    while time.monotonic() - began < 2.5:
        began = time.monotonic()
        count *= 2
        assert len(sandbox.ids_where(COLUMNS, f"(SELECT count(*) FROM range({count})) > 0")) == 1000


def test_a_process_that_was_killed_is_another_at_the_next_question(sandbox):
    for _ in range(3):
        assert len(sandbox.ids_where(COLUMNS, "label = 'a'")) == 200
        pid = process_of(sandbox)
        os.kill(pid, signal.SIGKILL)


def test_one_that_is_killed_over_its_question_says_so(sandbox):
    sandbox.ids_where(COLUMNS, "true")
    pid = process_of(sandbox)
    threading.Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()
    _, says = a_run(sandbox, ENDLESS)
    assert "was stopped: it ended the process that ran it." in says
    assert len(sandbox.ids_where(COLUMNS, "label = 'a'")) == 200


def test_threads_take_turns_and_wait_for_a_while_only():
    sandbox = Sandbox(time_limit=4, patience=0.5)
    sandbox.ids_where(COLUMNS, "true")
    one = threading.Thread(target=a_run, args=(sandbox, ENDLESS))
    one.start()
    time.sleep(0.5)
    _, says = a_run(sandbox, "label = 'a'")
    assert "\"label = 'a'\" has not been run: others have been at work for 0.5 s." in says
    one.join()
    assert len(sandbox.ids_where(COLUMNS, "label = 'a'")) == 200
    sandbox.close()


def test_each_thread_gets_its_own_answer(sandbox):
    found = {}

    def ask(number):
        ids = sandbox.ids_where(COLUMNS, f"image_id % 20 = {number}")
        found[number] = ids.tolist()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: list(range(number, 1000, 20)) for number in range(20)}


ASKING = """
import os, sys
import pyarrow as pa
from explorer.filters.sandbox import Sandbox
sandbox = Sandbox(time_limit=60)
columns = pa.table({"image_id": list(range(100))})
"""
FORK = """
assert len(sandbox.ids_where(columns, "image_id < 5")) == 5
if not os.fork():
    assert len(sandbox.ids_where(columns, "image_id < 7")) == 7
    os._exit(0)
assert os.wait()[1] == 0
assert len(sandbox.ids_where(columns, "image_id < 9")) == 9
"""


def test_a_fork_asks_a_process_of_its_own():
    subprocess.run([sys.executable, "-c", ASKING + FORK], cwd=ROOT, check=True)


@pytest.mark.parametrize("at_work", [True, False])
def test_it_ends_with_the_process_that_asked(at_work):
    code = f"{ASKING}sandbox.ids_where(columns, 'true')\n"
    code += "print(sandbox._worker._child.pid, flush=True)\n"
    code += f"sandbox.ids_where(columns, {ENDLESS!r})" if at_work else "sys.stdin.read()"
    asking = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    pid = int(asking.stdout.readline())
    assert is_there(pid)
    time.sleep(0.5)
    asking.kill()
    asking.communicate()
    patience = time.monotonic() + 20
    while is_there(pid) and time.monotonic() < patience:
        time.sleep(0.05)
    assert not is_there(pid)


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # What has ended and is not waited for yet, by whoever inherited it, counts as gone.
    said = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return not said.stdout.strip().startswith("Z") and bool(said.stdout.strip())


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sandbox")
    source = fill(folder / "photos", {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(8)})
    analyzed(source, folder / "cache")
    return folder / "cache"


# From a small process: what this one is large by would be counted for its children, too.
MEASURED = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # of it and of what it started
print(json.dumps([done.returncode, done.stdout + done.stderr, used]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process' memory")
@pytest.mark.parametrize("expression", LARGE[:2])
def test_the_command_line_stops_it_too(cache, tmp_path, expression):
    command = [sys.executable, "-c", "from explorer.cli import main; main()", "export", "photos"]
    command += ["--where", expression, "--to", str(tmp_path / "out"), "--cache", str(cache)]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], capture_output=True, cwd=ROOT, check=True
    )
    assert time.monotonic() - began < 30  # with the start of Python, twice, on a busy machine
    code, said, used = json.loads(done.stdout)
    assert code == 1
    assert "needs more than 1 GB of memory" in " ".join(said.split())
    assert used << 10 < 1.5 * A_GB
    assert not (tmp_path / "out").exists()
