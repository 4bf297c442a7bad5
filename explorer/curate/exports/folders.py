"""Folders of image files: as people want them, as torchvision, YOLO and Hugging Face read them."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import pyarrow as pa

from explorer.curate.exports.job import Job
from explorer.curate.exports.names import ending, file_name, folder_names, split_names
from explorer.curate.exports.tables import list_copies, to_microseconds
from explorer.errors import ExportError
from explorer.images import SPLIT_FOLDERS
from explorer.store import ImageRow

# What torchvision.datasets.ImageFolder takes for images; Ultralytics takes these, too.
TORCHVISION = {".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"}
TRAIN = "train"
YOLO_SPLITS = ("train", "val", "test")  # the folders that it looks for


def write_folder(job: Job) -> None:
    """One folder per label, or as asked for."""
    by = ("label",) if job.options.by is None else job.options.by
    list_copies(job, job.place_images(job.folders(by)))


def write_imagefolder(job: Job) -> None:
    """One folder per label, below those asked for (such as one per split).

    Below each of those there is a folder for every label, also an empty one: torchvision numbers
    the labels by their folders, and a number must mean the same label in all parts.
    """
    labels = job.need_labels("ImageFolder")
    above = job.folders(tuple(each for each in job.options.by or () if each != "label"))
    list_copies(job, _place_by_label(job, above, labels))


def _place_by_label(job: Job, above: list[PurePosixPath], labels: list[str]) -> list[str]:
    """Every image in the folder of its label, below the one given; each one's path, (n)."""
    names = folder_names(labels)
    for outer in sorted({*above}):
        for name in names.values():
            job.staging.make_folder(str(outer / name))
    folders = [outer / names[label] for outer, label in zip(above, labels, strict=True)]
    return job.place_images(folders, named=_for_torchvision)


def _for_torchvision(row: ImageRow, path: str) -> str:
    """A name with an ending that torchvision reads. Raises `ExportError` for other formats."""
    name = file_name(path, row["format"])
    if PurePosixPath(name).suffix.lower() not in TORCHVISION:
        name += ending(row["format"])
    if PurePosixPath(name).suffix.lower() not in TORCHVISION:
        raise ExportError(
            f"{path} is a {row['format']}, which torchvision would pass over in silence. Leave it "
            f"out with --where \"format <> '{row['format']}'\", or use the format folder."
        )
    return name


def write_yolo(job: Job) -> None:
    """For YOLO classification: split/label/file, a list of files for each split, and data.yaml.

    Splits go by the names that YOLO looks for: train, val, test.
    """
    labels = job.need_labels("YOLO")
    parts = _parts(job, {name: _yolo_name(name) for name in SPLIT_FOLDERS})
    _tell_of_yolo(job, {*parts})
    files = _place_by_label(job, [PurePosixPath(part) for part in parts], labels)
    listed: dict[str, list[str]] = defaultdict(list)
    for file, part in zip(files, parts, strict=True):
        listed[part].append(f"./{file}\n")
    for name, lines in sorted(listed.items()):
        job.write(f"{name}.txt", "".join(lines).encode())
    # JSON is YAML, and quotes whatever a label holds.
    classes = sorted({*folder_names(labels).values()})
    data = {"path": "."} | {name: f"{name}.txt" for name in sorted(listed)}
    data_and_names = data | {"nc": len(classes), "names": dict(enumerate(classes))}
    job.write("data.yaml", (json.dumps(data_and_names, indent=2) + "\n").encode())
    list_copies(job, files)


def _yolo_name(split: str) -> str:
    """train, val or test for what else folders of splits are called."""
    return next((name for name in YOLO_SPLITS if split.startswith(name[:2])), "val")  # dev


def _parts(job: Job, known: Mapping[str, str]) -> list[str]:
    """The part of each image as the name of a folder, (n): its split, or what was asked for.

    `known` are other names for splits; those that two would share are not taken. "train" where
    there is no split.
    """
    by = job.by_split()
    if not by:
        return [TRAIN] * len(job.table)
    values = ["-".join(folder.parts) for folder in job.folders(by)]
    names = split_names(values)
    other = {value: known.get(name.casefold(), name) for value, name in names.items()}
    named = other if len({*other.values()}) == len(other) else names
    return [named[value] for value in values]


def _tell_of_yolo(job: Job, parts: set[str]) -> None:
    missing = [name for name in YOLO_SPLITS[:2] if name not in parts]
    if missing:
        job.notes.append(
            f"YOLO trains on “train” and tests on “val”; this export has no {_said(missing)}. A "
            "column `split` names them; choosing by “split” makes them."
        )
    if strange := sorted(parts - {*YOLO_SPLITS}):
        job.notes.append(f"YOLO does not look into {_said(strange)}.")


def _said(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def write_huggingface(job: Job) -> None:
    """A folder per split with its images and metadata.parquet; README.md says which is which.

    The library guesses splits from names of files and folders, and leaves out what fits none: so
    images are named by their ids, README.md names the splits, and without any all is in train/.
    """
    parts = _parts(job, {})
    names = _words({*parts})
    folders = [PurePosixPath(names[part]) for part in parts]
    files = job.place_images(
        folders, named=lambda row, _: f"{row['image_id']:08d}{ending(row['format'])}"
    )
    renamed = [f"{name}_" if _has_meaning(name) else name for name in job.table.column_names]
    table = to_microseconds(job.table.rename_columns(renamed))
    rows: dict[PurePosixPath, list[int]] = defaultdict(list)
    for row, folder in enumerate(folders):
        rows[folder].append(row)
    for folder, chosen in sorted(rows.items()):
        relative = [PurePosixPath(files[row]).name for row in chosen]
        part = table.take(pa.array(chosen)).add_column(0, "file_name", pa.array(relative))
        job.write_table((folder / "metadata.parquet").as_posix(), part)
    job.write("README.md", _card(job, sorted(names.values())).encode())


def _words(parts: set[str]) -> dict[str, str]:
    """Names that Hugging Face takes for splits: words; "all" means all of them."""
    names: dict[str, str] = {}
    for part in sorted(parts):
        name = re.sub(r"\W", "_", part, flags=re.ASCII)
        while name == "all" or name in names.values():
            name += "_"
        names[part] = name
    return names


def _has_meaning(name: str) -> bool:
    """Whether Hugging Face takes a column for a picture, or for its place."""
    return name == "image" or name.endswith(("file_name", "file_names"))


def _card(job: Job, splits: list[str]) -> str:
    """README.md: which folder is which split, as the library reads it, and a line for people."""
    files = [{"split": split, "path": f"{split}/*"} for split in splits]
    configs = json.dumps([{"config_name": "default", "data_files": files}])  # JSON is YAML
    return (
        f"---\nconfigs: {configs}\n---\n\n{len(job.table):,} images of {job.space.dataset.name}.\n"
    )
