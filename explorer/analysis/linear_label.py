"""Does a linear classifier tell an image's label? Image by image, as two spaces are compared.

Cross-validation varies less, the more classifiers judge each image, and the less these have learned
from the same images: so fifteen times three folds instead of three times ten. It is the accuracy
with two thirds of the labels, which differs as much between two spaces.
"""

from __future__ import annotations

from explorer.analysis.evidence import HeldOut, held_out
from explorer.analysis.intervals import Judged
from explorer.analysis.vectors import Floats, Ints

_FOLDS, _REPEATS = 3, 15
_MANY = 2000  # images: differences are small there anyway, and the folds take their time


def judged_by_classifier(
    vectors: Floats, labels: Ints, found: HeldOut, *, groups: Ints | None = None
) -> Judged:
    """Judge each of (n, d) vectors by classifiers that have not seen it: (repeats, n) answers.

    found: what the label accuracy comes from, whose answers do for many images; groups: as there.
    """
    if len(labels) < _MANY:
        found = held_out(vectors, labels, groups=groups, repeats=_REPEATS, folds=_FOLDS)
    return Judged(found.right)
