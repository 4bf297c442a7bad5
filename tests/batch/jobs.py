"""What the tests of the job share: looking at a dataset as bytes, and as what it says."""

from pathlib import Path

import pyarrow.parquet as pq

from explorer.store import Dataset

RACE = {".lock", ".manifest.lock", "writer.json"}


def part_bytes(root: Path) -> dict[str, bytes]:
    """Every part file, and rejected.parquet without its times of day."""
    parts = {
        str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("part-*"))
    }
    rejected = root / "rejected.parquet"
    if rejected.exists():
        parts["rejected"] = repr(pq.read_table(rejected).drop(["when"]).to_pylist()).encode()
    return parts


def meaning(root: Path) -> dict:
    """What a dataset says, however its parts were cut."""
    dataset = Dataset(root)
    spaces = map(dataset.space, dataset.space_ids)
    return {
        "images": dataset.every_image.to_pylist(),
        "rejected": sorted(map(str, dataset.rejected.drop(["when", "part"]).to_pylist())),
        "thumbnails": [dataset.thumbnail(i) for i in dataset.image_ids.tolist()],
        "vectors": {space.id: space.embeddings().tobytes() for space in spaces},
        "ids": dataset.image_ids.tolist(),
    }


def times(root: Path) -> dict[str, int]:
    """When each file was written, but for what every run touches."""
    return {
        str(path.relative_to(root)): path.stat().st_mtime_ns
        for path in root.rglob("*")
        if path.is_file() and path.name not in RACE | {"dataset.json", "manifest.json"}
    }


def paths(dataset: Dataset) -> dict[str, int]:
    """Image ids by path."""
    table = dataset.table(["path", "image_id"]).to_pydict()
    return dict(zip(table["path"], table["image_id"], strict=True))


def accounted(report) -> int:
    """The files that a report accounts for."""
    return report.embedded + report.unchanged + report.moved + report.rejected + report.ignored
