"""Handing images over: as a table, or as a folder of copies. All or nothing."""

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from explorer.curate.vectors import VECTOR_FORMATS, write_vectors
from explorer.errors import ExportError, ImageError
from explorer.images import IMAGE_EXTENSIONS, open_source
from explorer.store import Space, path_text

MANIFEST = "export.json"
FORMATS = ("csv", "parquet", "folder", *VECTOR_FORMATS)

# A cell that begins so is a formula to a spreadsheet (OWASP, "CSV Injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

# Names that are devices on Windows, with any extension, and those of the export's own files.
RESERVED = {"con", "prn", "aux", "nul", "images.csv", MANIFEST}
RESERVED |= {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
MAX_NAME = 200  # bytes; file systems allow 255

# How files of a format end where that is not its name.
ENDINGS = {"JPEG": "jpg", "JPEG2000": "jp2", "TIFF": "tif"}

OnFile = Callable[[int, int], object]


@dataclass(frozen=True)
class Exported:
    """What was written, and where."""

    to: str
    format: str
    images: int


def export(
    space: Space,
    image_ids: Sequence[int],
    *,
    format: str,
    to: str | Path,
    force: bool = False,
    on_file: OnFile | None = None,
) -> Exported:
    """Write images into the new folder `to`: it appears whole, at the end, or not at all.

    `csv` and `parquet` give one row per image with every column; `folder` copies in one folder per
    label; `npy`, `safetensors` and `parquet-vectors` the vectors as extracted, in the order of the
    table. The table lies beside them as images.csv; export.json says what it is. With `force` an
    earlier export is replaced, never a folder that holds anything else. `on_file` is
    told (done, total). Raises `ExportError` when there is nothing to export, `to` cannot be used,
    or an image file is gone.
    """
    # Resolved, so that neither `..` nor a link hides where it lies.
    target = Path(to).expanduser().resolve()
    if format not in FORMATS:
        raise ExportError(f"There is no format {format!r}. There are: {', '.join(FORMATS)}.")
    if not len(image_ids):
        raise ExportError("There is nothing to export: no image is selected.")
    _check_target(target, space, force=force)
    table = _rows(space, image_ids)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            _write(space, table, folder=beside, format=format, on_file=on_file or _unheard)
            _describe(space, len(table), folder=beside, format=format)
            beside.chmod(0o755)
            _put(beside, target)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise ExportError(f"Cannot export to {target}: {error.strerror or error}.") from error
    return Exported(str(target), format, len(table))


def _unheard(done: int, total: int) -> None:
    """Nobody asked how far it is."""


def _check_target(target: Path, space: Space, *, force: bool) -> None:
    if target.is_relative_to(Path(space.dataset.source).resolve()):
        raise ExportError(
            f"{target} lies inside the source folder, where the copies would count as new images. "
            "Choose a folder outside it."
        )
    if not target.exists():
        return
    if not force:
        raise ExportError(f"{target} exists already. Choose another folder, or use --force.")
    if not target.is_dir() or (any(target.iterdir()) and not _is_export(target)):
        raise ExportError(
            f"{target} is not an earlier export, or holds more than that (see its {MANIFEST}), so "
            "it is not replaced, even with --force. Choose another folder."
        )


def _is_export(folder: Path) -> bool:
    """Whether a folder holds the files of an export and no others."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        return bool(manifest["files"] == _count_files(folder))
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _count_files(folder: Path) -> int:
    """How many files there are besides the manifest and what file managers leave (.DS_Store)."""
    shown = (path for path in folder.rglob("*") if not path.name.startswith("."))
    return sum(not path.is_dir() for path in shown) - (folder / MANIFEST).exists()


def _describe(space: Space, images: int, *, folder: Path, format: str) -> None:
    manifest = {
        "dataset": space.dataset.name,
        "fingerprint": space.dataset.fingerprint,
        "space": space.id,
        "format": format,
        "images": images,
        "files": _count_files(folder),
        "exported": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


def _rows(space: Space, image_ids: Sequence[int]) -> pa.Table:
    rows = [space.row(int(image_id)) for image_id in image_ids]
    return space.table().take(pa.array(rows, pa.int64()))


def _write(space: Space, table: pa.Table, *, folder: Path, format: str, on_file: OnFile) -> None:
    if format == "parquet":
        pq.write_table(table, folder / "images.parquet")
        on_file(len(table), len(table))
        return
    if format in VECTOR_FORMATS:
        write_vectors(space, table, folder=folder, format=format)
    if format == "folder":
        files = copy_images(space, table, folder, on_file)
        table = table.append_column("file", pa.array(files))
    write_csv(table, folder / "images.csv")
    on_file(len(table), len(table))


def _put(beside: Path, target: Path) -> None:
    """Let the finished folder take the target's place; what was there goes only then."""
    if not target.exists():
        beside.rename(target)
        return
    old = beside.with_name(beside.name + ".old")
    target.rename(old)
    try:
        beside.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)


def write_csv(table: pa.Table, path: Path) -> None:
    """Write a table for spreadsheets: UTF-8, and no cell that would run as a formula."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        for row in table.to_pylist():
            writer.writerow([guarded(value) for value in row.values()])


def guarded(value: Any) -> Any:
    """A table cell that a spreadsheet will not run as a formula."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return value


def copy_images(space: Space, table: pa.Table, folder: Path, on_file: OnFile) -> list[str]:
    """Copy the images into one folder per label; returns each file's new relative path.

    Two files of one name are kept apart by the image id.
    """
    source = open_source(space.dataset.source)
    taken: set[str] = set()
    files = []
    for done, image in enumerate(table.to_pylist(), start=1):
        path = space.dataset.relative_path(image["image_id"])
        folder_name = safe_name(image["label"]) if image["label"] else "unlabelled"
        name = PurePosixPath(folder_name) / file_name(path, image["format"])
        while str(name).casefold() in taken:
            name = name.with_name(f"{name.stem}-{image['image_id']}{name.suffix}")
        taken.add(str(name).casefold())
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            place.write_bytes(source.read(path))
        except ImageError as error:
            raise ExportError(
                f"{path} cannot be exported: {error} `explorer embed {space.dataset.source}` brings"
                " the dataset up to date."
            ) from error
        if image["mtime"]:
            os.utime(place, ns=(image["mtime"].value, image["mtime"].value))
        files.append(path_text(str(name)))
        on_file(done, len(table))
    return files


def file_name(path: str, format: str) -> str:
    """The name of an image's copy; it ends as image files do, also if a URL does not."""
    if "://" in path:
        path = unquote(urlsplit(path).path)
    name = safe_name(PurePosixPath(path).name)
    if PurePosixPath(name).suffix.lower() in IMAGE_EXTENSIONS:
        return name
    return f"{name}.{ENDINGS.get(format, format.lower())}"


def safe_name(name: str) -> str:
    """A name that is one file name on every system and can lead nowhere else.

    The extension stays: without it the file would no longer count as an image.
    """
    cleaned = "".join("_" if c in '/\\:*?"<>|' or ord(c) < 32 else c for c in name).strip(" .")
    if cleaned.casefold() in RESERVED or cleaned.partition(".")[0].strip().casefold() in RESERVED:
        cleaned = "_" + cleaned
    stem, suffix = os.path.splitext(cleaned)
    if len(os.fsencode(suffix)) > MAX_NAME // 2:
        stem, suffix = cleaned, ""
    while len(os.fsencode(stem + suffix)) > MAX_NAME:
        stem = stem[:-1]
    return stem.rstrip(" .") + suffix or "_"
