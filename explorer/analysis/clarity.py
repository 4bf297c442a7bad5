"""How much clearer the clusters are than those that are found in data without any.

Communities are found in every graph, in that of a single Gaussian as well. So the same is done with
draws from one Gaussian of the same size, mean and covariance, which has the same directions and
spreads and nothing else, and the modularities are compared (Newman, Girvan, "Finding and evaluating
community structure in networks", 2004; surrogates with the same second moments: Theiler et al.,
"Testing for nonlinearity in time series", 1992).

Clear is what stands above the draws by more than they vary, and by more than marginals that are not
Gaussian bring: features cut off at zero came half as far.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.clusters import ClusterSettings, leiden, shared_neighbors
from explorer.analysis.declaration import Analysis, Inputs, Result
from explorer.analysis.graph import neighbor_graph
from explorer.analysis.ranges import SEEDS, Settings, within
from explorer.analysis.vectors import Floats, unit_rows

_DRAWS = 9
_BEYOND = 3.36  # standard errors: the 99.5 % quantile of Student's t with 8 degrees of freedom
_LEAST = 0.12
_FEWEST = 10  # images


@dataclass(frozen=True, slots=True)
class ClaritySettings(Settings):
    """sample: how many images are looked at, and drawn."""

    prefix = "cluster_clarity"
    sample: int = within(1000, _FEWEST, 20_000)
    seed: int = within(0, *SEEDS)


@dataclass(frozen=True, slots=True)
class Clarity:
    """modularity: of the communities; by_chance: its mean in data without any, error: how that of
    a single draw varies.

    The modularity is the share of the links within communities, less the share that would be there
    if links went anywhere: 0 to 1.
    """

    modularity: float
    by_chance: float
    error: float

    @property
    def clarity(self) -> float:
        """How far it comes from chance (0 or below) to communities without links between (1)."""
        return (self.modularity - self.by_chance) / (1 - self.by_chance)

    @property
    def clear(self) -> bool:
        """Whether there are clusters: said of at most one in twenty datasets without any."""
        beyond = _BEYOND * self.error * (1 + 1 / _DRAWS) ** 0.5
        return self.modularity - self.by_chance > beyond and self.clarity > _LEAST


def cluster_clarity(vectors: Floats, settings: ClaritySettings = ClaritySettings()) -> Clarity:
    """Compare the communities of (n, d) vectors with those of a Gaussian; NaN for fewer than 10."""
    from threadpoolctl import threadpool_limits

    random = np.random.default_rng(settings.seed)
    n = min(len(vectors), settings.sample)
    if n < _FEWEST:
        return Clarity(float("nan"), float("nan"), float("nan"))
    unit = unit_rows(vectors[np.sort(random.choice(len(vectors), n, replace=False))])
    mean = unit.mean(axis=0)
    centered = unit - mean
    drawn = []
    # Products and searches take turns here, and the threads of each would wait for the other's.
    with threadpool_limits(1):
        for _ in range(_DRAWS):
            mixing = random.normal(size=(n, n)).astype(np.float32) / (n - 1) ** 0.5
            drawn.append(_modularity(mixing @ centered + mean))
        found = _modularity(unit)
    return Clarity(found, float(np.mean(drawn)), float(np.std(drawn, ddof=1)))


def _modularity(vectors: Floats) -> float:
    """Of the communities at the usual granularity."""
    edges = shared_neighbors(neighbor_graph(vectors))
    found = leiden(edges, ClusterSettings().resolution, 0)
    links = edges.tocoo()
    total = links.data.sum(dtype=np.float64)
    within = links.data[found[links.row] == found[links.col]].sum(dtype=np.float64) / total
    shares = np.bincount(found, weights=np.asarray(edges.sum(axis=1)).ravel()) / total
    return float(within - (shares**2).sum())


def _run(inputs: Inputs, settings: ClaritySettings) -> Result:
    found = cluster_clarity(inputs.vectors(), settings)
    return Result(
        {},
        {
            "cluster_modularity": found.modularity,
            "cluster_modularity_by_chance": found.by_chance,
            "cluster_clarity": found.clarity,
            "clusters_are_clear": float(found.clear),
        },
    )


CLUSTER_CLARITY = Analysis(
    name="cluster_clarity",
    version=1,
    title="Cluster clarity",
    explains="How much clearer the clusters are than in data without any.",
    settings=ClaritySettings(),
    needs=("vectors",),
    columns=(),
    run=_run,
)
