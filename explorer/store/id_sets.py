"""Sets of image ids as they are kept in curation.db: half a million take some kilobytes."""

import zlib

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int64]  # row numbers, of a dataset or a space

NO_IDS: Ids = np.empty(0, np.int64)
NO_IDS.setflags(write=False)


def as_ids(image_ids: npt.ArrayLike) -> Ids:
    """Image ids in any order as a set: ascending, each once, (n,) int64."""
    # np.unique hashes whole numbers, which takes dozens of times as long as sorting ids does.
    ids = np.sort(np.asarray(image_ids, np.int64), axis=None, kind="stable")
    distinct: Ids = ids[np.append(True, ids[1:] != ids[:-1])[: len(ids)]]
    return distinct


def together(ids: Ids, others: Ids) -> Ids:
    """All of both, ascending."""
    return as_ids(np.concatenate([ids, others]))


def in_both(ids: Ids, others: Ids) -> Ids:
    """Those of some ids that are among others, too; both ascending."""
    return np.intersect1d(ids, others, assume_unique=True)


def pack_ids(ids: Ids) -> bytes:
    """Ascending ids as bytes: the steps between them, from 0 on, int64 little-endian, by zlib."""
    # Steps between neighbouring ids are small and alike, so they shrink well.
    return zlib.compress(np.diff(ids, prepend=0).astype("<i8").tobytes(), 1)


def unpack_ids(packed: bytes) -> Ids:
    """What `pack_ids` has packed."""
    ids: Ids = np.cumsum(np.frombuffer(zlib.decompress(packed), "<i8"), dtype=np.int64)
    return ids


def without(ids: Ids, others: Ids) -> Ids:
    """Those of some ids that are not among others; both ascending."""
    return ids if not len(others) else np.setdiff1d(ids, others, assume_unique=True)


def rows_of(ids: Ids, image_ids: Ids) -> Ids:
    """The places in `image_ids` of those of some ids that are there; both ascending."""
    rows = np.searchsorted(image_ids, ids)
    there = rows < len(image_ids)
    there[there] = image_ids[rows[there]] == ids[there]
    found: Ids = rows[there]
    return found
