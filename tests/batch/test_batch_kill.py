"""SIGKILL at any point: the next run ends with the bytes of a run that nothing happened to.

`EXPLORER_KILL_POINTS=200` tries more points than the few of an ordinary test run.
"""

import multiprocessing
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from jobs import meaning, part_bytes
from killable import job
from support.fakes import embed, fill, image_bytes

from explorer.store import Dataset, problems, read_manifest

POINTS = int(os.environ.get("EXPLORER_KILL_POINTS", "25"))

# A fresh, clean process for every point, without the second that importing everything takes.
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["explorer.batch"])


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kill") / "photos"
    fill(folder, {f"{'abc'[i % 3]}/{i:02d}.jpg": i for i in range(60)})
    spoilt = {f"{'abc'[i % 3]}/{i:02d}-bad.jpg": image_bytes(i)[:150] for i in range(0, 60, 7)}
    return fill(folder, spoilt)


@pytest.fixture(scope="module")
def undisturbed(source, tmp_path_factory):
    cache = tmp_path_factory.mktemp("undisturbed")
    report = embed(source, cache)
    assert (report.embedded, report.rejected) == (60, 9)
    return part_bytes(cache / "photos")


@pytest.fixture(autouse=True)
def counted(record_property):
    """How many kills a test has survived."""
    kills.clear()
    yield
    record_property("kills survived", len(kills))


kills: list[int] = []


def killed(source: Path, cache: Path, calls: int = 0, seconds: float | None = None) -> bool:
    """Run the job until it is killed, at a call or after some time; False if it had ended."""
    process = SERVER.Process(target=job, args=(source, cache, calls))
    process.start()
    if seconds is not None:
        time.sleep(seconds)
        process.kill()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    if process.exitcode:
        kills.append(process.exitcode)
    return process.exitcode != 0


def check(source: Path, cache: Path, undisturbed: dict[str, bytes]) -> None:
    """What the kill left is whole, and going on from it ends as if it had not happened."""
    root = cache / "photos"
    if (root / "dataset.json").exists():
        assert list(problems(root)) == []
    report = embed(source, cache)
    assert report.embedded + report.unchanged == 60
    assert report.rejected == 9
    assert part_bytes(root) == undisturbed
    assert list(problems(root)) == []
    assert not list(root.rglob(".*.writing"))
    listed = read_manifest(root)
    assert {*part_bytes(root)} - {"rejected"} < {*listed.files}
    assert (listed.next_image_id, listed.becoming) == (60, {})


@pytest.fixture(scope="module")
def calls(source, tmp_path_factory):
    """How many points there are to be killed at."""
    answer = SERVER.SimpleQueue()
    cache = tmp_path_factory.mktemp("counted")
    process = SERVER.Process(target=job, args=(source, cache, 0, answer))
    process.start()
    process.join()
    assert process.exitcode == 0  # one that failed leaves no answer to wait for
    return answer.get()


def test_killed_at_any_call_the_job_goes_on(source, undisturbed, calls, tmp_path, chance):
    points = POINTS * 4 // 5
    for number in range(points):
        # One point of each of so many stretches of equal length.
        at = 1 + int((number + chance.random()) * calls / points)
        cache = tmp_path / f"{number}-at-{at}-of-{calls}"
        assert killed(source, cache, calls=at)
        check(source, cache, undisturbed)


def test_killed_at_any_time_the_job_goes_on(source, undisturbed, tmp_path, chance):
    started = time.perf_counter()
    killed(source, tmp_path / "timed")
    whole = time.perf_counter() - started
    for number in range(POINTS // 5):
        cache = tmp_path / f"{number}"
        killed(source, cache, seconds=chance.uniform(0, whole))
        check(source, cache, undisturbed)


def test_killed_again_and_again_the_job_ends_all_the_same(
    source, undisturbed, calls, tmp_path, chance
):
    cache = tmp_path / "cache"
    for _ in range(max(POINTS // 5, 3)):
        killed(source, cache, calls=chance.randint(1, calls // 3))
    check(source, cache, undisturbed)


def test_killed_while_new_and_changed_files_are_added_nothing_is_lost(
    source, calls, tmp_path, chance
):
    own = shutil.copytree(source, tmp_path / "photos")
    embed(own, tmp_path / "before")
    fill(own, {f"new/{i}.jpg": 200 + i for i in range(10)})
    for i in range(0, 60, 6):
        fill(own, {f"{'abc'[i % 3]}/{i:02d}.jpg": 300 + i})
    (own / "b/01.jpg").rename(own / "new/moved.jpg")
    shutil.copytree(tmp_path / "before", tmp_path / "undisturbed")
    embed(own, tmp_path / "undisturbed")
    expected = meaning(tmp_path / "undisturbed" / "photos")
    for number in range(max(POINTS // 5, 3)):
        cache = shutil.copytree(tmp_path / "before", tmp_path / f"{number}")
        Dataset(cache / "photos").tags.add("mine", [1, 2, 3])
        killed(own, cache, calls=chance.randint(1, calls // 2))
        report = embed(own, cache)
        assert report.embedded + report.unchanged + report.moved == 70
        assert meaning(cache / "photos") == expected
        assert list(problems(cache / "photos")) == []
        assert Dataset(cache / "photos").tags.ids("mine").tolist() == [1, 2, 3]
