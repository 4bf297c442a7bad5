"""Folds: which images are judged by a classifier that has not seen them, and which it has seen.

Stratified folds, with one thing more. A label of few images has none in some folds. Left at that,
the label of the image that is judged is short of an image there, and the others are not: it is told
less often than it would be with all. So where a fold has none of a label's images, the classifier
goes without one of them all the same, each in its turn, and all small labels are short alike. Only
of two images none is left out but the one that is judged: its label would be shown by the same
image whenever it is judged, the others by now one and now the other, and by that it could be told.
(Of three to five images it can, a little: 0.138 of eight labels of three, where chance is 0.125.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.vectors import Bools, Ints

MISSING = -1


@dataclass(frozen=True, slots=True)
class Folds:
    """judged_in: (n,) the fold in which each image is judged, -1 for those without a label.

    left_out: (folds, n) which images the classifier of each fold has not seen.
    """

    judged_in: Ints
    left_out: Bools


def draw_folds(labels: Ints, groups: Ints, *, count: int, seed: int) -> Folds:
    """Draw so many folds of the images that have a label.

    labels, groups: (n,) codes. Groups stay whole, each label is spread as evenly as they let it be,
    and every fold leaves one of its groups out, if it has three or more.
    """
    random = np.random.default_rng(seed)
    known = np.flatnonzero(labels != MISSING)
    _, first, group = np.unique(groups[known], return_index=True, return_inverse=True)
    label = random.permutation(int(labels.max(initial=MISSING)) + 1)[labels[known[first]]]
    order = np.lexsort((random.random(len(first)), label))
    sizes = np.bincount(label)
    starts = np.cumsum(sizes) - sizes
    rank = np.empty(len(first), np.int64)
    rank[order] = np.arange(len(first)) - starts[label[order]]
    place = (starts[label] + rank) % count
    turn = (np.arange(count)[:, None] - starts[label]) % count  # of each label, from its first fold
    many = np.where(sizes > 2, np.minimum(sizes, count), count)[label]
    out = turn % many == rank % count
    judged_in = np.full(len(labels), MISSING, np.int64)
    judged_in[known] = place[group]
    left_out = np.zeros((count, len(labels)), bool)
    left_out[:, known] = out[:, group]
    return Folds(judged_in, left_out)
