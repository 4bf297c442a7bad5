"""What there is to say about each cluster."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.analysis import Difference, sets_apart
from explorer.curate import NOBODY, row_graph
from explorer.errors import NotAnalyzedError, UnknownNameError
from explorer.filters import Filter, shown_mask
from explorer.insight.columns import categories, numbers
from explorer.store import MY_GROUP, NamedCluster, Rows, Space, Values, cached_per_snapshot

# From few large clusters to many small ones: the column, and what people call the granularity.
GRANULARITIES = {
    "cluster_fewest": "fewest",
    "cluster_few": "few",
    "cluster": "usual",
    "cluster_many": "many",
    "cluster_most": "most",
}
DEFAULT_GRANULARITY = "cluster"
REPRESENTATIVES = 9
MOST_LABELS = 6
LOOKED_AT = 2000  # images of a large cluster among which the spread is chosen
COMPARED = 10_000  # images among which it is told what sets a cluster apart
TELLING = 0.28  # Cliff's delta: smaller differences are sure, but nobody would see them
# A trait is what can be seen of a picture or is known of it, not what Explorer thinks of it.
TRAITS_FROM = {"measures", "picture_faults"}
NO_TRAITS = {"image_id", "label", MY_GROUP}


@dataclass(frozen=True)
class Cluster:
    """One cluster: its rows, those that stand for it, and the labels in it by falling count.

    representatives: the most typical image first, then each as far as can be from those before, on
    the map. density: mean similarity of its images to their near neighbours.
    """

    number: int
    name: str
    rows: Rows
    representatives: Rows
    labels: Sequence[tuple[str, int]]
    density: float

    @property
    def size(self) -> int:
        """How many images it holds."""
        return len(self.rows)

    @property
    def medoid(self) -> int:
        """The row of its most typical image."""
        return int(self.representatives[0])


def cluster_summaries(
    space: Space, column: str = DEFAULT_GRANULARITY, conditions: Filter = ()
) -> list[Cluster]:
    """The clusters in a column by falling size; none when they have not been computed.

    Of each only the images that pass the filter. Names are read anew each time: people change them.
    """
    names = cluster_names(space, column)
    found = _summaries(space, column, conditions)
    return [replace(each, name=names.get(str(each.number), each.name)) for each in found]


def truly_named(space: Space, column: str, conditions: Filter) -> list[Cluster]:
    """The clusters whose names are true of what passes the filter, by falling size.

    A name that was computed tells what most of a cluster is: when the filter leaves less than half
    of it, the name may be of what is hidden. A name that people gave is that of each image.
    """
    given = {each.number for each in _named(space, column) if each.is_given}
    totals = Counter(cluster_codes(space, column).tolist()) if column in space.column_names else {}
    return [
        each
        for each in cluster_summaries(space, column, conditions)
        if column == MY_GROUP or each.number in given or 2 * each.size >= totals[each.number]
    ]


def cluster_names(space: Space, column: str) -> dict[str, str]:
    """What the clusters in a column are called, by their numbers as text; empty without names."""
    if column == MY_GROUP:
        return {str(number): name for number, name in enumerate(categories(space, column).names)}
    return {str(each.number): each.name for each in _named(space, column)}


def cluster_codes(space: Space, column: str) -> Rows:
    """The number of each image's cluster, -1 for none, (n,); one's own groups count by size."""
    if column == MY_GROUP:
        return categories(space, column).signed
    return np.asarray(space.arrow_column(column).fill_null(-1).to_numpy(), np.int64)


@cached_per_snapshot(16)
def _summaries(space: Space, column: str, conditions: Filter) -> list[Cluster]:
    if column not in space.column_names:
        return []
    codes = np.where(shown_mask(space, conditions), cluster_codes(space, column), -1)
    labels = categories(space, "label")
    isolation = np.nan_to_num(numbers(space, "isolation"), nan=1.0)  # not in the graph yet: alone
    typical = {each.number: each.image_id for each in _named(space, column)}
    found = []
    for number in range(int(codes.max(initial=-1)) + 1):
        rows = np.flatnonzero(codes == number)
        if not len(rows):
            continue
        counts = np.bincount(labels.codes[rows], minlength=len(labels.names))[: len(labels.names)]
        order = np.argsort(-counts, kind="stable")
        mix = [(labels.names[code], int(counts[code])) for code in order[:MOST_LABELS]]
        first = _row_of(space, typical.get(number), rows, isolation)
        found.append(
            Cluster(
                number,
                f"Cluster {number}",
                rows,
                _spread(space, rows, first),
                [(name, count) for name, count in mix if count],
                float(1 - isolation[rows].mean()),
            )
        )
    return sorted(found, key=lambda each: -each.size)


def _named(space: Space, column: str) -> list[NamedCluster]:
    try:
        return space.clusters(column)
    except NotAnalyzedError:
        return []


def _row_of(space: Space, image_id: int | None, rows: Rows, isolation: Values) -> int:
    """The row of the most typical image; if it is not there, that of the one with most company."""
    if image_id is not None:
        try:
            if (row := space.row(image_id)) in rows:
                return row
        except UnknownNameError:
            pass
    return int(rows[np.argmin(isolation[rows])])


def _spread(space: Space, rows: Rows, first: int) -> Rows:
    """The most typical image, and of eight more regions of the cluster on the map theirs.

    Regions by farthest-first traversal (Gonzalez, 1985); typical is what has most company.
    """
    if "map_x" not in space.column_names:
        return np.concatenate([[first], rows[rows != first][: REPRESENTATIVES - 1]])
    rows = np.union1d(rows[:: max(1, len(rows) // LOOKED_AT)], [first])
    x, y = (np.nan_to_num(numbers(space, name)[rows]) for name in ("map_x", "map_y"))
    places = np.stack([x, y], axis=1)
    region = np.zeros(len(rows), np.int64)
    gap = np.linalg.norm(places - places[rows == first], axis=1)
    for number in range(1, min(REPRESENTATIVES, len(rows))):
        from_there = np.linalg.norm(places - places[gap.argmax()], axis=1)
        region[from_there < gap] = number
        gap = np.minimum(gap, from_there)
    isolation = numbers(space, "isolation")[rows]
    typical = [np.flatnonzero(region == each) for each in np.unique(region)[1:]]
    return np.array([first, *(rows[each[isolation[each].argmin()]] for each in typical)], np.int64)


@cached_per_snapshot(16)
def cluster_links(space: Space, column: str) -> npt.NDArray[np.float32]:
    """For clusters i and j (clusters, clusters): the share of i's neighbours that are in j."""
    codes = cluster_codes(space, column)
    count = int(codes.max(initial=-1)) + 1
    graph = row_graph(space)
    here = np.repeat(codes[:, None], graph.k, axis=1)
    there = codes[graph.neighbors]
    known = (here >= 0) & (there >= 0) & (graph.similarities > NOBODY)
    pairs = np.bincount(here[known] * count + there[known], minlength=count * count)
    links = pairs.reshape(count, count).astype(np.float32)
    return np.asarray(links / np.maximum(links.sum(axis=1, keepdims=True), 1), np.float32)


def nearest_clusters(
    space: Space, column: str, number: int, *, most: int = 3
) -> list[tuple[int, float]]:
    """The clusters that most of a cluster's outside neighbours are in, and their share of all.

    Only those with a hundredth of them.
    """
    shares = cluster_links(space, column)[number].copy()
    shares[number] = 0
    order = np.argsort(-shares, kind="stable")[:most]
    return [(int(other), float(shares[other])) for other in order if shares[other] >= 0.01]


@lru_cache(maxsize=256)
def traits(space: Space, column: str, number: int, against: int | None = None) -> list[Difference]:
    """What sets a cluster apart from all else, or from one other cluster, in the other columns."""
    codes = cluster_codes(space, column)
    there = np.flatnonzero(codes != number if against is None else codes == against)
    here = np.flatnonzero(codes == number)
    rows = np.concatenate([_sample(here, COMPARED // 4), _sample(there, COMPARED)])
    found = sets_apart(
        {name: _values(space, name)[rows] for name in _trait_columns(space)}, codes[rows] == number
    )
    return [each for each in found if abs(each.effect) >= TELLING]


def _sample(rows: Rows, most: int) -> Rows:
    return rows[:: max(1, -(-len(rows) // most))]


def _trait_columns(space: Space) -> list[str]:
    """Columns of numbers, and of names that many images share."""
    found = []
    for name in space.column_names:
        meta = space.column_meta(name)
        is_name = meta.kind == "category" and pa.types.is_string(space.arrow_column(name).type)
        is_known = meta.analysis in {None, *TRAITS_FROM} and name not in NO_TRAITS
        if is_known and (meta.kind == "number" or is_name):
            found.append(name)
    return found


def _values(space: Space, name: str) -> Values:
    if space.column_meta(name).kind == "number":
        return numbers(space, name)
    named = categories(space, name)
    words = np.array([*named.names, None], object)
    return words[np.minimum(named.codes, len(named.names))]


def _figure(value: float) -> str:
    """Three digits are enough to compare by, but nobody reads 7.66e+03."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def in_words(space: Space, difference: Difference) -> str:
    """A difference as a phrase: "Brightness 0.71 (elsewhere 0.44)"."""
    title = space.column_meta(difference.column).title
    here, elsewhere = difference.here, difference.elsewhere
    if difference.value is None:
        return f"{title} {_figure(here)} (elsewhere {_figure(elsewhere)})"
    return f"{title} “{difference.value}” {here:.0%} (elsewhere {elsewhere:.0%})"
