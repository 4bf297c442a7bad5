"""Numbered part files: written once, never changed, read in order; a later part wins."""

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from explorer.errors import StoreError
from explorer.store.atomic import replacing

PART = re.compile(r"part-(\d{5,})\.(?:parquet|arrow)")


def part_paths(folder: Path) -> list[Path]:
    """The finished parts of a folder in the order of their numbers."""
    if not folder.is_dir():
        return []
    return sorted((p for p in folder.iterdir() if PART.fullmatch(p.name)), key=part_number)


def part_number(path: Path) -> int:
    """The number in a part's file name."""
    match = PART.fullmatch(path.name)
    if match is None:
        raise StoreError(f"{path} is not a part: its name should read like part-00000.parquet.")
    return int(match[1])


def next_number(folder: Path) -> int:
    """The number that the next part of a folder gets."""
    paths = part_paths(folder)
    return part_number(paths[-1]) + 1 if paths else 0


def write_parquet(path: Path, table: pa.Table, *, compression: str = "zstd") -> None:
    """Write a table in one step (see `replacing`)."""
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression=compression, row_group_size=4096)


def read_parquet(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read a table; a damaged file raises `StoreError` that names it."""
    try:
        return pq.ParquetFile(path).read(columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise StoreError(
            f"{path} cannot be read ({error}). `explorer verify` lists what is damaged."
        ) from error


def read_parts(folder: Path, columns: list[str] | None = None) -> list[pa.Table]:
    """All parts of a folder in order."""
    return [read_parquet(path, columns) for path in part_paths(folder)]
