"""The map: UMAP on the stored neighbour graph, and the two cheap ways to a place on it.

UMAP: McInnes, Healy, Melville, "UMAP: Uniform Manifold Approximation and Projection for dimension
reduction", 2018. Its fuzzy set is `fuzzy.py`, its layout `forces.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, category, number
from explorer.analysis.forces import fit_curve, settle, strong_enough
from explorer.analysis.fuzzy import fuzzy_set
from explorer.analysis.graph import Graph
from explorer.analysis.pca import fit_pca
from explorer.analysis.ranges import NEIGHBORS, SEEDS, Settings, within
from explorer.analysis.vectors import Bools, Floats, Ints, Values, unit_rows
from explorer.errors import BadValueError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_SMALL = 10_000  # up to here a spectral start is quick
_SIDE = 10.0  # of the square in which the images start
_NOISE = 1e-4
_TOLERANCE = 1e-4
_PLACED_BY = 10
_TOO_FEW = 10  # fewer images than this have no neighbourhoods to speak of
_WEISZFELD = 30
_LEAST_WEIGHT = 1e-3


@dataclass(frozen=True, slots=True)
class MapSettings(Settings):
    """n_neighbors counts the image itself, as in umap-learn.

    dimensions: with 3 there is a layout in space, too. growth: new images, up to this share of the
    others, are placed on the map that is there, by their neighbours; if there are more, all are
    laid out again.
    """

    prefix = "map"
    n_neighbors: int = within(15, 2, NEIGHBORS + 1)
    min_dist: float = within(0.1, 0, 1)
    dimensions: int = within(2, 2, 3)
    seed: int = within(0, *SEEDS)
    growth: float = within(0.2, 0, 1)


def map_layout(graph: Graph, vectors: Floats, settings: MapSettings = MapSettings()) -> Floats:
    """Lay the images out so that neighbours stand together: (n, dimensions) float32.

    `vectors` (n, d) give the start of the layout only. Raises UsageError when the graph holds too
    few neighbours for the settings.
    """
    if settings.n_neighbors > graph.k + 1 and graph.k < len(graph) - 1:
        raise BadValueError(
            f"map.n_neighbors is {settings.n_neighbors}, but the graph holds {graph.k} neighbours "
            f"of each image: choose at most {graph.k + 1}."
        )
    if len(graph) < _TOO_FEW:
        return pca_layout(vectors, dimensions=settings.dimensions)
    pairs = strong_enough(fuzzy_set(graph, settings.n_neighbors))
    start = _start(pairs, vectors, settings)
    layout = settle(pairs, start, fit_curve(settings.min_dist), seed=settings.seed)
    return layout - layout.mean(axis=0)


def _start(pairs: csr_array, vectors: Floats, settings: MapSettings) -> Floats:
    """Where the images stand before they settle: (n, dimensions) in a square, or cube, of side 10.

    By the eigenvectors of the pairs, which unroll what is rolled up, as UMAP does it. Where there
    are many images, or several parts without a pair between them, by the principal components:
    they know how the parts stand to each other.
    """
    from scipy.sparse.csgraph import connected_components

    random = np.random.default_rng(settings.seed)
    parts = connected_components(pairs, directed=False, return_labels=False)
    spectral = parts == 1 and len(vectors) <= _SMALL
    found = _eigenvectors(pairs, settings.dimensions, random) if spectral else None
    if found is None:
        found = pca_layout(vectors, dimensions=settings.dimensions)
    noise = random.normal(scale=_NOISE, size=found.shape)
    start = found * (_SIDE / max(np.abs(found).max(), 1e-12)) + noise
    start = start - start.min(axis=0)
    return np.asarray(start * (_SIDE / start.max(axis=0)), dtype=np.float32)


def _eigenvectors(
    pairs: csr_array, dimensions: int, random: np.random.Generator
) -> npt.NDArray[np.floating] | None:
    """Those of the normalized adjacency's largest eigenvalues but the first, which says nothing.

    (n, dimensions), or None where the iteration does not converge.
    """
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import ArpackError, eigsh

    scale = diags_array(1 / np.sqrt(pairs.sum(axis=0, dtype=np.float64)))
    adjacency = scale @ pairs @ scale
    first = random.normal(size=pairs.shape[0])
    options = {"tol": _TOLERANCE, "v0": first, "rng": random}  # without rng it would not repeat
    try:
        values, vectors = eigsh(adjacency, dimensions + 1, which="LA", **options)
    except ArpackError:
        return None
    return np.asarray(vectors[:, np.argsort(-values)[1:]])


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


# The columns that hold a layout of so many dimensions.
_AXES = {2: ("map_x", "map_y"), 3: ("map_3d_x", "map_3d_y", "map_3d_z")}


def _run(inputs: Inputs, settings: MapSettings) -> Result:
    kept = _placed(inputs, settings)
    placed = category(np.zeros(len(inputs.graph)) if kept is None else kept)
    columns: dict[str, Values] = {"map_placed": placed}
    for dimensions in range(2, settings.dimensions + 1):
        if kept is not None:
            before = [np.asarray(inputs.before(axis)) for axis in _AXES[dimensions]]
            layout = _grown(np.stack(before, axis=1), inputs.graph)
        else:
            own = replace(settings, dimensions=dimensions)
            layout = map_layout(inputs.graph, inputs.vectors(), own)
        columns |= {axis: number(layout[:, i]) for i, axis in enumerate(_AXES[dimensions])}
    return Result(columns, {"map_placed": float(placed.sum())})


def _placed(inputs: Inputs, settings: MapSettings) -> Bools | None:
    """Which images stand on the last run's map without having been laid out with it.

    None when all are to be laid out again.
    """
    if len(inputs.graph) < _TOO_FEW:
        return None
    before, placed = inputs.before("map_x"), inputs.before("map_placed")
    if before is None or placed is None or inputs.settings_before != settings:
        return None
    new = np.isnan(before)
    alone = new[inputs.graph.neighbors].all(axis=1) & new  # nothing to place them by
    later = (placed == 1) | new
    if alone.any() or later.sum() > settings.growth * (~later).sum():
        return None
    return np.asarray(later)


def _grown(layout: Floats, graph: Graph) -> Floats:
    """A layout with the images that have no place yet put among their neighbours that have one."""
    new = np.isnan(layout[:, 0])
    near, similar = graph.neighbors[new], graph.similarities[new]
    order = np.argsort(new[near], axis=1, kind="stable")[:, :_PLACED_BY]  # the placed ones first
    near = np.take_along_axis(near, order, axis=1)
    similar = np.take_along_axis(similar, order, axis=1)
    # Who has fewer neighbours with a place is placed by the nearest of them all the more.
    near = np.where(new[near], near[:, :1], near)
    grown = layout.copy()
    grown[new] = place_new(layout, near, similar)
    return grown


_AXIS = "A place on the map, where images with similar features stand together; it has no unit."
_SPACE = "A place on the map in three dimensions."

MAP = Analysis(
    name="map",
    version=4,
    title="Map",
    explains="A layout in which every image stands near its nearest neighbours (UMAP).",
    settings=MapSettings(),
    needs=("graph", "vectors"),
    columns=(
        Column("map_x", "number", "Map x", _AXIS),
        Column("map_y", "number", "Map y", _AXIS),
        Column("map_3d_x", "number", "Map in space x", _SPACE),
        Column("map_3d_y", "number", "Map in space y", _SPACE),
        Column("map_3d_z", "number", "Map in space z", _SPACE),
        Column(
            "map_placed",
            "category",
            "Placed later",
            "1 if the image came after the map was laid out, and was put among its neighbours.",
        ),
    ),
    run=_run,
)
