"""Numbered part files: written once, never changed, read in order; a later part wins."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from explorer.errors import DamagedError, StoreError
from explorer.store.atomic import replacing
from explorer.store.manifest import replacing_listed

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


def write_parquet(
    path: Path, table: pa.Table, *, compression: str = "zstd", group: int = 4096
) -> None:
    """Write a table in one step (see `replacing`), in row groups of `group` rows.

    What is no part is listed at once; a part is when all of its commit is there.
    """
    how = replacing if PART.fullmatch(path.name) else replacing_listed
    with how(path) as temporary:
        pq.write_table(
            table,
            temporary,
            compression=compression,
            row_group_size=group,
            write_page_checksum=True,
        )


def open_parquet(source: Path | pa.NativeFile) -> pq.ParquetFile:
    """Open a path or an Arrow file; whatever is read from it is held against its checksums."""
    return pq.ParquetFile(source, page_checksum_verification=True)


@contextlib.contextmanager
def damage_named(path: Path, kind: type[DamagedError] = DamagedError) -> Iterator[None]:
    """Turn what Arrow raises over a damaged file into an error of a kind that names it."""
    try:
        yield
    # KeyError: a column is not there. ValueError: text that is not UTF-8, JSON that is not JSON.
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        reason = str(error).strip().rstrip(".") or type(error).__name__
        raise kind(f"{path} cannot be read ({reason}).") from error


def read_parquet(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read a table; a damaged file raises `DamagedError` that names it."""
    with damage_named(path):
        file = open_parquet(path)
        table = file.read(columns=columns)
        if len(table) != file.metadata.num_rows:
            raise ValueError("it holds fewer rows than it says")
        return table.select(columns) if columns else table
