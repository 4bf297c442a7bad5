"""The disk is full at any moment: a sentence, nothing lost, and with room again all goes on.

An ordinary run limits the size of files, for which nobody needs a right; `EXPLORER_FULL_DISK=mount`
fills a small file system of its own, of which every byte counts, to many degrees.
"""

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from jobs import meaning
from support.fakes import analyzed, embed, fill

from explorer import batch, curate
from explorer.errors import ExplorerError
from explorer.store import Dataset, Tags, problems, read_manifest

MOUNTS = os.environ.get("EXPLORER_FULL_DISK") == "mount"
SIZE = 4 << 20  # bytes of the file system
PAGE = 4096
ROOMS = (
    [PAGE * pages for pages in (*range(0, 24, 2), 30, 40, 60)]
    if MOUNTS
    else [0, 300, 1000, 1800, 2600, 3400, 5000, 7000, 10_000, 20_000, 36_000]
)
SAYS = ("disk is full", "No space left") if MOUNTS else ("no file may be", "File too large", "disk")


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    """Five photos, and later four more; for less than ten the map needs no UMAP."""
    return fill(
        tmp_path_factory.mktemp("full") / "photos", {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(5)}
    )


@pytest.fixture(scope="module")
def before(photos, tmp_path_factory) -> Path:
    """What is there before the disk is full: five photos, analysed and tagged."""
    cache = tmp_path_factory.mktemp("before") / "cache"
    analyzed(photos, cache).tags.add("mine", [1, 2, 3])
    fill(photos, {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(5, 9)})
    return cache


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A folder that may be full; a file system of its own if one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if MOUNTS:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "full", folder], check=True)
    yield folder
    if MOUNTS:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def room_for(disk: Path, size: int) -> Iterator[None]:
    """Only so many bytes more can be written there: in all if it is mounted, else in each file."""
    if MOUNTS:
        filler = disk / "filler"
        filler.write_bytes(bytes(max(shutil.disk_usage(disk).free - size, 0)))
        yield
        filler.unlink()
        return
    usual, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (usual, most))


def embedding(cache: Path, photos: Path) -> None:
    embed(photos, cache)


def analysing(cache: Path, photos: Path) -> None:
    batch.analyze(Dataset(cache / "photos"))


def tagging(cache: Path, photos: Path) -> None:
    Tags(Dataset(cache / "photos").curation).add("more", range(5))


def exporting(cache: Path, photos: Path) -> None:
    space = Dataset(cache / "photos").space()
    curate.export(space, space.image_ids, format="imagefolder", to=cache / "set", force=True)


def repeating(cache: Path, photos: Path) -> None:
    recipe = cache / "first" / "recipe.json"
    curate.repeat(recipe, Dataset(cache / "photos"), to=cache / "again", force=True)


def repairing(cache: Path, photos: Path) -> None:
    report = batch.repair("photos", cache=cache)
    if report.problems:
        raise ExplorerError(" ".join(report.problems + report.lost))


def said(cache: Path) -> dict[str, object]:
    """All that a cache says, but for times of day."""
    root = cache / "photos"
    dataset = Dataset(root)
    exported = [path for name in ("set", "again") for path in (cache / name).rglob("*.jpg")]
    space = dataset.space()
    return meaning(root) | {
        "columns": {name: str(space.table([name])) for name in space.column_names},
        "tags": {tag.name: dataset.tags.ids(tag.name).tolist() for tag in dataset.tags.all()},
        "exported": {str(path.relative_to(cache)): path.read_bytes() for path in exported},
        "graph": np.asarray(space.graph().neighbor_ids).tolist(),
        "next id": read_manifest(root).next_image_id,
    }


def damage(root: Path) -> None:
    for name in ("thumbnails/part-00000.arrow", "spaces/fake/index.faiss"):
        (root / name).unlink()


Act = Callable[[Path, Path], None]


@pytest.fixture(
    scope="module",
    params=[embedding, analysing, tagging, exporting, repeating, repairing],
    ids=lambda a: a.__name__,
)
def act(request: pytest.FixtureRequest) -> Act:
    """What is done when the disk is full."""
    return request.param


@pytest.fixture(scope="module")
def ready(act: Act, before: Path, photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache on which that can be done."""
    cache = shutil.copytree(before, tmp_path_factory.mktemp("ready") / "cache")
    if act is repeating:
        space = Dataset(cache / "photos").space()
        curate.export(space, space.image_ids, format="imagefolder", to=cache / "first")
    if act in (analysing, repairing):
        embed(photos, cache)
    if act is repairing:
        damage(cache / "photos")
    return cache


@pytest.fixture(scope="module")
def undisturbed(
    act: Act, ready: Path, photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, object]:
    """What the cache says when that was done and the disk had room."""
    cache = shutil.copytree(ready, tmp_path_factory.mktemp("undisturbed") / "cache")
    act(cache, photos)
    return said(cache)


@pytest.mark.parametrize("room", ROOMS)
def test_a_full_disk_loses_nothing(
    act: Act,
    ready: Path,
    undisturbed: dict[str, object],
    photos: Path,
    disk: Path,
    room: int,
    record_property: Callable[[str, object], None],
) -> None:
    cache = shutil.copytree(ready, disk / "cache")
    with room_for(disk, room):
        try:
            act(cache, photos)
            sentence = ""
        except ExplorerError as error:
            sentence = str(error)
    record_property("times the disk was full", int(bool(sentence)))
    assert not sentence or any(each in sentence for each in SAYS), sentence
    root = cache / "photos"
    if act is not repairing:
        assert list(problems(root)) == []
    assert Dataset(root).tags.ids("mine").tolist() == [1, 2, 3]
    act(cache, photos)
    assert said(cache) == undisturbed
    assert list(problems(root)) == []
    assert not list(root.rglob(".*.writing"))
