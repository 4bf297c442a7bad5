"""Image files with annotations in one JSON file: COCO, FiftyOne."""

import json
from collections import defaultdict
from pathlib import PurePosixPath
from typing import Any

from explorer.curate.exports.job import Job
from explorer.curate.exports.names import ending
from explorer.curate.exports.tables import list_copies
from explorer.store import ImageRow


def write_coco(job: Job) -> None:
    """images/ and annotations.json; by split: annotations-train.json … with the same categories.

    COCO has no labels of whole images: a label is an annotation whose box is the image.
    """
    outer = job.folders(job.by_split()[:1])
    files = job.place_images([PurePosixPath("images") / folder for folder in outer])
    number = job.numbered_labels(first=1)
    categories = [{"id": each, "name": label} for label, each in number.items()]
    parts: dict[str, dict[str, Any]] = defaultdict(
        lambda: {
            "info": {"description": job.space.dataset.name},
            "images": [],
            "annotations": [],
            "categories": categories,
        }
    )
    for row, file, folder in zip(job.rows(), files, outer, strict=True):
        part = parts[f"annotations-{folder}.json" if folder.parts else "annotations.json"]
        _add_to_coco(part, row, file, number)
    for name, part in sorted(parts.items()):
        job.write(name, json.dumps(part, indent=1).encode())
    list_copies(job, files)


def _add_to_coco(part: dict[str, Any], row: ImageRow, file: str, number: dict[str, int]) -> None:
    width, height = (int(row[side] or 0) for side in ("width", "height"))
    image = {"id": row["image_id"], "file_name": file, "width": width, "height": height}
    part["images"].append(image)
    if row["label"] is not None:
        part["annotations"].append(
            {
                "id": row["image_id"],
                "image_id": row["image_id"],
                "category_id": number[row["label"]],
                "bbox": [0, 0, width, height],
                "area": width * height,
                "segmentation": [],
                "iscrowd": 0,
            }
        )


def write_fiftyone(job: Job) -> None:
    """data/ and labels.json, a FiftyOneImageClassificationDataset."""
    # FiftyOne tells files apart by their names without the ending: ids are never the same.
    folders = [PurePosixPath("data")] * len(job.table)
    files = job.place_images(
        folders, named=lambda row, _: f"{row['image_id']:08d}{ending(row['format'])}"
    )
    number = job.numbered_labels()
    told = {
        PurePosixPath(file).stem: number.get(label)
        for file, label in zip(files, job.table["label"].to_pylist(), strict=True)
    }
    job.write("labels.json", json.dumps({"classes": [*number], "labels": told}, indent=1).encode())
    list_copies(job, files)
