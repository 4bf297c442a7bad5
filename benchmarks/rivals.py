"""What people would otherwise use for the same columns, called as their manuals show."""

import importlib
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.analysis import Graph, centre_distance, pca_views

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


def unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def warm_up() -> None:
    """Let numba compile before anything is timed."""
    vectors = np.random.default_rng(0).normal(size=(4500, 32)).astype(np.float32)
    umap_layout(vectors)
    pynndescent_graph(vectors, 31)


def umap_layout(vectors: Floats) -> Floats:
    import umap

    return np.asarray(umap.UMAP(metric="cosine").fit_transform(vectors), np.float32)


def umap_fuzzy_set(graph: Graph, n_neighbors: int) -> Any:
    """umap-learn's, of neighbours that are known; it wants each image first in its own list."""
    from umap.umap_ import fuzzy_simplicial_set

    near, n = graph.nearest(n_neighbors - 1), len(graph)
    return fuzzy_simplicial_set(
        np.empty((n, 1), np.float32),
        near.k + 1,
        np.random.RandomState(0),
        "cosine",
        knn_indices=np.hstack([np.arange(n)[:, None], near.neighbors]),
        knn_dists=np.hstack([np.zeros((n, 1)), 1 - near.similarities]).astype(np.float32),
    )[0]


def umap_loop(fuzzy: Any, vectors: Floats, dimensions: int, seed: int) -> Floats:
    """umap-learn's layout of its fuzzy set, with the repulsion, rate and epochs of ours."""
    from umap.umap_ import find_ab_params, simplicial_set_embedding

    a, b = find_ab_params(1.0, 0.1)
    layout, _ = simplicial_set_embedding(
        vectors,
        fuzzy,
        n_components=dimensions,
        initial_alpha=0.5,
        a=a,
        b=b,
        gamma=3.0,
        negative_sample_rate=5,
        n_epochs=100,
        init="spectral",
        random_state=np.random.RandomState(seed),
        metric="cosine",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
    )
    return np.asarray(layout, np.float32)


def exact_graph(vectors: Floats, k: int) -> Ints:
    import faiss

    rows = unit(vectors)
    return np.asarray(faiss.knn(rows, rows, k, faiss.METRIC_INNER_PRODUCT)[1])


def pynndescent_graph(vectors: Floats, k: int) -> Ints:
    from pynndescent import NNDescent

    index = NNDescent(vectors, metric="cosine", n_neighbors=k, random_state=0)
    return np.asarray(index.neighbor_graph[0], np.int64)


def without_self(found: Ints) -> Ints:
    """Lists of neighbours (n, k + 1) without the image itself: (n, k)."""
    others = [near[near != row][: found.shape[1] - 1] for row, near in enumerate(found)]
    return np.array(others)


def recall(vectors: Floats, neighbors: Ints, k: int, sample: int = 1000) -> float:
    """Share of the true k nearest others that are among the first k neighbours."""
    import faiss

    rows = unit(vectors)
    chosen = np.random.default_rng(5).choice(len(rows), min(sample, len(rows)), replace=False)
    _, truth = faiss.knn(rows[chosen], rows, k + 1, faiss.METRIC_INNER_PRODUCT)
    pairs = zip(chosen, truth, strict=True)
    hits = [np.isin(near[near != row][:k], neighbors[row, :k]).sum() for row, near in pairs]
    return float(np.mean(hits)) / k


def hdbscan(points: Floats, smallest: int) -> Ints:
    from sklearn.cluster import HDBSCAN

    return np.asarray(HDBSCAN(min_cluster_size=smallest, copy=True).fit_predict(points))


def kmeans(vectors: Floats, count: int) -> Ints:
    from sklearn.cluster import KMeans

    return np.asarray(KMeans(count, n_init=3, random_state=0).fit_predict(unit(vectors)))


def evoc(vectors: Floats) -> list[Ints]:
    """EVoC's own choice, and all of its layers."""
    found = _optional("evoc")
    if found is None:
        return []
    model = found.EVoC()
    return [np.asarray(model.fit_predict(vectors)), *map(np.asarray, model.cluster_layers_)]


def local_outlier_factor(vectors: Floats) -> Floats:
    from sklearn.neighbors import LocalOutlierFactor

    return -LocalOutlierFactor().fit(vectors).negative_outlier_factor_


def outliers(vectors: Floats) -> dict[str, Floats]:
    """Scores by each single method: more is odder."""
    import faiss
    from sklearn.ensemble import IsolationForest

    rows = unit(vectors)
    similarities, _ = faiss.knn(rows, rows, 16, faiss.METRIC_INNER_PRODUCT)
    mahalanobis, residual = pca_views(vectors)
    return {
        "LOF": local_outlier_factor(rows),
        "isolation forest": -IsolationForest(random_state=0).fit(vectors).score_samples(vectors),
        "kNN distance": 1 - similarities[:, -1],
        "mean kNN distance": 1 - similarities[:, 1:].mean(axis=1),
        "Mahalanobis": mahalanobis,
        "PCA residual": residual,
        "centroid": centre_distance(vectors),
    }


def label_trouble(vectors: Floats, labels: Ints) -> dict[str, Floats]:
    """Label quality by cleanlab, on cross-validated logistic regression and on kNN; more is worse.

    Without cleanlab, one minus the probability of the given label, which is its default score.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    rank = _optional("cleanlab.rank")
    models = {"logistic": LogisticRegression(), "kNN": KNeighborsClassifier(15, metric="cosine")}
    scores = {}
    for name, model in models.items():
        guess = cross_val_predict(model, vectors, labels, cv=5, method="predict_proba")
        own = rank.get_label_quality_scores(labels, guess) if rank else guess[_each(labels), labels]
        scores[f"cleanlab, {name}"] = 1 - own
    return scores


def _each(labels: Ints) -> Ints:
    return np.arange(len(labels))


def _optional(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        return None
