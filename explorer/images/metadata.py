"""Lists that lie among the images: `metadata.csv`, `.jsonl` or `.parquet`.

The layout of Hugging Face's `imagefolder`: a column `file_name`, relative to the list's own folder,
and columns of what is known of the images.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from explorer.errors import ImageError, SourceError
from explorer.images.manifests import path_column
from explorer.images.spelling import Spellings
from explorer.images.tables import Rows, concatenate, parse_table

NAMES = frozenset({"metadata.csv", "metadata.jsonl", "metadata.parquet"})


def is_metadata(path: str) -> bool:
    """Is the file such a list, by its name?"""
    return posixpath.basename(path) in NAMES


@dataclass
class Metadata:
    """What the lists among some images say of them.

    `columns` has a row for each path, missing where no list names it; of lists in folders that lie
    in each other, the innermost that names an image counts. `refused` holds (path, reason) of lists
    that cannot be read, or name what is not there.
    """

    paths: Sequence[str]
    columns: pa.Table | None = None
    refused: list[tuple[str, str]] = field(default_factory=list)

    def take(
        self,
        lists: Iterable[str],
        read: Callable[[str], bytes],
        *,
        roots: Callable[[str], Sequence[str]] = lambda list: [posixpath.dirname(list)],
        strangers: Container[str] = (),
    ) -> Metadata:
        """Read all lists; `roots` gives the folders that the names in one may be relative to.

        Of `strangers`, which may be about other images with equal names, nothing is taken unless
        each row names an image.
        """
        tables: list[pa.Table] = []
        rows = np.full(len(self.paths), -1, np.int64)
        number = {path: row for row, path in enumerate(self.paths)}
        spelled = Spellings(self.paths)
        offset = 0
        for place in sorted(lists, key=lambda path: (path.count("/"), path)):
            try:
                found = parse_table(read(place), place)
            except (ImageError, SourceError) as error:
                self.refused.append((place, str(error)))
                continue
            column = _name_column(found.table, place)
            if column is None:
                continue  # a list of something else
            named = _resolved(found.table[column].to_pylist(), roots(place), spelled)
            if reason := _missing(found, named, column):
                self.refused.append((place, reason))
                if place in strangers:
                    continue
            for row, path in reversed([*enumerate(named)]):  # of several rows the first counts
                if path is not None:
                    rows[number[path]] = offset + row
            tables.append(found.table.drop_columns([column]))
            offset += len(found.table)
        if (rows >= 0).any() and any(table.num_columns for table in tables):
            together = concatenate(tables)
            self.columns = together.take(pa.array(rows, mask=rows < 0)).combine_chunks()
        return self


def _name_column(table: pa.Table, place: str) -> str | None:
    if "file_name" in table.column_names:
        is_text = pa.types.is_string(table["file_name"].type)
        return "file_name" if is_text else None
    try:
        return path_column(table, place)
    except SourceError:
        return None


def _resolved(
    names: Sequence[str | None], roots: Sequence[str], spelled: Spellings
) -> list[str | None]:
    """The path that each name means, None where there is no such image."""
    found: list[str | None] = []
    for name in names:
        places = (posixpath.normpath(posixpath.join(root, name or "")) for root in roots)
        found.append(next(filter(None, map(spelled.find, places)), None) if name else None)
    return found


def _missing(rows: Rows, found: Sequence[str | None], column: str) -> str | None:
    """What to say of the rows that name no image, if there are any."""
    lost = [row for row, path in enumerate(found) if path is None]
    if not lost:
        return None
    first = lost[0]
    return (
        f"{len(lost):,} of its {len(found):,} rows name no image that is there; the first is row "
        f"{rows.numbers[first]}: {rows.table[column][first].as_py()!r}."
    )


def joined(columns: pa.Table | None, more: pa.Table | None) -> pa.Table | None:
    """Two tables side by side; of two columns of one name, the first counts."""
    if columns is None or more is None or not columns.num_columns:
        return more if columns is None or not columns.num_columns else columns
    for name in more.column_names:
        if name not in columns.column_names:
            columns = columns.append_column(name, more[name])
    return columns
