"""The index that answers queries: FAISS over L2-normalised rows, by inner product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.analysis.exact import exact
from explorer.analysis.nearest import RECALL, RECALL_AT
from explorer.analysis.vectors import Floats, Ints, unit_rows

if TYPE_CHECKING:
    import faiss

_EXACT_NUMBERS = 2e8  # n · d: scanned in some hundredths of a second
_SAMPLE = 500
_PER_LIST = 64


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """A FAISS index, and what is known of it.

    faiss: the index; ids: (n,) int64 ascending, the ids that it answers with; unit: (n, d) float32,
    the rows it holds; recall: share of the true 15 nearest that it finds, measured on a sample
    (1.0 for exact search).
    """

    faiss: faiss.Index
    ids: Ints
    unit: Floats
    recall: float


def build_index(vectors: Floats, *, ids: Ints | None = None) -> VectorIndex:
    """Index (n, d) vectors for search by cosine; `ids` (ascending) default to row numbers.

    `IndexFlatIP`, exact, while a scan is quick; `IndexIVFFlat` above, its nprobe raised until the
    sampled recall at 15 reaches 0.98 or a quarter of the rows would be scanned. Raises
    ExtractorError for NaN or infinite vectors.
    """
    import faiss

    unit = unit_rows(vectors)
    n, dimension = unit.shape
    ids = np.arange(n, dtype=np.int64) if ids is None else np.asarray(ids, dtype=np.int64)
    flat = faiss.IndexFlatIP(dimension)
    if n * dimension <= _EXACT_NUMBERS:
        whole = faiss.IndexIDMap2(flat)
        whole.add_with_ids(unit, ids)
        return VectorIndex(whole, ids, unit, recall=1.0)
    index = faiss.IndexIVFFlat(flat, dimension, round(4 * n**0.5), faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = 1
    index.cp.max_points_per_centroid = _PER_LIST
    index.train(unit)
    index.add_with_ids(unit, ids)
    return VectorIndex(index, ids, unit, recall=_raise_nprobe(index, unit, ids))


def _raise_nprobe(index: faiss.IndexIVFFlat, unit: Floats, ids: Ints) -> float:
    """Raise the number of lists that are searched until the sampled recall is good enough."""
    sample = np.random.default_rng(0).choice(len(unit), _SAMPLE, replace=False)
    truth, _ = exact(unit[sample], unit, RECALL_AT + 1)  # itself and its 15 nearest
    index.nprobe = min(8, index.nlist)
    while True:
        _, found = index.search(unit[sample], RECALL_AT + 1)
        hits = [len(np.intersect1d(ids[a], b)) - 1 for a, b in zip(truth, found, strict=True)]
        recall = min(1.0, float(np.mean(hits)) / RECALL_AT)
        if recall >= RECALL or index.nprobe * 4 >= index.nlist:
            return recall
        index.nprobe = min(index.nprobe * 2, index.nlist)
