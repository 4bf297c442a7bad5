"""What is said of images besides the pictures: labels, splits, any columns of a list."""

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.analysis import ANALYSES
from explorer.images import Listing, put
from explorer.store import CURATED, SCHEMA, TAGGED, DatasetWriter, common_type

# What may be said of an image; the other columns of the images table are what it is.
SAYABLE = ("label", "split")
# What people make is a column as well; the last are the names that expressions and exports use.
RESERVED = (*CURATED, TAGGED, "tag", "file", "file_name", "embedding")
TAKEN = {name.casefold() for name in (*SCHEMA.names, *RESERVED)} | {
    column.name.casefold() for analysis in ANALYSES for column in analysis.columns
}
SOURCE = "source_"


def own_names(table: pa.Table) -> pa.Table:
    """The table with other names for what Explorer itself fills in: `width` → `source_width`.

    Where a column is called so already, the new name gets a number; but for what people made, which
    is found again by its name.
    """
    used = {f"{SOURCE}{name}" for name in CURATED if name in table.column_names}
    found = {}
    for name in sorted(table.column_names, key=_is_taken):
        wanted = f"{SOURCE}{name}" if _is_taken(name) else name
        found[name] = wanted if name in CURATED else _apart(wanted, used)
        used.add(found[name].casefold())
    return table.rename_columns([found[name] for name in table.column_names])


def _is_taken(name: str) -> bool:
    return name not in SAYABLE and name.casefold() in TAKEN


def _apart(name: str, used: set[str]) -> str:
    numbered = (name if n == 1 else f"{name}_{n}" for n in itertools.count(1))
    return next(each for each in numbered if each.casefold() not in used)


def values_at(table: pa.Table, name: str, rows: npt.NDArray[np.int64]) -> pa.Array:
    """A column at some rows, null where the row is -1 or the table has no such column."""
    if name not in table.column_names:
        return pa.nulls(len(rows))
    return table[name].take(pa.array(rows, mask=rows < 0)).combine_chunks()


def differ(one: pa.Array, other: pa.Array) -> npt.NDArray[np.bool_]:
    """Where do two columns hold different values? (n,) bool; null equals null."""
    kind = common_type([one.type, other.type])
    if kind == pa.null():
        return np.zeros(len(one), bool)
    unequal = pc.not_equal(one.cast(kind), other.cast(kind))
    one_missing = pc.xor(pc.is_null(one), pc.is_null(other))
    answer = pc.if_else(pc.is_null(unequal), one_missing, unequal)
    return np.asarray(answer.to_numpy(zero_copy_only=False), bool)


class SourceValues:
    """What a source says of its images, against what the dataset says of them.

    A column that `annotate` has set is no longer the source's to say for images that are known.
    """

    def __init__(self, listing: Listing, writer: DatasetWriter) -> None:
        labels = pa.array([ref.label for ref in listing.refs], pa.string())
        self._given = pa.table({"label": labels})
        if listing.columns is not None:
            self._given = put(own_names(listing.columns), "label", labels)
        self._images = writer.images
        self._annotated = writer.annotated

    def news(self, known: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Of which images does the source say something new? (n,) bool, a row for each listed.

        `known` are their rows in the images table, -1 for an image that is new itself.
        """
        rows = np.asarray(known, np.int64)
        news = np.zeros(len(rows), bool)
        for name in set(self._given.column_names) - self._annotated:
            news |= differ(self._given[name].combine_chunks(), values_at(self._images, name, rows))
        return news & (rows >= 0)

    def complete(self, table: pa.Table, *, known: Sequence[int], listed: Sequence[int]) -> pa.Table:
        """Rows for the images table, with all that is said of them filled in.

        `known` and `listed` are the rows of the images in the images table as it was, and in the
        listing; -1 for one that is not there.
        """
        before, now = np.asarray(known, np.int64), np.asarray(listed, np.int64)
        extra = set(self._images.column_names) - set(SCHEMA.names)
        for name in [*SAYABLE, *sorted(extra | set(self._given.column_names) - set(SAYABLE))]:
            use = now >= 0 if name in self._given.column_names else np.zeros(len(now), bool)
            if name in self._annotated:
                use &= before < 0
            old, new = values_at(self._images, name, before), values_at(self._given, name, now)
            kind = common_type([old.type, new.type])
            table = put(table, name, pc.if_else(pa.array(use), new.cast(kind), old.cast(kind)))
        return table
