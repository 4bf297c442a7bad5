"""Ten hours in ten minutes: the server takes no more memory for being used, and each window little.

`EXPLORER_RERUNS=5000` has the script run more often than the few times of an ordinary test run.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from support.browser import ROOT, busy_machine
from support.socket_client import Window
from support.watched_server import Server

from explorer import open_dataset

EVENTS = int(os.environ.get("EXPLORER_EVENTS", "200"))
LONGEST_GAP = 0.3  # seconds
RERUNS = int(os.environ.get("EXPLORER_RERUNS", "300"))
WARM_UP = 100  # runs after which everything has been loaded and kept once
WINDOWS = 20

# Python and its C libraries give memory back in lumps; a leak of a rerun's data would be far more.
MOST_PER_THOUSAND = 20.0  # MB
SLACK = 15.0  # MB
MOST_PER_WINDOW = 5.0  # MB

Record = Callable[[str, object], None]
PAGES = ["", "map", "neighbours", "selection", "clusters", "outliers", "labels", "duplicates"]


def use(window: Window, number: int) -> None:
    """Do one thing, and look at what it has made."""
    image = number % 128
    turn = number // len(PAGES)  # each window does one after the other
    deed = (number + turn) % 4
    if deed == 0:
        window.do("sample_data", "select", ids=[image], mode="add" if turn % 8 else "replace")
    elif deed == 1:
        window.do("sample_data", "ask", image=image)
    elif deed == 2:
        window.do("sample_data", "undo")
    window.run(f"image={image}" if deed == 3 else "")


def test_a_window_takes_little(server: Server, record_property: Record) -> None:
    first = [Window(server.url, page) for page in PAGES]
    for window in first:
        for _ in range(5):
            window.run()
    before = server.megabytes()
    windows = [Window(server.url, PAGES[number % len(PAGES)]) for number in range(WINDOWS)]
    for window in windows:
        for _ in range(3):
            window.run()
    each = (server.megabytes() - before) / WINDOWS
    for window in (*first, *windows):
        window.close()
    record_property("windows open at once", WINDOWS)
    record_property("MB per session", round(each, 2))
    assert each < MOST_PER_WINDOW, f"{each:.1f} MB"


def test_reruns_do_not_grow(server: Server, record_property: Record) -> None:
    windows = [Window(server.url, page) for page in PAGES]
    for number in range(WARM_UP):
        use(windows[number % len(windows)], number)
    sizes = [server.megabytes()]
    for number in range(RERUNS):
        use(windows[number % len(windows)], number)
        if (number + 1) % max(RERUNS // 10, 1) == 0:
            sizes.append(server.megabytes())
    for window in windows:
        window.close()
    grown = sizes[-1] - sizes[0]
    record_property("reruns", RERUNS)
    record_property("MB grown over the reruns", round(grown, 1))
    record_property("MB over the reruns", [round(size) for size in sizes])
    assert grown < SLACK + MOST_PER_THOUSAND * RERUNS / 1000, sizes


JOB = """
import sys
from explorer import open_dataset
dataset = open_dataset("sample_data", cache=sys.argv[1])
for image in range(100):
    dataset.tags.add("job", [image])
    dataset.curation.of("job").select([image], "add")
"""


def test_what_the_app_and_a_job_tag_at_once_is_all_kept(
    server: Server, window: Window, tmp_path: Path
) -> None:
    dataset = open_dataset("sample_data", cache=server.cache)
    dataset.tags.add("app", [])
    seen = next([tag.id, tag.name] for tag in dataset.tags.now().sets if tag.name == "app")
    command = [sys.executable, "-c", JOB, str(server.cache)]
    jobs = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)]
    told = []
    for image in range(100):
        window.do("sample_data", "tag", tag=seen, ids=[image], on=True)
        if image % 20 == 0:
            line = [str(Path(sys.executable).with_name("explorer")), "tag", "sample_data", "line"]
            (tmp_path / "ids").write_text(f"{image}\n")
            line += ["--ids", str(tmp_path / "ids"), "--cache", str(server.cache)]
            subprocess.run(line, check=True, cwd=ROOT, capture_output=True)
            told += window.run()
    told += window.run()
    assert [job.wait(120) for job in jobs] == [0, 0], [job.stderr.read() for job in jobs]
    for job in jobs:
        job.stderr.close()
    assert dataset.tags.ids("app").tolist() == dataset.tags.ids("job").tolist() == [*range(100)]
    assert dataset.tags.ids("line").tolist() == [0, 20, 40, 60, 80]
    assert dataset.curation.of("job").selected().tolist() == [*range(100)]
    assert "locked" not in json.dumps([str(message) for message in told])
    assert "locked" not in server.log.read_text()


def test_no_event_is_lost_though_each_cuts_a_run_short(
    server: Server, window: Window, chance: random.Random, record_property: Record
) -> None:
    """As the components do: each event is sent, and then a new picture is asked for."""
    curation = open_dataset("sample_data", cache=server.cache).curation.of(window.session)
    wished: list[set[int]] = [set(curation.selected().tolist())]
    version = curation.selected_version()
    with busy_machine(server.url):
        for _ in range(EVENTS):
            time.sleep(chance.uniform(0, LONGEST_GAP))
            image, mode = chance.randrange(128), chance.choice(["add", "subtract"])
            window.do("sample_data", "select", ids=[image], mode=mode)
            window.drain()
            window.ask_for_run()
            then = wished[-1] | {image} if mode == "add" else wished[-1] - {image}
            wished += [then] if then != wished[-1] else []
    record_property("events sent by HTTP", EVENTS)
    assert set(curation.selected().tolist()) == wished[-1]
    assert curation.selected_version() - version == len(wished) - 1  # each was done once
    record_property("events lost by HTTP", 0)
    window.wait_for_run()
