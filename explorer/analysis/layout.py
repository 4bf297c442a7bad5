"""The map: UMAP on the stored neighbour graph, and the two cheap ways to a place on it.

UMAP: McInnes, Healy, Melville, "UMAP: Uniform Manifold Approximation and Projection for dimension
reduction", 2018. Its fuzzy set and its layout are umap-learn's; its neighbour search is not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, number
from explorer.analysis.graph import Graph
from explorer.analysis.pca import fit_pca
from explorer.analysis.vectors import Floats, Ints, unit_rows
from explorer.errors import UsageError

_SMALL = 10_000  # up to here a spectral start is quick
# Stronger repulsion and a gentler start than umap-learn's own (1 and 1): 100 epochs keep neighbours
# better than 500 with those (CIFAR-10: 0.16 of the true nearest on the map against 0.12).
_EPOCHS = 100
_REPULSION = 3.0
_RATE = 0.5
_TOO_FEW = 10  # fewer images than this have no neighbourhoods to speak of
_WEISZFELD = 30
_LEAST_WEIGHT = 1e-3


@dataclass(frozen=True, slots=True)
class MapSettings:
    """n_neighbors counts the image itself, as in umap-learn; dimensions is 2 or 3.

    repeatable: the same map for the same seed, on one core; otherwise all cores are used and no
    two runs are quite the same.
    """

    n_neighbors: int = 15
    min_dist: float = 0.1
    dimensions: int = 2
    seed: int = 0
    repeatable: bool = True


def map_layout(graph: Graph, vectors: Floats, settings: MapSettings = MapSettings()) -> Floats:
    """Lay the images out so that neighbours stand together: (n, dimensions) float32.

    `vectors` (n, d) give the start of the layout only. Raises UsageError for settings that the
    graph cannot serve.
    """
    _check(graph, settings)
    if len(graph) < _TOO_FEW:
        return pca_layout(vectors, dimensions=settings.dimensions)
    from umap.umap_ import find_ab_params, simplicial_set_embedding

    unit = unit_rows(vectors)
    fuzzy = fuzzy_set(graph, settings.n_neighbors, settings.seed)
    spectral = len(graph) <= _SMALL and _is_connected(fuzzy, _EPOCHS)
    a, b = find_ab_params(1.0, settings.min_dist)
    layout, _ = simplicial_set_embedding(
        unit,
        fuzzy,
        n_components=settings.dimensions,
        initial_alpha=_RATE,
        a=a,
        b=b,
        gamma=_REPULSION,
        negative_sample_rate=5,
        n_epochs=_EPOCHS,
        init="spectral" if spectral else _pca_start(unit, settings),
        random_state=np.random.RandomState(settings.seed),
        metric="cosine",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
        parallel=not settings.repeatable,
    )
    return np.asarray(layout - layout.mean(axis=0), dtype=np.float32)


def _check(graph: Graph, settings: MapSettings) -> None:
    if settings.dimensions not in (2, 3):
        raise UsageError(f"A map has 2 or 3 dimensions, not {settings.dimensions}.")
    if settings.n_neighbors < 2:
        raise UsageError(f"map.n_neighbors must be at least 2, not {settings.n_neighbors}.")
    if not 0 <= settings.min_dist <= 1:
        raise UsageError(f"map.min_dist is between 0 and 1, not {settings.min_dist}.")
    if settings.n_neighbors > graph.k + 1 and graph.k < len(graph) - 1:
        raise UsageError(
            f"map.n_neighbors is {settings.n_neighbors}, but the stored graph holds {graph.k} "
            f"neighbours of each image: choose at most {graph.k + 1}."
        )


def fuzzy_set(graph: Graph, n_neighbors: int, seed: int) -> Any:
    """UMAP's fuzzy simplicial set of the graph, a sparse symmetric (n, n) matrix."""
    from umap.umap_ import fuzzy_simplicial_set

    near = graph.nearest(n_neighbors - 1)
    n = len(near)
    itself = np.arange(n)[:, None]  # umap-learn wants it in front, at distance 0
    fuzzy, _, _ = fuzzy_simplicial_set(
        np.empty((n, 1), dtype=np.float32),
        near.k + 1,
        np.random.RandomState(seed),
        "cosine",
        knn_indices=np.hstack([itself, near.neighbors]),
        knn_dists=np.hstack([np.zeros((n, 1)), 1 - near.similarities]).astype(np.float32),
    )
    return fuzzy


def _is_connected(fuzzy: Any, epochs: int) -> bool:
    """Whether the edges strong enough to be drawn at least once in all epochs hold it together.

    If not, a spectral start would need a guess at where the parts stand to each other; the
    principal components know.
    """
    from scipy.sparse.csgraph import connected_components

    drawn = fuzzy.copy()
    drawn.data[drawn.data < drawn.data.max() / epochs] = 0
    drawn.eliminate_zeros()
    return int(connected_components(drawn, directed=False)[0]) == 1


def _pca_start(unit: Floats, settings: MapSettings) -> Floats:
    start = pca_layout(unit, dimensions=settings.dimensions)
    noise = np.random.default_rng(settings.seed).normal(scale=1e-4, size=start.shape)
    return np.asarray(start * (10 / max(np.abs(start).max(), 1e-12)) + noise, dtype=np.float32)


def pca_layout(vectors: Floats, *, dimensions: int = 2) -> Floats:
    """The first principal components, (n, dimensions) float32: the stand-in until UMAP is done."""
    unit = unit_rows(vectors)
    layout = np.zeros((len(unit), dimensions), dtype=np.float32)
    if len(unit) > 1:
        pca = fit_pca(unit, dimensions)
        layout[:, : len(pca.variances)] = pca.project(unit)
    return layout


def place_new(layout: Floats, neighbors: Ints, similarities: Floats) -> Floats:
    """Place m new images on a map without moving the others: (m, dimensions) float32.

    neighbors: (m, k) rows of the map, most similar first; similarities: (m, k). The place is the
    neighbours' geometric median (Weiszfeld's iteration), each weighing by how much more similar it
    is than the last. Unlike their mean, it stands with the majority, not between two groups.
    """
    places = layout[neighbors].astype(np.float64)
    weights = similarities - similarities.min(axis=1, keepdims=True) + _LEAST_WEIGHT
    share = weights / weights.sum(axis=1, keepdims=True)
    place = np.einsum("mk,mkd->md", share, places)
    for _ in range(_WEISZFELD):
        distance = np.linalg.norm(places - place[:, None], axis=2)
        pull = weights / np.maximum(distance, 1e-6)
        place = np.einsum("mk,mkd->md", pull / pull.sum(axis=1, keepdims=True), places)
    return np.asarray(place, dtype=np.float32)


def _run(inputs: Inputs, settings: MapSettings) -> Result:
    layout = map_layout(inputs.graph, inputs.vectors(), settings)
    return Result(
        {f"map_{axis}": number(layout[:, i]) for i, axis in enumerate("xyz"[: layout.shape[1]])}
    )


_AXIS = "A place on the map, where images with similar features stand together; it has no unit."

MAP = Analysis(
    name="map",
    version=2,
    title="Map",
    explains="A layout in which every image stands near its nearest neighbours (UMAP).",
    settings=MapSettings(),
    needs=("graph", "vectors"),
    columns=(
        Column("map_x", "number", "Map x", _AXIS),
        Column("map_y", "number", "Map y", _AXIS),
        Column("map_z", "number", "Map z", _AXIS + " Only with three dimensions."),
    ),
    run=_run,
)
