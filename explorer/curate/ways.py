"""The ways of choosing, one function each, and the table of them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer import analysis
from explorer.curate.graph import (
    graph_among,
    kinds_among,
    leaks_of,
    near_duplicates_among,
    row_graph,
    space_pictures,
)
from explorer.curate.spread import spread_over
from explorer.curate.tasks import Picked, Task, Way
from explorer.errors import NotAnnotatedError
from explorer.store import Rows


def _diverse(task: Task) -> Picked:
    return Picked(
        analysis.k_centers(task.unit, task.count, given=task.given_places, seed=task.settings.seed)
    )


def _representative(task: Task) -> Picked:
    graph = graph_among(row_graph(task.space), task.everything)
    return Picked(analysis.facility_location(graph, task.count, given=task.given_places))


def _typical(task: Task) -> Picked:
    return Picked(np.argsort(task.numbers("isolation"), kind="stable")[: task.count])


def _balanced(task: Task) -> Picked:
    groups, already = np.split(task.groups(task.everything), [len(task.rows)])
    values = int(max(groups.max(), already.max(initial=0))) + 1
    there, has = (np.bincount(each, minlength=values) for each in (groups, already))
    shares = analysis.even_shares(there, task.count, has=has)
    return Picked(analysis.take_shares(groups, shares, task.shuffled()))


def _stratified(task: Task) -> Picked:
    groups = task.groups(task.rows)
    shares = analysis.fair_shares(np.bincount(groups), task.count)
    return Picked(analysis.take_shares(groups, shares, task.shuffled()))


def _random(task: Task) -> Picked:
    return Picked(task.shuffled()[: task.count])


def _outliers(task: Task) -> Picked:
    scores = task.numbers("outlier_score")
    order = np.argsort(-np.nan_to_num(scores, nan=-np.inf), kind="stable")
    if task.settings.count is not None:
        return Picked(order[: task.count])
    least = analysis.OUTLIERS.settings_of(task.space.made_by("outlier_score").parameters).outlier
    return Picked(order[scores[order] >= least])


def _without_duplicates(task: Task) -> Picked:
    """The best of each picture stays, and so does all that is there once, or only looks alike."""
    found, rows = near_duplicates_among(task.space, task.everything, task.threshold)
    surplus = rows[kinds_among(task.space, found, rows)[1]]
    kept = np.flatnonzero(~np.isin(task.rows, surplus))
    dropped = len(task.rows) - len(kept)
    alike = int(((found.group >= 0) & ~found.keeper).sum()) - len(surplus)
    notes = [f"{dropped:,} near-duplicates were left out."]
    if alike:
        notes.append(f"{alike:,} images look alike and stay: they are not the same picture.")
    return Picked(kept, notes=tuple(notes))


def _leaks(task: Task) -> Picked:
    """Images of all but the largest split that are in another split, too."""
    column = task.space.arrow_column("split")
    if column.null_count == len(column):
        raise NotAnnotatedError(
            "No image has a split to check. Name them in a column `split`.",
            dataset=task.space.dataset.name,
        )
    texts = pc.fill_null(column.cast(pa.string()), "").to_numpy(zero_copy_only=False).astype(str)
    names, codes = np.unique(texts, return_inverse=True)
    splits = np.where(texts == "", -1, codes).astype(np.int64)
    across = analysis.across_splits(row_graph(task.space), splits)
    sizes = np.bincount(splits[splits >= 0], minlength=len(names))
    leaking = (leaks_of(task.space, splits, task.threshold) >= 0) & (splits != int(sizes.argmax()))
    places = np.flatnonzero(leaking[task.rows])
    alike = np.nan_to_num(across[task.rows[places]], nan=-1)
    return Picked(places[np.argsort(-alike, kind="stable")])


def _split(task: Task) -> Picked:
    # Also by way of images that are not to be split: a list may have had no room for ours.
    linked = analysis.linked_groups(
        row_graph(task.space), task.threshold, space_pictures(task.space)
    )[task.rows]
    groups = np.asarray(np.unique(linked, return_inverse=True)[1], np.int64)
    sizes = [size for _, size in task.settings.parts]
    part = analysis.split_groups(
        groups, task.groups(task.rows), fractions=sizes, seed=task.settings.seed
    )
    spread = spread_over(
        task.space,
        task.by,
        task.texts(task.rows).tolist(),
        groups=groups,
        part=part,
        parts=[name for name, _ in task.settings.parts],
    )
    notes = _told_of_split(task, groups, part) + spread.warnings()
    return Picked(np.arange(len(part)), part, spread, notes)


def _told_of_split(task: Task, groups: Rows, part: Rows) -> tuple[str, ...]:
    """What was kept together, and where that spoils the sizes; the leaks, counted anew."""
    names = [name for name, _ in task.settings.parts]
    shares = np.array([size for _, size in task.settings.parts])
    wanted = analysis.fair_shares(np.round(shares / shares.sum() * 1e9), len(part))
    found = np.bincount(part, minlength=len(names))
    together = np.bincount(groups)
    codes = np.full(len(task.space), -1, np.int64)
    codes[task.rows] = part
    leaked = int((leaks_of(task.space, codes, task.threshold) >= 0).sum())
    notes = [
        f"{int((together > 1).sum()):,} groups of near-duplicates stay together, the largest of "
        f"{int(together.max()):,} images; {leaked:,} images leak."
    ]
    notes += [
        f"“{name}” has {has:,} images instead of {should:,}: groups were too large for it. A "
        "higher threshold makes them smaller."
        for name, has, should in zip(names, found.tolist(), wanted.tolist(), strict=True)
        if has != should
    ]
    return tuple(notes)


WAYS = {
    "diverse": Way(
        "Diverse",
        "Each next image is the one farthest from all before it (k-centre). Leaves no corner out, "
        "and so takes outliers, too: filter those first.",
        _diverse,
    ),
    "representative": Way(
        "Representative",
        "The images that are together most like all others (facility location). More from where "
        "there is more, fewer oddities than with “diverse”.",
        _representative,
    ),
    "typical": Way("Typical", "Those with the closest company: the densest places.", _typical),
    "balanced": Way(
        "Balanced",
        "As many of each label, or of each cluster; what small ones lack the others give.",
        _balanced,
        grouped=True,
    ),
    "stratified": Way(
        "Stratified",
        "At random, with each label, or each cluster, in the proportion it has.",
        _stratified,
        grouped=True,
    ),
    "random": Way("Random", "Every image with the same chance.", _random),
    "outliers": Way(
        "Outliers only",
        "The oddest first; without a number, all that count as outliers.",
        _outliers,
        count="possible",
    ),
    "unique": Way(
        "Without near-duplicates",
        "Of each picture that is there more than once the largest and sharpest version, and all "
        "others. What only looks alike stays.",
        _without_duplicates,
        count="none",
        likeness=True,
    ),
    "split": Way(
        "Split",
        "Into train, val and test: near-duplicates stay on one side, labels are spread alike.",
        _split,
        count="none",
        grouped=True,
        likeness=True,
    ),
    "leaks": Way(
        "Leaks",
        "Of the splits there are: images of the smaller ones that are in another one, too.",
        _leaks,
        count="none",
        likeness=True,
    ),
}
