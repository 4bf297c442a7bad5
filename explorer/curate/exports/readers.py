"""What each format's reader has to give back: rows, columns, labels, splits.

They look at tables, indices and names, and at the first and last vectors; no picture is decoded.
"""

import contextlib
import io
import json
import tempfile
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa

from explorer.curate.exports.names import folder_names
from explorer.curate.exports.reading import KEYS, Reading, check_list, same
from explorer.curate.exports.tables import guarded, to_microseconds
from explorer.store import Values

MOST_SHARD_BYTES = 256 << 20  # that WebDataset reads back; it has to read every byte
ENDS = 100  # vectors from the start and from the end


def check_folder(reading: Reading) -> None:
    """The list is whole, and every file that it names is there."""
    check_list(reading)
    missing = [name for name in reading.job.files if not (reading.folder / name).exists()]
    same("files that are missing", missing, [])


def check_imagefolder(reading: Reading) -> None:
    """Every folder of labels gives the same numbers to labels, and every image its label."""
    names = folder_names(reading.column("label"))
    wanted: dict[str, dict[str, str]] = {}
    for file, label in zip(reading.job.files, reading.column("label"), strict=True):
        root = str(PurePosixPath(file).parent.parent)
        wanted.setdefault(root, {})[file] = names[label]
    for root, files in wanted.items():
        found = reading.read(root)
        same("labels", found.classes, sorted({*names.values()}))
        same("numbers of labels", found.class_to_idx, {n: i for i, n in enumerate(found.classes)})
        labels = {
            Path(path).relative_to(reading.folder).as_posix(): found.classes[number]
            for path, number in found.samples
        }
        same("images with their labels", labels, files)
    check_list(reading)


def check_yolo(reading: Reading) -> None:
    """As Ultralytics does it: an ImageFolder per split; and the lists that data.yaml names."""
    check_imagefolder(reading)
    data = json.loads((reading.folder / "data.yaml").read_text("utf-8"))
    same("labels", {*data["names"].values()}, {*folder_names(reading.column("label")).values()})
    listed = []
    for name in data.keys() - {"path", "nc", "names"}:
        listed += (reading.folder / data[name]).read_text("utf-8").splitlines()
    same("files in the lists", sorted(listed), sorted(f"./{file}" for file in reading.job.files))


def check_webdataset(reading: Reading) -> None:
    """The shards, up to a size: key, label and values of every sample."""
    classes = json.loads((reading.folder / "classes.json").read_text("utf-8"))
    wanted: dict[str, dict[str, tuple[object, ...]]] = {}
    ids, labels, splits = (reading.column(name) for name in ("image_id", "label", "split"))
    for shard, key, *values in zip(reading.job.files, ids, labels, splits, strict=True):
        wanted.setdefault(shard, {})[f"{key:08d}"] = tuple(values)
    left = MOST_SHARD_BYTES
    for shard, samples in wanted.items():
        found = {}
        for sample in reading.read(shard):
            values = json.loads(sample["json"])
            label = classes[int(sample["cls"])] if "cls" in sample else None
            found[sample["__key__"]] = (label, values["split"])
        same("samples with their labels and splits", found, samples)
        left -= (reading.folder / shard).stat().st_size
        if left < 0:
            break
    check_list(reading)


def check_huggingface(reading: Reading) -> None:
    """Every row of every split, and every column; the pictures are where their rows say."""
    import datasets

    hushed = not datasets.are_progress_bars_disabled()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
        if hushed:
            datasets.disable_progress_bars()
        try:
            found = reading.read(cache_dir=cache)
            parts = {name: rows.with_format("arrow")[:] for name, rows in found.items()}
        finally:
            if hushed:
                datasets.enable_progress_bars()
        wanted: dict[str, list[int]] = {}
        for row, file in enumerate(reading.job.files):
            wanted.setdefault(PurePosixPath(file).parts[0], []).append(row)
        same("splits", {*parts}, {*wanted})
        for name, rows in wanted.items():
            _check_part(parts[name], reading, rows)


def _check_part(found: pa.Table, reading: Reading, rows: list[int]) -> None:
    table = to_microseconds(reading.job.table.take(pa.array(rows)))
    pictures = [each["path"] for each in found["image"].to_pylist()]
    same("pictures", pictures, [str(reading.folder / reading.job.files[row]) for row in rows])
    others = [name for name in found.column_names if name != "image"]
    same("columns", len(others), table.num_columns)
    for name, own in zip(others, table.column_names, strict=True):
        same(f"values of “{name}”", _plain(found[name]), _plain(table[own]))


def _plain(column: pa.ChunkedArray) -> list[str]:
    """Values as text, so that what is not a number equals itself."""
    return [repr(value) for value in column.to_pylist()]


def check_coco(reading: Reading) -> None:
    """Images, files and labels of every set of annotations."""
    ids, labels = reading.column("image_id"), reading.column("label")
    wanted = dict(zip(ids, zip(reading.job.files, labels, strict=True), strict=True))
    found = {}
    for path in sorted(reading.folder.glob("annotations*.json")):
        with contextlib.redirect_stdout(io.StringIO()):  # it says what it does
            coco = reading.read(path.name)
        names = {each["id"]: each["name"] for each in coco.loadCats(coco.getCatIds())}
        for image in coco.loadImgs(coco.getImgIds()):
            kinds = [each["category_id"] for each in coco.imgToAnns.get(image["id"], ())]
            label = names[kinds[0]] if kinds else None
            found[image["id"]] = (image["file_name"], label)
    same("images with their labels", found, wanted)
    check_list(reading)


def check_fiftyone(reading: Reading) -> None:
    """By its documented layout: every file in data/, and its label by its name."""
    told = json.loads((reading.folder / "labels.json").read_text("utf-8"))
    labels = {
        name: None if place is None else told["classes"][place]
        for name, place in told["labels"].items()
    }
    names = [PurePosixPath(file).stem for file in reading.job.files]
    same("labels", labels, dict(zip(names, reading.column("label"), strict=True)))
    files = sorted(path.stem for path in (reading.folder / "data").iterdir())
    same("files", files, sorted(names))
    check_list(reading)


def check_table(reading: Reading) -> None:
    """The columns by name, and what says which image has which label and split."""
    table = reading.read()
    same("columns", [*table.columns], list(map(guarded, reading.job.table.column_names)))
    _check_keys(table, reading, is_csv=reading.reader.function.endswith("csv"))


def _check_keys(table: Any, reading: Reading, *, is_csv: bool = False) -> None:
    for name in KEYS:
        found = [None if value != value else value for value in table[name]]
        wanted = reading.column(name)
        same(f"values of “{name}”", found, list(map(guarded, wanted)) if is_csv else wanted)


def check_parquet_vectors(reading: Reading) -> None:
    """As a table; of the vectors the first and the last."""
    import pyarrow.parquet as pq

    _check_keys(reading.read(columns=list(KEYS)), reading)
    file = pq.ParquetFile(reading.folder / "embeddings.parquet")
    same("columns", file.schema_arrow.names, [*reading.job.table.column_names, "embedding"])
    groups = [file.read_row_group(n, ["embedding"]) for n in (0, file.num_row_groups - 1)]
    for rows, group in ((slice(0, ENDS), groups[0]), (slice(-ENDS, None), groups[1])):
        last = group["embedding"].combine_chunks().flatten().to_numpy()
        vectors = last.reshape(len(group), -1)
        wanted = reading.job.space.vectors(reading.job.space_rows[rows])
        same("vectors", np.array_equal(vectors[rows][-len(wanted) :], wanted), True)


def check_npy(reading: Reading) -> None:
    """As many vectors as rows, the first and the last of them; and the list beside."""
    _check_vectors(reading.read(), reading)


def check_safetensors(reading: Reading) -> None:
    """The ids, and as many vectors, the first and the last of them; and the list beside."""
    tensors = reading.read()
    same("ids", tensors["image_ids"].tolist(), reading.column("image_id"))
    _check_vectors(tensors["embeddings"], reading)


def _check_vectors(found: Values, reading: Reading) -> None:
    same("vectors", found.shape, (len(reading.job.table), reading.job.space.dimension))
    for rows in (slice(0, ENDS), slice(-ENDS, None)):
        wanted = reading.job.space.vectors(reading.job.space_rows[rows])
        same("vectors", np.array_equal(np.asarray(found[rows]), wanted), True)


class _Pictures(HTMLParser):
    """Names of the pictures on a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.names.append(dict(attrs).get("alt"))


def check_sheet(reading: Reading) -> None:
    """A picture for each image, by name; on the sheets after the first they are counted."""
    first = (reading.folder / "contact-sheet.html").read_text("utf-8")
    names = _Pictures(first).names
    others = [path.read_bytes() for path in reading.folder.glob("contact-sheet-*.html")]
    number = len(names) + sum(page.count(b"<li>") for page in others)
    same("pictures", number, len(reading.job.table))
    same("names of pictures", {*names} <= {*reading.column("path")}, True)
