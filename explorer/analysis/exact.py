"""Exact search: the k most similar rows, by matrix products.

For some queries it is FAISS's (Douze et al., "The Faiss library", 2024). For all rows among all
rows that would multiply every pair twice, once for each of the two. `exact_all` multiplies it once,
in blocks, and counts it for both. What can be among the k nearest is told by a threshold for each
row: a similarity that a few times k others exceed, going by its similarities to the rows of the
first block, which are drawn at random. All that exceeds the threshold is collected; a row for which
that is too little is searched on its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from explorer.analysis.vectors import Floats, Ints

_BLOCK = 1024
_MOST_BLOCKS = 32  # with more, the first says too little of the rest: too much would be collected
_WANTED = 3  # times k are collected, about: the threshold comes from a sample
_SURE = 8  # of the sample exceed the threshold: with fewer it would be a matter of luck

_Pairs = tuple[Ints, Ints, Floats]  # rows, others and their similarities


def exact(queries: Floats, unit: Floats, k: int) -> tuple[Ints, Floats]:
    """The k most similar rows of `unit` for every query, and their similarities."""
    import faiss

    similarities, rows = faiss.knn(queries, unit, k, faiss.METRIC_INNER_PRODUCT)
    return rows, similarities


def exact_all(unit: Floats, k: int, *, seed: int = 0) -> tuple[Ints, Floats]:
    """The k most similar rows of every row of (n, d) `unit`, itself among them, most similar first.

    Gives rows (n, k) int64 and similarities (n, k) float32; the seed has no part in them.
    """
    if not 2 * _BLOCK <= len(unit) <= _MOST_BLOCKS * _BLOCK:
        return exact(unit, unit, k)
    return _from_half(unit, k, seed)


def _from_half(unit: Floats, k: int, seed: int) -> tuple[Ints, Floats]:
    import faiss
    from threadpoolctl import threadpool_limits

    n = len(unit)
    order = np.random.default_rng(seed).permutation(n)
    shuffled = unit[order]
    first = shuffled @ shuffled[:_BLOCK].T
    threads = faiss.omp_get_max_threads()
    with ThreadPoolExecutor(threads) as pool, threadpool_limits(1):
        starts = range(0, n, _BLOCK)
        rank = min(_BLOCK, max(_SURE, round(_WANTED * k * _BLOCK / n)))
        thresholds = np.concatenate(
            list(pool.map(lambda s: _ranked(first[s : s + _BLOCK], rank), starts))
        )

        def close(start: int) -> list[_Pairs]:
            block = shuffled[start : start + _BLOCK] @ shuffled[start:].T if start else first.T
            return list(_close(block, thresholds, start))

        found = [pairs for several in pool.map(close, starts) for pairs in several]
    rows, others, values = (np.concatenate(each) for each in zip(*found, strict=True))
    counts = np.bincount(rows, minlength=n)
    enough, few = np.flatnonzero(counts >= k), np.flatnonzero(counts < k)
    places, similarities = np.empty((n, k), np.int64), np.empty((n, k), np.float32)
    chosen = _highest(rows, values, enough, k)
    places[enough], similarities[enough] = order[others[chosen]], values[chosen]
    places[few], similarities[few] = exact(shuffled[few], unit, k)
    back = np.argsort(order)
    return places[back], similarities[back]


def _ranked(similarities: Floats, rank: int) -> Floats:
    """For every row the value that `rank` of its values reach."""
    place = similarities.shape[1] - rank
    ranked: Floats = np.partition(similarities, place, axis=1)[:, place]
    return ranked


def _close(block: Floats, thresholds: Floats, start: int) -> Iterator[_Pairs]:
    """The pairs of a block above the threshold of its rows, then those above its columns'.

    The rows of the block begin at `start`, its columns, too. Among its own rows each pair stands
    there twice; the others stand there once and count for both.
    """
    height = len(block)
    rows, columns = _above(block, thresholds[start : start + height, None])
    yield rows + start, columns + start, block[rows, columns]
    later = block[:, height:]
    rows, columns = _above(later, thresholds[None, start + height :])
    yield columns + start + height, rows + start, later[rows, columns]


def _above(values: Floats, threshold: Floats) -> tuple[Ints, Ints]:
    places = np.flatnonzero(values > threshold)  # several times as quick as nonzero
    rows, columns = np.divmod(places, max(1, values.shape[1]))
    return rows, columns


def _highest(rows: Ints, values: Floats, wanted: Ints, k: int) -> Ints:
    """Where the k highest values of each wanted row are, which has as many, highest first."""
    # One number to sort by, row before falling value: as bits, positive floats are in order.
    order = np.argsort(rows << 32 | (2 - values).view(np.int32))
    starts = np.searchsorted(rows[order], wanted)
    places: Ints = order[starts[:, None] + np.arange(k)]
    return places
