"""Folders of image files: as people want them, as torchvision, YOLO and Hugging Face read them."""

import json
from collections import defaultdict
from pathlib import PurePosixPath

import pyarrow as pa

from explorer.curate.exports.job import Job, Row
from explorer.curate.exports.names import ending, file_name
from explorer.curate.exports.tables import list_images, write_csv
from explorer.errors import ExportError

# What torchvision.datasets.ImageFolder takes for images; Ultralytics takes these, too.
TORCHVISION = {".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"}
TRAIN = "train"
OWN_COLUMNS = {"image", "file_name"}  # Hugging Face gives these names a meaning


def write_folder(job: Job) -> None:
    """One folder per label, or as asked for."""
    by = ("label",) if job.options.by is None else job.options.by
    list_images(job, job.place_images(job.folders(by)))


def write_imagefolder(job: Job) -> None:
    """One folder per label, below those asked for (such as one per split)."""
    job.need_labels("ImageFolder")
    above = tuple(each for each in job.options.by or () if each != "label")
    folders = job.folders((*above, "label"))
    list_images(job, job.place_images(folders, named=_for_torchvision))


def _for_torchvision(row: Row, path: str) -> str:
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
    """For YOLO classification: split/label/file, a list of files for each split, and data.yaml."""
    labels = job.need_labels("YOLO")
    splits = job.values(job.options.by[0]) if job.options.by else [TRAIN] * len(labels)
    outer = (
        job.folders(job.options.by[:1]) if job.options.by else [PurePosixPath(TRAIN)] * len(labels)
    )
    inner = job.folders(("label",))
    folders = [above / below for above, below in zip(outer, inner, strict=True)]
    files = job.place_images(folders, named=_for_torchvision)
    listed: dict[str, list[str]] = defaultdict(list)
    for file, folder, split in zip(files, outer, splits, strict=True):
        del split
        listed[str(folder)].append(f"./{file}\n")
    for name, lines in sorted(listed.items()):
        job.write(f"{name}.txt", "".join(lines).encode())
    # JSON is YAML, and quotes whatever a label holds.
    classes = sorted({*map(str, inner)})
    data = {"path": "."} | {name: f"{name}.txt" for name in sorted(listed)}
    data_and_names = data | {"nc": len(classes), "names": dict(enumerate(classes))}
    job.write("data.yaml", (json.dumps(data_and_names, indent=2) + "\n").encode())
    list_images(job, files)


def write_huggingface(job: Job) -> None:
    """images/ with metadata.csv beside it; with folders by split, one metadata.csv in each."""
    by = job.options.by or ()
    folders = [folder / "images" for folder in job.folders(by)]
    files = job.place_images(folders)
    renamed = [f"{name}_" if name in OWN_COLUMNS else name for name in job.table.column_names]
    table = job.table.rename_columns(renamed)
    rows: dict[PurePosixPath, list[int]] = defaultdict(list)
    for row, folder in enumerate(folders):
        rows[folder.parent].append(row)
    # Where a part has none of a text column's values it would be read as a column of numbers.
    lacking = {
        name
        for name in table.column_names
        for chosen in rows.values()
        if table[name].take(pa.array(chosen)).null_count == len(chosen)
    }
    table = table.drop_columns([*lacking]) if len(rows) > 1 else table
    for folder, chosen in sorted(rows.items()):
        relative = [PurePosixPath(files[row]).relative_to(folder).as_posix() for row in chosen]
        part = table.take(pa.array(chosen)).add_column(0, "file_name", pa.array(relative))
        write_csv(job, (folder / "metadata.csv").as_posix(), part)
