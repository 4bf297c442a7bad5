"""WebDataset shards: tar files that are read from front to back."""

import io
import json
import tarfile
from collections import defaultdict

import pyarrow as pa

from explorer.curate.exports.job import Job
from explorer.curate.exports.names import ending
from explorer.curate.exports.tables import json_value, list_images
from explorer.store import ImageRow


def write_webdataset(job: Job) -> None:
    """000000.tar …; by split train-000000.tar …: per image its file, .cls and .json.

    .cls is a place in classes.json, and is left out where there is no label. The bytes are the
    same every time: no times, no owners.
    """
    number = job.numbered_labels()
    job.write("classes.json", json.dumps([*number]).encode())
    rows: dict[str, list[int]] = defaultdict(list)
    for row, folder in enumerate(job.folders(job.by_split())):
        rows["-".join(folder.parts)].append(row)
    shard_of = [""] * len(job.table)
    done = 0
    for prefix, chosen in sorted(rows.items()):
        for start in range(0, len(chosen), job.options.shard_size):
            part = chosen[start : start + job.options.shard_size]
            name = f"{start // job.options.shard_size:06d}.tar"
            name = f"{prefix}-{name}" if prefix else name
            for row in part:
                shard_of[row] = name
            _write_shard(job, name, job.table.take(pa.array(part)), number, done=done)
            done += len(part)
    job.files = shard_of
    list_images(job, shard_of)


def _write_shard(
    job: Job, name: str, table: pa.Table, number: dict[str, int], *, done: int
) -> None:
    job.written.add(name)
    if job.staging.done(name):
        job.on_file("Writing", done + len(table), len(job.table))
        return
    with (
        job.staging.open(name) as file,
        tarfile.open(fileobj=file, mode="w|", format=tarfile.GNU_FORMAT) as tar,
    ):
        for place, row in enumerate(job.rows(table), start=1):
            for extension, data in _members(job, row, number):
                member = tarfile.TarInfo(f"{row['image_id']:08d}{extension}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
            job.on_file("Writing", done + place, len(job.table))


def _members(job: Job, row: ImageRow, number: dict[str, int]) -> list[tuple[str, bytes]]:
    path = job.space.dataset.relative_path(row["image_id"])
    members = [(ending(row["format"]), job.original(path, row))]
    if row["label"] is not None:
        members.append((".cls", str(number[row["label"]]).encode()))
    plain = {name: json_value(value) for name, value in row.items()}
    members.append((".json", json.dumps(plain, allow_nan=False).encode()))
    return members
