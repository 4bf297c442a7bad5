"""Findings about pictures: duplicates, faults, what stands apart."""

import numpy as np

from explorer.filters import OneOf, Present, UnlikeLabels
from explorer.insight.clarity import clusters_are_clear
from explorer.insight.finding import PHOTOS, Finding, Look, weight
from explorer.insight.grouping import surplus_rows
from explorer.insight.oddness import FAULT, faults, faulty_rows, stand_apart
from explorer.insight.wording import counted


def unlike_labels(look: Look) -> Finding | None:
    """The same picture under different labels."""
    if not look.has("duplicate_group"):
        return None
    group, label = look.codes("duplicate_group"), look.label
    known = (group >= 0) & (label >= 0)
    pairs = np.unique(np.stack([group[known], label[known]]), axis=1)
    groups, labels = np.unique(pairs[0], return_counts=True)
    mixed = groups[labels > 1]
    if not len(mixed):
        return None
    affected = known & np.isin(group, mixed)
    rows = np.flatnonzero(affected)
    return Finding(
        "unlike_labels",
        "Duplicates with unlike labels",
        f"{counted(len(mixed), 'group')} of near-duplicates, {len(rows):,} images in all, bear "
        "more than one label: one of each is wrong, if they show the same.",
        rows[np.argsort(group[rows], kind="stable")][:PHOTOS],
        weight(1.0, look.share(affected)),
        "duplicates",
        filter=(UnlikeLabels(),),
    )


def surplus(look: Look) -> Finding | None:
    """Images of which a better copy is there."""
    if not look.has("duplicate_surplus", "duplicate_group", "duplicate_similarity"):
        return None
    group, surplus = look.codes("duplicate_group"), np.zeros(len(look.space), bool)
    surplus[surplus_rows(look.space, look.filter)] = True
    if not surplus.any():
        return None
    # The closest groups, each with the one to keep.
    worst = look.worst(surplus, "duplicate_similarity")
    closest = [number for number in dict.fromkeys(group[worst].tolist()) if number >= 0]
    members = [np.flatnonzero(group == number) for number in closest[: PHOTOS // 2]]
    return Finding(
        "surplus",
        "Near-duplicates",
        f"{counted(int(surplus.sum()), 'image')} ({look.share(surplus):.1%}) could go: a larger or "
        "sharper picture of the same is there.",
        np.concatenate(members or [worst])[:PHOTOS],
        weight(0.6, look.share(surplus)),
        "duplicates",
    )


def largest_group(look: Look) -> Finding | None:
    """The picture that is there most often."""
    if not look.has("duplicate_group"):
        return None
    group = look.codes("duplicate_group")
    sizes = np.bincount(group[group >= 0]) if (group >= 0).any() else np.zeros(1, np.int64)
    largest, size = int(sizes.argmax()), int(sizes.max())
    if size < 3:  # one copy of one picture is nothing large
        return None
    return Finding(
        "largest_group",
        "The largest group of duplicates",
        f"{size:,} images look nearly the same.",
        np.flatnonzero(group == largest)[:PHOTOS],
        weight(0.5, size / int(look.shown.sum())),
        "duplicates",
        filter=(OneOf("duplicate_group", (largest,)),),
    )


def picture_faults(look: Look) -> Finding | None:
    """Pictures that may be spoilt."""
    if not look.has(FAULT):
        return None
    found = np.array(faults(look.space), object)
    spoilt = look.shown & (found != "")
    if not spoilt.any():
        return None
    kinds, counts = np.unique(found[spoilt], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    named = ", ".join(f"{counts[each]:,} {kinds[each]}" for each in order)
    rows = faulty_rows(look.space, kinds.tolist())
    return Finding(
        "faults",
        "Picture faults",
        f"{counted(int(spoilt.sum()), 'picture')} may be spoilt: {named}.",
        rows[look.shown[rows]][:PHOTOS],
        weight(0.5, look.share(spoilt)),
        "outliers",
        ("The picture", "Faults"),
    )


def oddest(look: Look) -> Finding | None:
    """Images that stand apart from all others."""
    if not look.has("outlier_score"):
        return None
    apart = look.shown & stand_apart(look.space)
    if not apart.any():
        return None
    return Finding(
        "oddest",
        "The oddest images",
        f"{counted(int(apart.sum()), 'image')} further out than is usual here.",
        look.worst(apart, "outlier_score"),
        weight(0.45, look.share(apart)),
        "outliers",
        ("Company", look.space.column_meta("outlier_score").title),
    )


def alone(look: Look) -> Finding | None:
    """Images in no cluster, where there are clusters."""
    if not look.has("cluster", "isolation") or not clusters_are_clear(look.space):
        return None
    alone = look.shown & (look.codes("cluster") < 0)
    if not alone.any() or alone.sum() == look.shown.sum():
        return None
    return Finding(
        "alone",
        "The emptiest regions",
        f"{counted(int(alone.sum()), 'image')} ({look.share(alone):.1%}) in no cluster: too few "
        "others are like them.",
        look.worst(alone, "isolation"),
        weight(0.3, look.share(alone)),
        "map",
        filter=(Present("cluster", False, codes=True),),
    )
