"""Is something lost without which going on would do harm? Ids would be given to other photos."""

from collections.abc import Iterator
from pathlib import Path

from explorer.errors import DamagedError, StoreError
from explorer.store.arrays import as_numpy
from explorer.store.images import read_images
from explorer.store.manifest import MANIFEST, read_manifest
from explorer.store.metadata import VersionError, read_info
from explorer.store.names import name_of
from explorer.store.parts import next_number, part_number, part_paths, read_parquet


def refuse_holes(root: Path) -> None:
    """Raise `StoreError` when parts of the images table, or what spaces are made with, are lost."""
    try:
        lost = next(filter(None, _lost(root)), "")
    except VersionError:
        raise
    except StoreError as error:
        lost = str(error)
    if lost:
        raise DamagedError(
            f"{lost} Going on could give the ids of images, and so their tags, to other photos.",
            dataset=name_of(root.name),
        )


def _lost(root: Path) -> Iterator[str]:
    if (root / "dataset.json").exists():
        read_info(root)
    manifest = read_manifest(root)
    if manifest is None:
        yield from _lost_before(root)
        return
    for name in manifest.files:
        is_space = name.endswith("/space.json") and (root / name).parent.is_dir()
        if is_space or name == "dataset.json" or name.startswith("images/"):
            yield manifest.damage(root, name)


def _lost_before(root: Path) -> Iterator[str]:
    """What can be told where nothing is listed: other files speak of images that no part has."""
    if not (root / "dataset.json").exists():
        return
    if read_info(root).manifest:
        yield f"{root / MANIFEST} is missing."
    for number in missing_numbers(root):
        yield f"{root / 'images' / f'part-{number:05d}.parquet'} is missing."
    images = read_images(root / "images")["image_id"]
    last = images[-1].as_py() if len(images) else -1
    for path in sorted(root.glob("spaces/*/neighbors.parquet")):
        try:
            ids = as_numpy(read_parquet(path, ["image_id"])["image_id"])
        except DamagedError:  # the analysis makes it again
            continue
        if len(ids) and ids[-1] > last:
            number = next_number(root / "images")
            yield f"{root / 'images' / f'part-{number:05d}.parquet'} is missing."


def missing_numbers(root: Path) -> list[int]:
    """Of parts of the images table, by those that are there and by the thumbnails beside them.

    The last thumbnails may be of a part that was never finished.
    """
    there = {part_number(path) for path in part_paths(root / "images")}
    beside = [part_number(path) for path in part_paths(root / "thumbnails")]
    return sorted(set(range(max([*there, *beside], default=0))) - there)
