"""Names for clusters: by the labels in them, or by what the extractor's own classes say of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from explorer.analysis.clusters import LEVELS
from explorer.analysis.declaration import Analysis, Classes, ImageGroup, Inputs, Result
from explorer.analysis.profiles import cluster_rows, main_label, medoid_scores
from explorer.analysis.ranges import Settings
from explorer.analysis.vectors import Floats, Ints, unit_rows

_CLEAR = 0.5  # from this share on, one name says enough
_WORTH_NAMING = 0.1
_ASKED = 200  # members of a large cluster whose classes are looked at

Said = list[tuple[str, float]]
"""The two names that most speaks for, and the share of each."""


def said_by_labels(labels: Ints, names: Sequence[str]) -> Said:
    """The two most frequent of (m,) label codes (-1: none) and their shares of all that have one.

    >>> said_by_labels(np.array([1, 1, 0, 1, -1]), ["cat", "dog"])
    [('dog', 0.75), ('cat', 0.25)]
    """
    codes, counts = np.unique(labels[labels >= 0], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:2]
    return [(names[codes[i]], float(counts[i] / counts.sum())) for i in order]


def said_by_classes(vectors: Floats, classes: Classes) -> Said:
    """The two classes that are likeliest on average for (m, d) vectors, m > 0."""
    step = -(-len(vectors) // _ASKED)
    mean = classes.probabilities(vectors[::step]).mean(axis=0)
    order = np.argsort(-mean, kind="stable")[:2]
    return [(classes.names[i], float(mean[i])) for i in order]


def distinct_names(said: Mapping[int, Said]) -> dict[int, str]:
    """A name for every cluster, no two the same, from what speaks for each, by its number.

    A clear majority is a name, else the first two together are; clusters of the same name take
    their second one, too, and a number if that does not tell them apart.

    >>> distinct_names({0: [("fish", 0.9)], 1: [("fish", 0.6), ("boat", 0.4)], 2: [("fish", 1.0)]})
    {0: 'fish', 1: 'fish, boat', 2: 'fish 2'}
    >>> distinct_names({0: [("cat", 0.4), ("dog", 0.3)], 7: []})
    {0: 'cat, dog', 7: 'Cluster 7'}
    """
    names = {number: _name(number, each, _CLEAR) for number, each in said.items()}
    shared = {name for name, times in Counter(names.values()).items() if times > 1}
    names = {
        number: _name(number, said[number], 1 - _WORTH_NAMING) if name in shared else name
        for number, name in names.items()
    }
    return _numbered(names)


def _name(number: int, said: Said, clear: float) -> str:
    """The first name if its share is at least `clear` or there is no other, else the first two."""
    if not said:
        return f"Cluster {number}"
    if said[0][1] >= clear or len(said) == 1:
        return said[0][0]
    return f"{said[0][0]}, {said[1][0]}"


def _numbered(names: dict[int, str]) -> dict[int, str]:
    """The same names, with 2, 3, … behind those that have been before."""
    taken = set(names.values())
    times: dict[str, int] = defaultdict(int)
    for number, name in sorted(names.items()):
        times[name] += 1
        if times[name] == 1:
            continue
        while f"{name} {times[name]}" in taken:
            times[name] += 1
        names[number] = f"{name} {times[name]}"
        taken.add(names[number])
    return names


def name_clusters(codes: Ints, inputs: Inputs) -> list[ImageGroup]:
    """What each cluster of (n,) codes stands for, by rising code."""
    vectors = inputs.vectors()
    rows_of = cluster_rows(codes)
    said: dict[int, Said] = {number: [] for number in rows_of}
    purity = dict.fromkeys(rows_of, float("nan"))
    for number, rows in rows_of.items():
        if inputs.labels is not None:
            said[number] = said_by_labels(inputs.labels[rows], inputs.names["labels"])
            purity[number] = said[number][0][1] if said[number] else float("nan")
        elif inputs.classes is not None:
            said[number] = said_by_classes(vectors[rows], inputs.classes)
    names = distinct_names(said)
    return [
        ImageGroup(number, names[number], _typical(vectors, rows, inputs.labels), purity[number])
        for number, rows in rows_of.items()
    ]


def _typical(vectors: Floats, rows: Ints, labels: Ints | None) -> int:
    """The row most like the mean of all, of those that bear the most frequent label."""
    likeness = medoid_scores(unit_rows(vectors[rows]))
    label, _ = main_label(rows, labels)
    if labels is not None and label >= 0:
        likeness[labels[rows] != label] = -np.inf
    return int(rows[likeness.argmax()])


def _run(inputs: Inputs, settings: Settings) -> Result:  # noqa: ARG001
    groups = {name: name_clusters(inputs.columns[name], inputs) for name in LEVELS}
    return Result({}, groups=groups)


CLUSTER_NAMES = Analysis(
    name="cluster_names",
    version=2,
    title="Cluster names",
    explains="What to call each cluster: its most frequent label, or what the extractor's own "
    "classes say of it.",
    settings=Settings(),
    needs=("vectors", "clusters"),
    columns=(),
    run=_run,
    uses=("labels", "classes"),
)
