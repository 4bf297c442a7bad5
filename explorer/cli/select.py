"""The command that chooses images."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from explorer import curate, filters, store
from explorer.cli.options import Cache, Json, Name, SpaceId
from explorer.cli.terminal import err, out, print_json, print_table
from explorer.errors import BadValueError, ConflictError

PARTS = ",".join(f"{part}={size}" for part, size in curate.ChooseSettings().parts)
MOST_LISTED = 40  # labels; more are in --json


def select(
    name: Name = None,
    how: Annotated[
        str, typer.Option(metavar="STRATEGY", help="One of: {curate.STRATEGIES}.")
    ] = "diverse",
    k: Annotated[
        int | None, typer.Option("-k", min=1, metavar="N", help="How many images to choose.")
    ] = None,
    where: Annotated[
        str | None, typer.Option(metavar="SQL", help="Choose among images for which it is true.")
    ] = None,
    among: Annotated[
        str | None, typer.Option("--from", metavar="TAG", help="Choose among images of a tag.")
    ] = None,
    given: Annotated[
        str | None, typer.Option(metavar="TAG", help="Images of this tag count as chosen already.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="For balanced, stratified, split.",
            show_default="label, or else cluster",
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            help="Cosine similarity from which two images are near-duplicates.",
            show_default="that of the analysis",
        ),
    ] = None,
    parts: Annotated[
        str, typer.Option(metavar="NAME=SIZE,…", help="For split: its parts.")
    ] = PARTS,
    seed: Annotated[
        int, typer.Option(min=0, metavar="N", help="The same seed chooses the same.")
    ] = 0,
    tag: Annotated[
        str | None,
        typer.Option(help="Keep what was chosen under this tag; of a split TAG-train, TAG-val, …"),
    ] = None,
    space: SpaceId = None,
    cache: Cache = None,
    json: Json = False,
) -> None:
    """Choose images that stand for all, without copies, or split them so that nothing leaks.

    Says how well the choice covers the dataset, against as many images at random.

    explorer select photos --how unique --tag clean
    explorer select photos --how balanced -k 1000 --from clean --tag picked
    explorer select photos --how split --from picked --tag picked

    {curate.STRATEGIES}
    """
    dataset = store.open_dataset(name, cache=cache)
    seen = dataset.space(space)
    settings = curate.ChooseSettings(how, k, by, threshold, parse_parts(parts), seed)
    tags = _new_tags(dataset, settings, tag, given)
    chosen = curate.choose(
        seen,
        settings,
        among=_among(seen, where, among),
        given=dataset.tags.ids(given) if given else (),
    )
    about = {"dataset": dataset.name, "space": seen.id, "where": where, "from": among}
    for kept, ids in _by_tag(chosen, tags).items():
        if not len(ids):
            continue
        dataset.tags.add(kept, ids.tolist())
        how_chosen = about | {"given": given} | dataclasses.asdict(settings)
        store.remember_choice(dataset.curation, dataset.tags.ids(kept), how_chosen)
    if json:
        print_json(about | chosen.as_dict() | {"tags": tags})
    else:
        _print(seen, chosen, tags)


def parse_parts(text: str) -> tuple[tuple[str, float], ...]:
    """`"train=0.8,test=0.2"` as pairs. Raises `UsageError`."""
    parts = []
    for part in text.split(","):
        name, _, size = part.partition("=")
        try:
            parts.append((name.strip(), float(size)))
        except ValueError:
            raise BadValueError(f"Parts read like train=0.8,test=0.2, not {text!r}.") from None
    return tuple(parts)


def _among(space: store.Space, where: str | None, tag: str | None) -> store.Ids | None:
    ids = None if where is None else filters.where(space, where)
    if tag is None:
        return ids
    tagged = space.dataset.tags.ids(tag)
    return tagged if ids is None else store.in_both(tagged, ids)


def _new_tags(
    dataset: store.Dataset, settings: curate.ChooseSettings, tag: str | None, given: str | None
) -> list[str]:
    """The tags to be made. Raises `UsageError` when what was chosen would mix with other images."""
    if tag is None:
        return []
    is_split = settings.how == "split"
    tags = [f"{tag}-{name}" for name, _ in settings.parts] if is_split else [tag]
    known = {tag.name for tag in dataset.tags.all()}
    if taken := [each for each in tags if each in known and each != given]:
        raise ConflictError(
            f"There is a tag {taken[0]!r} already, and what is chosen now would mix with it. Take "
            "another name; or let what it holds count as chosen, with --given, and add to it."
        )
    return tags


def _by_tag(chosen: curate.Chosen, tags: list[str]) -> dict[str, store.Ids]:
    return dict(zip(tags, chosen.parts.values() or [chosen.image_ids], strict=False))


def _print(space: store.Space, chosen: curate.Chosen, tags: list[str]) -> None:
    settings, covers = chosen.settings, chosen.coverage
    beside = f" beside the {chosen.given:,} there were" if chosen.given else ""
    out.print(
        f"[bold]{len(chosen.image_ids):,}[/] images chosen ({settings.how}, seed "
        f"{settings.seed}){beside}."
    )
    for name, ids in chosen.parts.items():
        out.print(f"  {escape(name)}: {len(ids):,}")
    counts = Counter(_labels(space, chosen))
    if chosen.spread:
        _print_spread(chosen.spread)
    elif 1 < len(counts) <= MOST_LISTED:
        listed = ", ".join(f"{escape(label)} ({n})" for label, n in sorted(counts.items()))
        out.print(f"  labels: {listed}")
    if covers:
        out.print(
            f"  coverage: an image is {covers.mean:.3f} like the nearest chosen one, the worst "
            f"served {covers.worst:.3f} (at random {covers.random_mean:.3f} and "
            f"{covers.random_worst:.3f})."
        )
    for note in chosen.notes:
        out.print(f"  {escape(note)}")
    if kept := [tag for tag, ids in _by_tag(chosen, tags).items() if len(ids)]:
        out.print(f"  kept as {', '.join(map(escape, kept))}")
    elif not tags:
        err.print("[dim]Nothing is kept: --tag gives it a name, --json lists the ids.[/]")


def _print_spread(spread: curate.Spread) -> None:
    """The table of a split: a row for each label, a column for each part."""
    if not 0 < len(spread.values) <= MOST_LISTED:
        return
    table = Table(
        Column(escape(spread.column), overflow="fold"),
        *(Column(escape(part), justify="right") for part in spread.parts),
        box=None,
    )
    for value, counts in zip(spread.values, spread.counts.tolist(), strict=True):
        table.add_row(escape(value), *(f"{count:,}" for count in counts))
    if spread.unnamed.any():
        table.add_row(f"(no {escape(spread.column)})", *map(str, spread.unnamed.tolist()))
    print_table(table)


def _labels(space: store.Space, chosen: curate.Chosen) -> list[str]:
    rows = store.rows_of(store.as_ids(chosen.image_ids), space.image_ids)
    labels = space.arrow_column("label").take(store.as_arrow(rows)).to_pylist()
    return ["no label" if label is None else label for label in labels]
