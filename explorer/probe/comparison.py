"""Spaces of one dataset side by side: how well each separates the labels, and where they differ."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from explorer.analysis import (
    HEARD,
    PRESENT,
    CurvePoint,
    CurveSettings,
    Estimate,
    Graph,
    Hubness,
    Judged,
    LabelAccuracy,
    Paired,
    difference,
    fewest_heard,
    holm,
    hubness,
    intrinsic_dimension,
    judged_by_nearest,
    linear_cka,
    neighbor_graph,
    neighbor_overlap,
    read_label_accuracy,
    share_right,
)
from explorer.errors import ExtractorError
from explorer.extractors import known_speeds, measure_speed
from explorer.probe.probes import OnStep, Probe, ProbePlan, fit_probe, load_probe
from explorer.probe.subject import (
    MISSING,
    Subject,
    drawn,
    find_subject,
    graph_of,
    of_each_label,
    vectors_of,
)
from explorer.store import Dataset, Space

OVERLAP = 15
"""How many neighbours of each image two spaces are compared by."""

_MOST_LEARNED = 20_000  # images that are judged by a classifier, unless labels are very many
_MOST_ALIGNED = 5000  # images that kernel alignment looks at

_SETTINGS = CurveSettings()


@dataclass(frozen=True)
class SpaceReport:
    """One space. None: there are no labels to judge by, or it has not been measured or learned.

    label_accuracy: the share of labels told right by a linear classifier that has not seen the
    image; curve: with how many labels. nearest: the share of images whose nearest other image has
    the same label.
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
    label_accuracy: LabelAccuracy | None = None
    nearest: Estimate | None = None
    curve: list[CurvePoint] | None = None


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
    label_accuracy: Paired | None = None
    nearest: Paired | None = None


@dataclass(frozen=True)
class Comparison:
    """What a comparison has found. judged: how many images have a label that another one has, too;
    labels: how many such there are; commonest: the share of the commonest, which guessing reaches.

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
        """Whether what is learned of every space is there."""
        return all(space.curve is not None for space in self.spaces)


@dataclass(frozen=True)
class _Evidence:
    """What is known of a space. nearest: whose nearest other image has the same label.

    thinned: with what probability it does when a quarter of the images are there.
    """

    space: Space
    graph: Graph
    nearest: Judged | None
    thinned: Judged | None
    learned: Probe | None


def compare(
    dataset: Dataset,
    *,
    spaces: Sequence[str] = (),
    learning: bool = True,
    settings: CurveSettings = _SETTINGS,
    on_step: OnStep = lambda stage, done, total: None,  # noqa: ARG005
) -> Comparison:
    """Compare spaces of a dataset: by default all of them.

    What a classifier has learned is kept in the cache; without `learning`, what is not there is
    left out. One alone is measured as well. Raises `UsageError` for a space that does not exist.
    """
    opened = [dataset.space(each) for each in dict.fromkeys(spaces or dataset.space_ids)]
    on_step("Neighbours", 0, 0)
    subject = find_subject(dataset, opened)
    graphs = [graph_of(space, subject.image_ids) for space in opened]
    plan = ProbePlan(subject, of_each_label(subject, _MOST_LEARNED), settings)
    nearest: list[tuple[Judged | None, Judged | None]] = [(None, None)] * len(opened)
    learned: list[Probe | None] = [None] * len(opened)
    if not subject.why_not:
        nearest = [_nearest(*each, subject) for each in zip(opened, graphs, strict=True)]
        learned = [load_probe(space, plan) for space in opened]
        if learning:
            _measure_speeds(opened, on_step)
            learned = [
                known or fit_probe(space, plan, on_step)
                for space, known in zip(opened, learned, strict=True)
            ]
    known = zip(opened, graphs, nearest, learned, strict=True)
    evidence = [_Evidence(space, graph, *near, of_it) for space, graph, near, of_it in known]
    on_step("Agreement", 0, 0)
    return Comparison(
        dataset=dataset.name,
        images=len(subject.image_ids),
        judged=0 if subject.why_not else len(subject.judged),
        labels=0 if subject.why_not else subject.labels,
        commonest=0.0 if subject.why_not else _commonest(subject),
        notes=[*subject.notes, *_sampled(plan)],
        why_not=subject.why_not,
        spaces=[_report(each, plan) for each in evidence],
        pairs=_pairs(evidence, plan),
    )


def _nearest(space: Space, graph: Graph, subject: Subject) -> tuple[Judged, Judged]:
    """Whose nearest labelled other has the same label, of the judged; of all, and of a quarter."""
    labeled = np.flatnonzero(subject.codes != MISSING)
    codes = subject.codes
    if fewest_heard(graph, codes) < min(HEARD, len(labeled) - 1):
        # Few labels among many images: the nearest that have one are not all in the lists.
        codes = codes[labeled]
        graph = neighbor_graph(vectors_of(space, subject.image_ids[labeled]), k=2 * HEARD)
    judged = np.isin(labeled, subject.judged)
    found = [judged_by_nearest(graph, codes, present=present) for present in (1.0, PRESENT)]
    every, some = (replace(each, right=each.right[:, judged]) for each in found)
    return every, some


def _commonest(subject: Subject) -> float:
    return float(np.bincount(subject.codes[subject.judged]).max() / len(subject.judged))


def _sampled(plan: ProbePlan) -> list[str]:
    looked_at, labeled = len(plan.rows), plan.subject.labeled
    if plan.subject.why_not or looked_at == labeled:
        return []
    return [
        f"Differences of label accuracy, and the learning curve, are those of {looked_at:,} of the "
        f"{labeled:,} labelled images."
    ]


def _report(about: _Evidence, plan: ProbePlan) -> SpaceReport:
    space, learned = about.space, about.learned
    report = SpaceReport(
        id=space.id,
        sees=space.info.sees or "",
        dimension=space.dimension,
        bytes_on_disk=space.bytes_on_disk,
        images_per_second=_speed(space),
        intrinsic_dimension=intrinsic_dimension(about.graph),
        hubness=hubness(about.graph),
    )
    if about.nearest is not None:
        report = replace(report, nearest=share_right(about.nearest))
    accuracy = _accuracy(space, learned, plan)
    return replace(report, label_accuracy=accuracy, curve=learned.curve if learned else None)


def _accuracy(space: Space, learned: Probe | None, plan: ProbePlan) -> LabelAccuracy | None:
    """What is learned of all images, or else what the analysis run has found of all of them."""
    subject = plan.subject
    if learned and len(plan.rows) == subject.labeled:
        return learned.accuracy
    of_all = np.array_equal(space.image_ids, subject.image_ids) and not subject.why_not
    analyzed = read_label_accuracy(space.figures.of) if of_all else None
    return analyzed or (learned.accuracy if learned else None)


def _speed(space: Space) -> float | None:
    """The rate measured of its extractor alone, or else when the space was made."""
    if (known := known_speeds().get(space.id)) is not None:
        return known
    kept = space.info.calibration
    return kept.images_per_second.get(str(kept.workers)) if kept else None


def _measure_speeds(spaces: Sequence[Space], on_step: OnStep) -> None:
    """Of the extractors whose speed is not known on this machine; a few seconds each."""
    known = known_speeds()
    for space in spaces:
        if space.id in known or space.info.imported:
            continue
        on_step(f"Speed of {space.id}", 0, 0)
        with contextlib.suppress(ExtractorError):  # made elsewhere, or no longer installed
            measure_speed(space.id)


def _pairs(evidence: Sequence[_Evidence], plan: ProbePlan) -> list[PairReport]:
    ids = drawn(plan.subject.image_ids, _MOST_ALIGNED)
    vectors = {each.space.id: vectors_of(each.space, ids) for each in evidence}
    couples = list(combinations(evidence, 2))
    nearest = _corrected([_nearest_apart(*couple) for couple in couples])
    accuracy = _corrected([_accuracy_apart(*couple) for couple in couples])
    return [
        PairReport(
            first=one.space.id,
            second=other.space.id,
            overlap=float(neighbor_overlap(one.graph, other.graph, k=OVERLAP).mean()),
            cka=linear_cka(vectors[one.space.id], vectors[other.space.id]),
            label_accuracy=accuracy[number],
            nearest=nearest[number],
        )
        for number, (one, other) in enumerate(couples)
    ]


def _nearest_apart(one: _Evidence, other: _Evidence) -> Paired | None:
    if one.thinned is None or other.thinned is None:
        return None
    return difference(one.thinned, other.thinned)


def _accuracy_apart(one: _Evidence, other: _Evidence) -> Paired | None:
    if one.learned is None or other.learned is None:
        return None
    both = one.learned.judged & other.learned.judged
    if not both.any():
        return None
    return difference(*(Judged(each.right[:, both]) for each in (one.learned, other.learned)))


def _corrected(found: Sequence[Paired | None]) -> list[Paired | None]:
    """The same with each p corrected for how many there are."""
    p_values = iter(holm([each.p for each in found if each]))
    return [replace(each, p=next(p_values)) if each else None for each in found]
