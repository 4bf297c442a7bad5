"""What a linear probe learns in one space; kept in the cache, because it takes a while."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from explorer.analysis import CurvePoint, ProbeSettings, learning_curve, probe_scores
from explorer.probe.subject import Ints, Subject, vectors_of
from explorer.store import Space, read_probe, write_probe

# Raise it when the probe would give other scores for the same vectors and labels.
VERSION = 1

OnStep = Callable[[str, int, int], None]
"""Gets the stage, and how many of how many steps of it are done (0: not known)."""


@dataclass(frozen=True)
class Learned:
    """scores: the accuracy of every split, (m,); curve: with how many labels."""

    scores: npt.NDArray[np.float64]
    curve: list[CurvePoint]


@dataclass(frozen=True)
class Lesson:
    """What is to be learned in every space alike: the rows of the subject, and how."""

    subject: Subject
    rows: Ints
    settings: ProbeSettings

    def fingerprint(self, space: Space) -> str:
        """Changes with the vectors, the images, their labels and the way of learning."""
        parts = [space.fingerprint, self.subject.fingerprint, self.rows.tobytes().hex()]
        said = json.dumps([VERSION, asdict(self.settings), *parts])
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def recall(space: Space, lesson: Lesson) -> Learned | None:
    """What has been learned already."""
    kept = read_probe(space, lesson.fingerprint(space))
    if kept is None:
        return None
    return Learned(np.array(kept["scores"]), [CurvePoint(**point) for point in kept["curve"]])


def learn(space: Space, lesson: Lesson, on_step: OnStep) -> Learned:
    """Learn, and keep what was learned."""
    vectors = vectors_of(space, lesson.subject.image_ids[lesson.rows])
    labels = lesson.subject.codes[lesson.rows]
    learned = Learned(
        probe_scores(
            vectors,
            labels,
            lesson.settings,
            on_step=lambda done, total: on_step(f"Linear probe in {space.id}", done, total),
        ),
        learning_curve(
            vectors,
            labels,
            lesson.settings,
            on_step=lambda done, total: on_step(f"Learning curve in {space.id}", done, total),
        ),
    )
    write_probe(
        space,
        lesson.fingerprint(space),
        scores=learned.scores.tolist(),
        curve=[asdict(point) for point in learned.curve],
    )
    return learned
