"""Columns as the map needs them: numbers, or category codes with names, counts and colours."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.store import Rows, Space, cached_per_snapshot

MISSING_CODE = 65535  # no category; so is any category after the first 65,535


@dataclass(frozen=True)
class Categories:
    """A column's categories, the most frequent first, and one code per image.

    codes: (n,): a position in `names`, or MISSING_CODE.
    """

    names: list[str]
    counts: list[int]
    codes: npt.NDArray[np.uint16]

    @property
    def signed(self) -> Rows:
        """The codes with -1 for no category, (n,) int64."""
        return np.where(self.codes == MISSING_CODE, -1, self.codes.astype(np.int64))


def is_category(space: Space, name: str) -> bool:
    """True when a column is coloured by category, False when by a continuous scale."""
    return space.column_meta(name).kind not in ("number", "time")


@cached_per_snapshot(16)
def categories(space: Space, name: str) -> Categories:
    """A column as categories. Negative whole numbers (noise, no group) count as missing."""
    column = space.arrow_column(name)
    if pa.types.is_integer(column.type):
        column = pc.if_else(pc.greater_equal(column, 0), column, None)
    encoded = column.cast(pa.string()).dictionary_encode().unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    names = encoded.dictionary.to_pylist()
    codes = encoded.indices.fill_null(len(names)).to_numpy()
    counts = np.bincount(codes, minlength=len(names) + 1)[:-1]
    order = sorted(range(len(names)), key=lambda code: (-counts[code], names[code]))
    ranks = np.full(len(names) + 1, MISSING_CODE)
    ranks[order] = np.minimum(np.arange(len(order)), MISSING_CODE)
    return Categories(
        names=[names[code] for code in order],
        counts=[int(counts[code]) for code in order],
        codes=ranks[codes].astype("<u2"),
    )


@cached_per_snapshot(16)
def numbers(space: Space, name: str) -> npt.NDArray[np.float32]:
    """A column as numbers, (n,) float32, NaN where nothing is known; times in seconds."""
    column = space.arrow_column(name)
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
    values: npt.NDArray[np.float32] = column.cast(pa.float64()).to_numpy().astype("<f4")
    return values


def first_color(space: Space) -> str:
    """The column that points are coloured by until the user chooses one."""
    with_labels = space.dataset.arrow_column("label").null_count < len(space.dataset)
    preferred = "label" if with_labels else "cluster"
    return preferred if preferred in colorable(space) else colorable(space)[0]


def colorable(space: Space) -> list[str]:
    """The columns that points can be coloured by."""
    places = re.compile(r"image_id|(map|map_3d|pca)_[xyz]")
    kinds = {name: space.column_meta(name).kind for name in space.column_names}
    return [name for name, kind in kinds.items() if kind != "text" and not places.fullmatch(name)]


def label_of(space: Space, row: int) -> str:
    """The label of a row, or nothing."""
    named = categories(space, "label")
    code = int(named.codes[row])
    return named.names[code] if code < len(named.names) else ""


def caption_of(space: Space, image_id: int) -> str:
    """What stands below an image: its label, or else its id."""
    return label_of(space, space.row(image_id)) or f"#{image_id}"


def filterable(space: Space) -> list[str]:
    """The columns one can filter by, labels first and hashes and places on a map last."""
    first = [name for name in ("label", "split") if is_known(space, name).any()]
    last = {"image_id", "content_hash", "picture_hash", "alpha_means", "map_placed"}
    places = [
        name for name in space.column_names if name.startswith(("map_", "pca_")) or name in last
    ]
    rest = [name for name in space.column_names if name not in (*first, *places)]
    return [*first, *rest, *places]


def is_known(space: Space, column: str) -> npt.NDArray[np.bool_]:
    """Which images have a value, (n,) bool."""
    values = space.arrow_column(column)
    if is_group_codes(space, column):
        return np.asarray(values.fill_null(-1).to_numpy() != -1)
    return np.asarray(values.is_valid().to_numpy(), bool)


def is_group_codes(space: Space, column: str) -> bool:
    """A column of groups by number, where -1 is no group."""
    is_whole = pa.types.is_integer(space.arrow_column(column).type)
    return is_whole and space.column_meta(column).kind == "category"
