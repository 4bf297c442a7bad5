"""Findings about labels and splits."""

import numpy as np

from explorer.analysis import read_label_accuracy
from explorer.filters import LooksOtherwise, OneOf, Present
from explorer.insight.columns import categories, numbers
from explorer.insight.finding import PHOTOS, Finding, Look, weight
from explorer.insight.labeling import IN_DOUBT, IN_TWO, UNCOVERED, label_codes
from explorer.insight.wording import counted

MOST_MISLABELED = 1 / 3  # of all images
SURELY = 3.1
"""Standard errors by which labels must be told more often than by guessing before one is doubted.
More than the 2.6 at which it is said that they can be told at all: of several questions that are
asked at once one is sooner answered wrongly."""


def leaks(look: Look) -> Finding | None:
    """The same picture in two splits."""
    if not look.has("split_leak", "split_similarity"):
        return None
    splits = categories(look.space, "split")
    leaked = look.flags("split_leak")
    # Splits are numbered by falling size; the largest is taken for the one that is trained on.
    judged = look.shown & (splits.signed > 0)
    count = int((leaked & judged).sum())
    if not count:
        return None
    share = count / int(judged.sum())
    return Finding(
        "leaks",
        "Leaks between splits",
        f"{counted(count, 'image')} of {', '.join(splits.names[1:])} ({share:.1%}) are, or nearly "
        "are, in another split, too: a test on them proves nothing.",
        look.worst(leaked, "split_similarity"),
        weight(1.0, share),
        "labels",
        (IN_TWO,),
    )


def uncovered(look: Look) -> Finding | None:
    """What training does not reach."""
    if not look.has("uncovered", "training_similarity"):
        return None
    far = look.flags("uncovered")
    if not far.any():
        return None
    train = categories(look.space, "split").names[0]
    return Finding(
        "uncovered",
        "Not covered by training",
        f"{counted(int(far.sum()), 'image')} of the other splits are unlike everything in "
        f"“{train}”.",
        look.worst(far, "centre_distance" if look.has("centre_distance") else "isolation"),
        weight(0.6, look.share(far)),
        "labels",
        (UNCOVERED,),
    )


def mislabeled(look: Look) -> Finding | None:
    """Labels that a classifier speaks against which has not seen the image."""
    if not look.has("label_issue", "label_trouble") or not _told(look):
        return None
    issues = look.flags("label_issue")
    # So many cannot be mislabelled: then it is the space that cannot tell the labels apart.
    if not issues.any() or look.share(issues) > MOST_MISLABELED:
        return None
    return Finding(
        "mislabelled",
        "Label and look disagree",
        f"{counted(int(issues.sum()), 'label')} ({look.share(issues):.1%}) may be wrong: a "
        "classifier that has not seen the image finds another one far likelier.",
        look.worst(issues, "label_trouble"),
        weight(0.9, look.share(issues)),
        "labels",
        (IN_DOUBT,),
        (OneOf("label_issue", (1,)),),
    )


def _told(look: Look) -> bool:
    """Where the labels can't be told from the images, no image speaks for or against one."""
    accuracy = read_label_accuracy(look.space.figures.of)
    return accuracy is not None and accuracy.told and accuracy.beyond > SURELY


def confused(look: Look) -> Finding | None:
    """The two labels that are taken for each other most often."""
    if not look.has("label_suggested", "label_trouble") or not _told(look):
        return None
    labels = label_codes(look.space)
    both = np.sort(np.stack([labels.given, labels.suggested]), axis=0)
    judged = look.shown & np.isfinite(numbers(look.space, "label_trouble"))
    taken = judged & (both[0] != both[1])
    if not taken.any():
        return None
    pairs, counts = np.unique(both[:, taken], axis=1, return_counts=True)
    first, second = (int(code) for code in pairs[:, counts.argmax()])
    these = taken & (both[0] == first) & (both[1] == second)
    names = labels.names[first], labels.names[second]
    of_both = int((look.shown & np.isin(labels.given, (first, second))).sum())
    return Finding(
        "confused",
        "The most confused labels",
        f"“{names[0]}” and “{names[1]}”: {counts.max():,} of their {of_both:,} images look like "
        "the other one.",
        look.worst(these, "label_trouble"),
        weight(0.7, float(counts.max()) / max(of_both, 1)),
        "labels",
        (IN_DOUBT,),
        (OneOf("label", names), OneOf("label_suggested", names), LooksOtherwise()),
    )


def rarest_label(look: Look) -> Finding | None:
    """A label that is rare beside the commonest."""
    label = look.label
    if not (label >= 0).any():
        return None
    counts = np.bincount(label[label >= 0])
    there = np.flatnonzero(counts)
    rarest, commonest = there[counts[there].argmin()], int(counts.argmax())
    few, many = int(counts[rarest]), int(counts[commonest])
    if many < 2 * few:
        return None
    names = categories(look.space, "label").names
    return Finding(
        "rarest_label",
        "The rarest label",
        f"“{names[rarest]}” has {counted(few, 'image')}; “{names[commonest]}” has {many:,}.",
        np.flatnonzero(label == rarest)[:PHOTOS],
        weight(0.4, 1 - few / many) / 2,
        "map",
        filter=(OneOf("label", (names[rarest],)),),
    )


def unlabeled(look: Look) -> Finding | None:
    """Images without a label among others that have one."""
    without = look.shown & (look.label < 0)
    if not without.any() or without.sum() == look.shown.sum():
        return None
    return Finding(
        "unlabelled",
        "Without a label",
        f"{counted(int(without.sum()), 'image')} ({look.share(without):.1%}); the others have one.",
        np.flatnonzero(without)[:PHOTOS],
        weight(0.4, look.share(without)),
        "map",
        filter=(Present("label", False),),
    )
