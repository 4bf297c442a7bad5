"""Reading an export back by what its format is read with, before it takes its place.

Files have been compared byte by byte by then (`Staging.check`). Here it is asked whether the reader
that docs/curate.md names finds what was written: rows, columns, labels, splits. It looks at tables,
indices and names, and at the first and last vectors; no picture is decoded.
"""

import ast
import contextlib
import csv
import importlib
import io
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa

from explorer.curate.exports.job import Job
from explorer.curate.exports.names import folder_names
from explorer.curate.exports.tables import guarded, to_microseconds
from explorer.errors import ExportError

KEYS = ("image_id", "path", "label", "split")
SET = "set"  # what the export is called in `Reader.code`
MOST_SHARD_BYTES = 256 << 20  # that WebDataset reads back; it has to read every byte
ENDS = 100  # vectors from the start and from the end


@dataclass(frozen=True)
class Reader:
    """What an export is read with: the call that docs/curate.md names, and what it has to give.

    check: raises `_Different` when the call gives anything else than what a job wrote. code: the
    call; what begins with "set" in it is a place in the export. Empty where it is no call in
    Python: then the documented layout is looked at.
    """

    check: Callable[["Reading"], None]
    code: str = ""

    @property
    def function(self) -> str:
        """The function that is called, such as `pandas.read_csv`."""
        return ast.unparse(_call(self.code).func) if self.code else "Its reader"

    @property
    def is_usable(self) -> bool:
        """Whether its library works here: one that is installed may still fail to import."""
        if not self.code:
            return True
        try:
            importlib.import_module(self.function.rpartition(".")[0])
        except Exception:  # a library that does not fit another one raises what it likes
            return False
        return True


class _Different(Exception):
    """What was read is not what was written."""


@dataclass(frozen=True)
class Reading:
    """One export that is read back: what was written, and where it lies."""

    job: Job
    folder: Path
    reader: Reader

    def read(self, name: str | None = None, **more: Any) -> Any:
        """What the reader gives for the export, or for a place `name` in it."""
        module, _, function = self.reader.function.rpartition(".")
        call = getattr(importlib.import_module(module), function)
        documented = _call(self.reader.code)
        first, *others = [ast.literal_eval(each) for each in documented.args]
        place = self.folder / (str(first)[len(SET) :].strip("/") if name is None else name)
        named = {each.arg: ast.literal_eval(each.value) for each in documented.keywords if each.arg}
        return call(str(place), *others, **named, **more)

    def column(self, name: str) -> list[Any]:
        return list(self.job.table[name].to_pylist())


def _call(code: str) -> ast.Call:
    found = ast.parse(code, mode="eval").body
    assert isinstance(found, ast.Call)
    return found


def read_back(job: Job, reader: Reader, folder: Path) -> None:
    """Read an export as others will. Raises `ExportError` when it does not come back as it went.

    Does nothing where the reader is not installed, or cannot be imported.
    """
    if not reader.is_usable:
        return
    try:
        reader.check(Reading(job, folder, reader))
    except Exception as error:  # readers raise what they like
        raise ExportError(
            f"{reader.function} would not read this export as it was written: "
            f"{str(error).rstrip('.')}. Nothing was exported; another format may do."
        ) from error


def _same(what: str, found: Any, wanted: Any) -> None:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        lost = [key for key in wanted if key not in found or found[key] != wanted[key]]
        if lost or len(found) != len(wanted):
            first = f", {lost[0]!r} first" if lost else ""
            raise _Different(f"{len(lost):,} of {len(wanted):,} {what} are not the same{first}")
    elif found != wanted:
        raise _Different(f"{what} are not the same")


def _check_list(reading: Reading) -> None:
    """images.csv names every file, with its label and split."""
    if not reading.job.files:
        return
    with (reading.folder / "images.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for name, values in (
        ("file", reading.job.files),
        *((key, reading.column(key)) for key in KEYS),
    ):
        wanted = ["" if value is None else str(guarded(value)) for value in values]
        _same(f"values of “{name}” in images.csv", [row[name] for row in rows], wanted)


def check_folder(reading: Reading) -> None:
    """The list is whole, and every file that it names is there."""
    _check_list(reading)
    missing = [name for name in reading.job.files if not (reading.folder / name).exists()]
    _same("files that are missing", missing, [])


def check_imagefolder(reading: Reading) -> None:
    """Every folder of labels gives the same numbers to labels, and every image its label."""
    names = folder_names(reading.column("label"))
    wanted: dict[str, dict[str, str]] = {}
    for file, label in zip(reading.job.files, reading.column("label"), strict=True):
        root = str(PurePosixPath(file).parent.parent)
        wanted.setdefault(root, {})[file] = names[label]
    for root, files in wanted.items():
        found = reading.read(root)
        _same("labels", found.classes, sorted({*names.values()}))
        _same("numbers of labels", found.class_to_idx, {n: i for i, n in enumerate(found.classes)})
        labels = {
            Path(path).relative_to(reading.folder).as_posix(): found.classes[number]
            for path, number in found.samples
        }
        _same("images with their labels", labels, files)
    _check_list(reading)


def check_yolo(reading: Reading) -> None:
    """As Ultralytics does it: an ImageFolder per split; and the lists that data.yaml names."""
    check_imagefolder(reading)
    data = json.loads((reading.folder / "data.yaml").read_text("utf-8"))
    _same("labels", {*data["names"].values()}, {*folder_names(reading.column("label")).values()})
    listed = []
    for name in data.keys() - {"path", "nc", "names"}:
        listed += (reading.folder / data[name]).read_text("utf-8").splitlines()
    _same("files in the lists", sorted(listed), sorted(f"./{file}" for file in reading.job.files))


def check_webdataset(reading: Reading) -> None:
    """The shards, up to a size: key, label and values of every sample."""
    classes = json.loads((reading.folder / "classes.json").read_text("utf-8"))
    wanted: dict[str, dict[str, tuple[Any, ...]]] = {}
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
        _same("samples with their labels and splits", found, samples)
        left -= (reading.folder / shard).stat().st_size
        if left < 0:
            break
    _check_list(reading)


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
        _same("splits", {*parts}, {*wanted})
        for name, rows in wanted.items():
            _check_part(parts[name], reading, rows)


def _check_part(found: pa.Table, reading: Reading, rows: list[int]) -> None:
    table = to_microseconds(reading.job.table.take(pa.array(rows)))
    pictures = [each["path"] for each in found["image"].to_pylist()]
    _same("pictures", pictures, [str(reading.folder / reading.job.files[row]) for row in rows])
    others = [name for name in found.column_names if name != "image"]
    _same("columns", len(others), table.num_columns)
    for name, own in zip(others, table.column_names, strict=True):
        _same(f"values of “{name}”", _plain(found[name]), _plain(table[own]))


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
    _same("images with their labels", found, wanted)
    _check_list(reading)


def check_fiftyone(reading: Reading) -> None:
    """By its documented layout: every file in data/, and its label by its name."""
    told = json.loads((reading.folder / "labels.json").read_text("utf-8"))
    labels = {
        name: None if place is None else told["classes"][place]
        for name, place in told["labels"].items()
    }
    names = [PurePosixPath(file).stem for file in reading.job.files]
    _same("labels", labels, dict(zip(names, reading.column("label"), strict=True)))
    files = sorted(path.stem for path in (reading.folder / "data").iterdir())
    _same("files", files, sorted(names))
    _check_list(reading)


def check_table(reading: Reading) -> None:
    """The columns by name, and what says which image has which label and split."""
    table = reading.read()
    _same("columns", [*table.columns], list(map(guarded, reading.job.table.column_names)))
    is_csv = reading.reader.function.endswith("csv")
    for name in KEYS:
        found = [None if value != value else value for value in table[name]]
        wanted = reading.column(name)
        _same(f"values of “{name}”", found, list(map(guarded, wanted)) if is_csv else wanted)


def check_parquet_vectors(reading: Reading) -> None:
    """As a table; of the vectors the first and the last."""
    import pyarrow.parquet as pq

    table = reading.read(columns=list(KEYS))
    for name in KEYS:
        found = [None if value != value else value for value in table[name]]
        _same(f"values of “{name}”", found, reading.column(name))
    file = pq.ParquetFile(reading.folder / "embeddings.parquet")
    _same("columns", file.schema_arrow.names, [*reading.job.table.column_names, "embedding"])
    groups = [file.read_row_group(n, ["embedding"]) for n in (0, file.num_row_groups - 1)]
    for rows, group in ((slice(0, ENDS), groups[0]), (slice(-ENDS, None), groups[1])):
        last = group["embedding"].combine_chunks().flatten().to_numpy()
        vectors = last.reshape(len(group), -1)
        wanted = reading.job.space.vectors(reading.job.space_rows[rows])
        _same("vectors", np.array_equal(vectors[rows][-len(wanted) :], wanted), True)


def check_npy(reading: Reading) -> None:
    """As many vectors as rows, the first and the last of them; and the list beside."""
    _check_vectors(reading.read(), reading)


def check_safetensors(reading: Reading) -> None:
    """The ids, and as many vectors, the first and the last of them; and the list beside."""
    tensors = reading.read()
    _same("ids", tensors["image_ids"].tolist(), reading.column("image_id"))
    _check_vectors(tensors["embeddings"], reading)


def _check_vectors(found: Any, reading: Reading) -> None:
    _same("vectors", found.shape, (len(reading.job.table), reading.job.space.dimension))
    for rows in (slice(0, ENDS), slice(-ENDS, None)):
        wanted = reading.job.space.vectors(reading.job.space_rows[rows])
        _same("vectors", np.array_equal(np.asarray(found[rows]), wanted), True)


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
    _same("pictures", number, len(reading.job.table))
    _same("names of pictures", {*names} <= {*reading.column("path")}, True)
