"""What a classifier learns in one space; kept in the cache, because it takes a while."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from explorer.analysis import (
    REPEATS,
    CurvePoint,
    CurveSettings,
    LabelAccuracy,
    held_out,
    judged_by_classifier,
    label_accuracy,
    learning_curve,
)
from explorer.probe.subject import Ints, Subject, copies_in, vectors_of
from explorer.store import Space, read_probe, write_probe

# Raise it when the same vectors and labels would be judged otherwise.
VERSION = 4

OnStep = Callable[[str, int, int], None]
"""Gets the stage, and how many of how many steps of it are done (0: not known)."""

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Probe:
    """judged: (n,), see `HeldOut`; right: (repeats, n), see `judged_by_classifier`.

    accuracy: None if there is nothing to tell; curve: with how many labels.
    """

    judged: Bools
    right: Bools
    accuracy: LabelAccuracy | None
    curve: list[CurvePoint]


@dataclass(frozen=True)
class ProbePlan:
    """What is to be learned in every space alike: the rows of the subject, and how."""

    subject: Subject
    rows: Ints
    settings: CurveSettings

    def fingerprint(self, space: Space, copies: Ints) -> str:
        """Changes with the vectors, the images, their labels, which are copies, and the method."""
        parts = [space.fingerprint, self.subject.fingerprint]
        parts += [each.tobytes().hex() for each in (self.rows, copies)]
        said = json.dumps([VERSION, asdict(self.settings), *parts])
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def copies(self, space: Space) -> Ints:
        """(n,) codes, equal for versions of one picture."""
        return copies_in(space, self.subject.image_ids[self.rows])


@dataclass(frozen=True)
class _StoredProbe:
    """As probe.json has it: a 1 where a row of `Probe` is true, else a 0.

    accuracy and curve: see `Probe`.
    """

    judged: str
    right: tuple[str, ...]
    accuracy: LabelAccuracy | None
    curve: tuple[CurvePoint, ...]


def load_probe(space: Space, plan: ProbePlan) -> Probe | None:
    """What has been learned already."""
    kept = read_probe(space, plan.fingerprint(space, plan.copies(space)), _StoredProbe)
    if kept is None:
        return None
    return Probe(_bools([kept.judged])[0], _bools(kept.right), kept.accuracy, [*kept.curve])


def fit_probe(space: Space, plan: ProbePlan, on_step: OnStep) -> Probe:
    """Learn, and keep what was learned."""
    vectors = vectors_of(space, plan.subject.image_ids[plan.rows])
    labels, copies = plan.subject.codes[plan.rows], plan.copies(space)
    on_step(f"Label accuracy in {space.id}", 0, 0)
    found = held_out(vectors, labels, groups=copies, repeats=REPEATS)
    rows = _one_of_each(found.judged, copies, labels)
    kinds, codes = np.unique(labels[rows], return_inverse=True)
    curve = []
    if len(kinds) > 1:  # of one label alone there is nothing to tell
        curve = learning_curve(
            vectors[rows],
            codes,
            plan.settings,
            on_step=lambda done, total: on_step(f"Learning curve in {space.id}", done, total),
        )
    right = judged_by_classifier(vectors, labels, found, groups=copies).right.astype(bool)
    learned = Probe(found.judged, right, label_accuracy(found, labels), curve)
    [judged], said = _digits([learned.judged]), _digits(right)
    kept = _StoredProbe(judged, said, learned.accuracy, tuple(curve))
    write_probe(space, plan.fingerprint(space, copies), kept)
    return learned


def _one_of_each(judged: Bools, copies: Ints, labels: Ints) -> Ints:
    """One row of each picture that is judged, of labels that two of these have."""
    rows = np.flatnonzero(judged)
    rows = rows[np.unique(copies[rows], return_index=True)[1]]
    return np.sort(rows[np.bincount(labels[rows], minlength=1)[labels[rows]] > 1])


def _digits(rows: Bools | list[Bools]) -> tuple[str, ...]:
    return tuple("".join("1" if each else "0" for each in row.tolist()) for row in rows)


def _bools(rows: Sequence[str]) -> Bools:
    return np.array([[each == "1" for each in row] for row in rows], bool)
