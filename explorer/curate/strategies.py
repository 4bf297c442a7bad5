"""The strategies, one function each, and the table of them."""

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
from explorer.curate.pool import Picked, Pool, Strategy
from explorer.curate.spread import spread_over
from explorer.errors import NotAnnotatedError
from explorer.store import Rows


def _diverse(pool: Pool) -> Picked:
    return Picked(
        analysis.k_centers(pool.unit, pool.count, given=pool.given_places, seed=pool.settings.seed)
    )


def _representative(pool: Pool) -> Picked:
    graph = graph_among(row_graph(pool.space), pool.everything)
    return Picked(analysis.facility_location(graph, pool.count, given=pool.given_places))


def _typical(pool: Pool) -> Picked:
    return Picked(np.argsort(pool.numbers("isolation"), kind="stable")[: pool.count])


def _balanced(pool: Pool) -> Picked:
    groups, already = np.split(pool.groups(pool.everything), [len(pool.rows)])
    values = int(max(groups.max(), already.max(initial=0))) + 1
    there, has = (np.bincount(each, minlength=values) for each in (groups, already))
    shares = analysis.even_shares(there, pool.count, has=has)
    return Picked(analysis.take_shares(groups, shares, pool.shuffled()))


def _stratified(pool: Pool) -> Picked:
    groups = pool.groups(pool.rows)
    shares = analysis.fair_shares(np.bincount(groups), pool.count)
    return Picked(analysis.take_shares(groups, shares, pool.shuffled()))


def _random(pool: Pool) -> Picked:
    return Picked(pool.shuffled()[: pool.count])


def _outliers(pool: Pool) -> Picked:
    scores = pool.numbers("outlier_score")
    order = np.argsort(-np.nan_to_num(scores, nan=-np.inf), kind="stable")
    if pool.settings.count is not None:
        return Picked(order[: pool.count])
    least = analysis.OUTLIERS.settings_of(pool.space.made_by("outlier_score").parameters).outlier
    return Picked(order[scores[order] >= least])


def _without_duplicates(pool: Pool) -> Picked:
    """The best of each picture stays, and so does all that is there once, or only looks alike."""
    found, rows = near_duplicates_among(pool.space, pool.everything, pool.threshold)
    surplus = rows[kinds_among(pool.space, found, rows)[1]]
    kept = np.flatnonzero(~np.isin(pool.rows, surplus))
    dropped = len(pool.rows) - len(kept)
    alike = int(((found.group >= 0) & ~found.keeper).sum()) - len(surplus)
    notes = [f"{dropped:,} near-duplicates were left out."]
    if alike:
        notes.append(f"{alike:,} images look alike and stay: they are not the same picture.")
    return Picked(kept, notes=tuple(notes))


def _leaks(pool: Pool) -> Picked:
    """Images of all but the largest split that are in another split, too."""
    column = pool.space.arrow_column("split")
    if column.null_count == len(column):
        raise NotAnnotatedError(
            "No image has a split to check. Name them in a column `split`.",
            dataset=pool.space.dataset.name,
        )
    texts = pc.fill_null(column.cast(pa.string()), "").to_numpy(zero_copy_only=False).astype(str)
    names, codes = np.unique(texts, return_inverse=True)
    splits = np.where(texts == "", -1, codes).astype(np.int64)
    across = analysis.across_splits(row_graph(pool.space), splits)
    sizes = np.bincount(splits[splits >= 0], minlength=len(names))
    leaking = (leaks_of(pool.space, splits, pool.threshold) >= 0) & (splits != int(sizes.argmax()))
    places = np.flatnonzero(leaking[pool.rows])
    alike = np.nan_to_num(across[pool.rows[places]], nan=-1)
    return Picked(places[np.argsort(-alike, kind="stable")])


def _split(pool: Pool) -> Picked:
    # Also by way of images that are not to be split: a list may have had no room for ours.
    linked = analysis.linked_groups(
        row_graph(pool.space), pool.threshold, space_pictures(pool.space)
    )[pool.rows]
    groups = np.asarray(np.unique(linked, return_inverse=True)[1], np.int64)
    sizes = [size for _, size in pool.settings.parts]
    part = analysis.split_groups(
        groups, pool.groups(pool.rows), fractions=sizes, seed=pool.settings.seed
    )
    spread = spread_over(
        pool.space,
        pool.by,
        pool.texts(pool.rows).tolist(),
        groups=groups,
        part=part,
        parts=[name for name, _ in pool.settings.parts],
    )
    notes = _told_of_split(pool, groups, part) + spread.warnings()
    return Picked(np.arange(len(part)), part, spread, notes)


def _told_of_split(pool: Pool, groups: Rows, part: Rows) -> tuple[str, ...]:
    """What was kept together, and where that spoils the sizes; the leaks, counted anew."""
    names = [name for name, _ in pool.settings.parts]
    shares = np.array([size for _, size in pool.settings.parts])
    wanted = analysis.fair_shares(np.round(shares / shares.sum() * 1e9), len(part))
    found = np.bincount(part, minlength=len(names))
    together = np.bincount(groups)
    codes = np.full(len(pool.space), -1, np.int64)
    codes[pool.rows] = part
    leaked = int((leaks_of(pool.space, codes, pool.threshold) >= 0).sum())
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


STRATEGIES = {
    "diverse": Strategy(
        "Diverse",
        "Each next image is the one farthest from all before it (k-centre). Leaves no corner out, "
        "and so takes outliers, too: filter those first.",
        _diverse,
    ),
    "representative": Strategy(
        "Representative",
        "The images that are together most like all others (facility location). More from where "
        "there is more, fewer oddities than with “diverse”.",
        _representative,
    ),
    "typical": Strategy("Typical", "Those with the closest company: the densest places.", _typical),
    "balanced": Strategy(
        "Balanced",
        "As many of each label, or of each cluster; what small ones lack the others give.",
        _balanced,
        grouped=True,
    ),
    "stratified": Strategy(
        "Stratified",
        "At random, with each label, or each cluster, in the proportion it has.",
        _stratified,
        grouped=True,
    ),
    "random": Strategy("Random", "Every image with the same chance.", _random),
    "outliers": Strategy(
        "Outliers only",
        "The oddest first; without a number, all that count as outliers.",
        _outliers,
        count="possible",
    ),
    "unique": Strategy(
        "Without near-duplicates",
        "Of each picture that is there more than once the largest and sharpest version, and all "
        "others. What only looks alike stays.",
        _without_duplicates,
        count="none",
        likeness=True,
    ),
    "split": Strategy(
        "Split",
        "Into train, val and test: near-duplicates stay on one side, labels are spread alike.",
        _split,
        count="none",
        grouped=True,
        likeness=True,
    ),
    "leaks": Strategy(
        "Leaks",
        "Of the splits there are: images of the smaller ones that are in another one, too.",
        _leaks,
        count="none",
        likeness=True,
    ),
}
