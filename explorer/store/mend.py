"""What can be set right of a damaged dataset without photos or networks: all but what they make."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from explorer.errors import StoreError
from explorer.store.arrays import as_numpy
from explorer.store.atomic import replacing
from explorer.store.images import SCHEMA, last_rows, read_images
from explorer.store.lock import writing
from explorer.store.manifest import CHANGING, MANIFEST, Manifest, forget, read_manifest, settle
from explorer.store.metadata import read_info
from explorer.store.parts import next_number, part_paths, read_parquet, write_parquet
from explorer.store.verify import damage

ASIDE = "damaged"


@dataclass
class Mended:
    """What was found and done.

    `found` are sentences; `aside` the damaged files, by where they lie now; `written` the names of
    files that were written again; `lost` are sentences on what nothing can make again.
    """

    found: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def mend(root: Path) -> Mended:
    """Put damaged files aside, write again what the manifest or the vectors tell.

    Images whose part is lost get rows without a path that keep their ids: a job that finds their
    photos, by content, fills them in. Raises `LockedError` when a job is writing, `StoreError` when
    nothing tells any more what the dataset is.
    """
    with writing(root):
        found = damage(root)
        mended = Mended([*found.values()])
        manifest = Manifest() if MANIFEST in found else read_manifest(root) or Manifest()
        _check_known(root, found, manifest)
        for name in found:
            if name == CHANGING:
                mended.lost.append(
                    f"{root / name} holds what people made, and nothing else tells it: restore it "
                    "from a backup."
                )
            elif (root / name).exists():
                mended.aside.append(_put_aside(root, name))
            if (entry := manifest.files.get(name)) and entry.says is not None:
                with replacing(root / name) as temporary:
                    temporary.write_text(entry.says, "ascii")
                mended.written.append(name)
            elif name.endswith("/space.json"):
                mended.aside.append(_put_aside(root, name.removesuffix("/space.json")))
                mended.lost.append(
                    f"Nothing tells any more what the vectors beside {root / name} are: `explorer "
                    "embed` with --extractor makes the space again."
                )
        _keep_ids(root, found, manifest, mended)
        forget(root, found)
        images = read_images(root / "images")["image_id"]
        settle(root, next_image_id=images[-1].as_py() + 1 if len(images) else 0)
    return mended


def _check_known(root: Path, found: dict[str, str], manifest: Manifest) -> None:
    if "dataset.json" in found and "dataset.json" not in manifest.files:
        raise StoreError(
            f"{found['dataset.json']} Nothing else tells where the photos are: restore it from a "
            "backup, or embed them again under another name (--name)."
        )
    if "dataset.json" not in found:
        read_info(root)  # of another version: not ours to mend


def _put_aside(root: Path, name: str) -> str:
    """Nothing is removed: somebody may still read something out of it."""
    place = root / ASIDE / name
    number = 1
    while place.exists():
        number += 1
        place = root / ASIDE / f"{name}.{number}"
    place.parent.mkdir(parents=True, exist_ok=True)
    (root / name).replace(place)
    return place.relative_to(root).as_posix()


def _keep_ids(root: Path, found: dict[str, str], manifest: Manifest, mended: Mended) -> None:
    """In the place of lost parts of the images table, rows that only say which content has an id.

    The vectors tell that: of each they name the image and the content.
    """
    names = sorted(name for name in found if name.startswith("images/"))
    rows = _rows_by_vectors(root, manifest) if names or not manifest.files else []
    if len(rows) and not names:  # the last parts, where nothing says that there were any
        names = [f"images/part-{next_number(root / 'images'):05d}.parquet"]
    for name in names:
        write_parquet(root / name, rows)
        mended.written.append(name)
        rows = SCHEMA.empty_table()
    annotated = ", ".join(read_info(root).annotated or ()) if names else ""
    if annotated:
        mended.lost.append(
            f"What was annotated ({annotated}) is gone where it stood in a part of images that is "
            "lost: annotating again brings it back."
        )
    known = len(read_images(root / "images"))
    if names and manifest.next_image_id > known:
        mended.lost.append(
            f"Of {manifest.next_image_id - known} images neither rows nor vectors are left. Their "
            "ids stay unused, tags on them show nothing, and embedding again takes their photos "
            "for new ones."
        )


def _rows_by_vectors(root: Path, manifest: Manifest) -> pa.Table:
    paths = [path for each in sorted(root.glob("spaces/*/embeddings")) for path in part_paths(each)]
    columns = ["image_id", "content_hash"]
    tables = [read_parquet(path, columns) for path in paths]
    if not tables:
        return SCHEMA.empty_table()
    table = pa.concat_tables(tables).combine_chunks()
    table = table.take(pa.array(last_rows(as_numpy(table["image_id"]))))
    ids = as_numpy(table["image_id"])
    lost = ~np.isin(ids, as_numpy(read_images(root / "images")["image_id"]))
    if manifest.files:  # what a killed job has left has no rows, and never had
        lost &= ids < manifest.next_image_id
    table = table.filter(pa.array(lost))
    rows = {field.name: pa.nulls(len(table), field.type) for field in SCHEMA}
    rows |= {
        "image_id": table["image_id"],
        "content_hash": table["content_hash"],
        "path": pa.array([""] * len(table), pa.string()),
        "present": pa.array([False] * len(table), pa.bool_()),
    }
    return pa.table([rows[name] for name in SCHEMA.names], schema=SCHEMA)
