"""Spaces of one dataset side by side: how well each separates the labels, and where they differ."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from explorer.analysis import (
    HEARD,
    CurvePoint,
    Estimate,
    Graph,
    Hubness,
    Judged,
    Paired,
    ProbeSettings,
    difference,
    fewest_heard,
    holm,
    hubness,
    intrinsic_dimension,
    judged_by_nearest,
    linear_cka,
    mean_of_splits,
    neighbour_graph,
    neighbour_overlap,
    paired_splits,
    share_right,
)
from explorer.errors import ExtractorError
from explorer.extractors import known_speeds, measure_speed
from explorer.probe.learned import Learned, Lesson, OnStep, learn, recall
from explorer.probe.subject import FEWEST, Ints, Subject, find_subject, graph_of, vectors_of
from explorer.store import Dataset, Space

OVERLAP = 15
"""How many neighbours of each image two spaces are compared by."""

_MOST_LEARNED = 5000  # images that the probe looks at, unless there are very many labels
_MOST_ALIGNED = 5000  # images that kernel alignment looks at

_SETTINGS = ProbeSettings()


@dataclass(frozen=True)
class SpaceReport:
    """One space. None: there are no labels to judge by, or it has not been measured or learned.

    nearest: the share of images whose nearest other image has the same label. probe: the accuracy
    of a linear classifier on images that it has not seen; curve: with how many labels.
    images_per_second: of its extractor alone on this machine, without reading and decoding; where
    that is not known, as measured when the space was made.
    """

    id: str
    sees: str
    dimension: int
    bytes_on_disk: int
    images_per_second: float | None
    intrinsic_dimension: float
    hubness: Hubness
    nearest: Estimate | None = None
    probe: Estimate | None = None
    curve: list[CurvePoint] = field(default_factory=list)


@dataclass(frozen=True)
class PairReport:
    """Two spaces. Differences are first minus second, their p corrected for all pairs (Holm).

    overlap: the mean share of an image's 15 nearest that both agree on. cka: 1 the same, 0
    unrelated.
    """

    first: str
    second: str
    overlap: float
    cka: float
    nearest: Paired | None = None
    probe: Paired | None = None


@dataclass(frozen=True)
class Comparison:
    """What a comparison has found. judged: how many images have a label that counts; commonest: the
    share of them that bear the commonest one, which is what guessing reaches.

    notes: what is left out, a sentence each. why_not: why nothing is said on labels; empty if it
    is.
    """

    dataset: str
    images: int
    judged: int
    labels: int
    commonest: float
    notes: list[str]
    why_not: str
    spaces: list[SpaceReport]
    pairs: list[PairReport]

    @property
    def learned(self) -> bool:
        """Whether the linear probe of every space is there."""
        return all(space.probe is not None for space in self.spaces)


@dataclass(frozen=True)
class _Evidence:
    """What is known of a space. nearest: whose nearest other image has the same label."""

    space: Space
    graph: Graph
    nearest: Judged | None
    learned: Learned | None


def compare(
    dataset: Dataset,
    *,
    spaces: Sequence[str] = (),
    learning: bool = True,
    settings: ProbeSettings = _SETTINGS,
    on_step: OnStep = lambda stage, done, total: None,  # noqa: ARG005
) -> Comparison:
    """Compare spaces of a dataset: by default all of them.

    What the linear probe has learned is kept in the cache; without `learning`, what is not there is
    left out. One alone is measured as well. Raises `UsageError` for a space that does not exist.
    """
    opened = [dataset.space(each) for each in dict.fromkeys(spaces or dataset.space_ids)]
    on_step("Neighbours", 0, 0)
    subject = find_subject(dataset, opened)
    graphs = [graph_of(space, subject.image_ids) for space in opened]
    nearest: list[Judged | None] = [None] * len(opened)
    if not subject.why_not:
        nearest = [_nearest(*each, subject) for each in zip(opened, graphs, strict=True)]
    lesson = Lesson(subject, _of_each_label(subject, _MOST_LEARNED), settings)
    learned: list[Learned | None] = [None] * len(opened)
    if not subject.why_not:
        learned = [recall(space, lesson) for space in opened]
        if learning:
            _measure_speeds(opened, on_step)
            learned = [
                known or learn(space, lesson, on_step)
                for space, known in zip(opened, learned, strict=True)
            ]
    evidence = [_Evidence(*each) for each in zip(opened, graphs, nearest, learned, strict=True)]
    on_step("Agreement", 0, 0)
    return Comparison(
        dataset=dataset.name,
        images=len(subject.image_ids),
        judged=0 if subject.why_not else len(subject.judged),
        labels=0 if subject.why_not else len(subject.names),
        commonest=0.0 if subject.why_not else _commonest(subject),
        notes=[*subject.notes, *_sampled(lesson)],
        why_not=subject.why_not,
        spaces=[_report(each, lesson) for each in evidence],
        pairs=_pairs(evidence, lesson),
    )


def _nearest(space: Space, graph: Graph, subject: Subject) -> Judged:
    """Whose nearest labelled image has the same label."""
    if fewest_heard(graph, subject.codes) >= min(HEARD, len(subject.judged) - 1):
        return judged_by_nearest(graph, subject.codes)
    # Few labels among many images: the nearest that have one are not all in the stored lists.
    rows = subject.judged
    among = neighbour_graph(vectors_of(space, subject.image_ids[rows]), k=HEARD)
    return judged_by_nearest(among, subject.codes[rows])


def _commonest(subject: Subject) -> float:
    return float(np.bincount(subject.codes[subject.judged]).max() / len(subject.judged))


def _drawn(rows: Ints, most: int) -> Ints:
    """At most so many of some rows, always the same."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def _of_each_label(subject: Subject, most: int) -> Ints:
    """Judged rows, about so many at most: the same share of each label, but none too few."""
    share = min(1.0, most / max(len(subject.judged), 1))
    drawn = [
        _drawn(rows, max(FEWEST, round(share * len(rows))))
        for rows in (np.flatnonzero(subject.codes == code) for code in range(len(subject.names)))
    ]
    return np.sort(np.concatenate(drawn)) if drawn else subject.judged


def _sampled(lesson: Lesson) -> list[str]:
    drawn, judged = len(lesson.rows), len(lesson.subject.judged)
    if lesson.subject.why_not or drawn == judged:
        return []
    return [f"The linear probe looks at {drawn:,} of the {judged:,} labelled images."]


def _report(about: _Evidence, lesson: Lesson) -> SpaceReport:
    space, learned = about.space, about.learned
    report = SpaceReport(
        id=space.id,
        sees=space.info.get("sees", ""),
        dimension=space.dimension,
        bytes_on_disk=space.bytes_on_disk,
        images_per_second=_speed(space),
        intrinsic_dimension=intrinsic_dimension(about.graph),
        hubness=hubness(about.graph),
    )
    if about.nearest is not None:
        report = replace(report, nearest=share_right(about.nearest))
    if learned is None:
        return report
    share = lesson.settings.test_share
    accuracy = mean_of_splits(learned.scores, test_share=share, images=len(lesson.rows))
    return replace(report, probe=accuracy, curve=learned.curve)


def _speed(space: Space) -> float | None:
    """The rate measured of its extractor alone, or else when the space was made."""
    if (known := known_speeds().get(space.id)) is not None:
        return known
    kept = space.info.get("calibration") or {}
    rate = kept.get("images_per_second", {}).get(str(kept.get("workers")))
    return None if rate is None else float(rate)


def _measure_speeds(spaces: Sequence[Space], on_step: OnStep) -> None:
    """Of the extractors whose speed is not known on this machine; a few seconds each."""
    known = known_speeds()
    for space in spaces:
        if space.id in known or space.info.get("imported"):
            continue
        on_step(f"Speed of {space.id}", 0, 0)
        with contextlib.suppress(ExtractorError):  # made elsewhere, or no longer installed
            measure_speed(space.id)


def _pairs(evidence: Sequence[_Evidence], lesson: Lesson) -> list[PairReport]:
    ids = _drawn(lesson.subject.image_ids, _MOST_ALIGNED)
    vectors = {each.space.id: vectors_of(each.space, ids) for each in evidence}
    couples = list(combinations(evidence, 2))
    nearest = _corrected([_nearest_apart(*couple) for couple in couples])
    probe = _corrected([_probe_apart(*couple, lesson.settings) for couple in couples])
    return [
        PairReport(
            first=one.space.id,
            second=other.space.id,
            overlap=float(neighbour_overlap(one.graph, other.graph, k=OVERLAP).mean()),
            cka=linear_cka(vectors[one.space.id], vectors[other.space.id]),
            nearest=nearest[number],
            probe=probe[number],
        )
        for number, (one, other) in enumerate(couples)
    ]


def _nearest_apart(one: _Evidence, other: _Evidence) -> Paired | None:
    if one.nearest is None or other.nearest is None:
        return None
    return difference(one.nearest, other.nearest)


def _probe_apart(one: _Evidence, other: _Evidence, settings: ProbeSettings) -> Paired | None:
    if one.learned is None or other.learned is None:
        return None
    return paired_splits(one.learned.scores, other.learned.scores, test_share=settings.test_share)


def _corrected(found: Sequence[Paired | None]) -> list[Paired | None]:
    """The same with each p corrected for how many there are."""
    p_values = iter(holm([each.p for each in found if each]))
    return [replace(each, p=next(p_values)) if each else None for each in found]
