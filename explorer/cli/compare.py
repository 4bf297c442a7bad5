"""The command that puts spaces side by side."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from explorer import analysis, batch, probe, store
from explorer.cli.options import Cache, Json, Name
from explorer.cli.progress import progress_bar
from explorer.cli.terminal import err, out, print_json, print_table


def compare(
    name: Name = None,
    space: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID", help="A space to compare; give it again for each.", show_default="all"
        ),
    ] = None,
    cache: Cache = None,
    json: Json = False,
) -> None:
    """Compare the spaces of a dataset: which separates your labels best, and is that sure?

    Two measures: label accuracy, the share of labels told right by a linear classifier that has not
    seen the image (the figure of `explorer info`), and whether an image's nearest other image has
    its label. Each with an interval of 95 %: what is to be expected of other images of the same
    kind, judged by as many. Guessing reaches the share of the commonest label. Of spaces that are
    equal, "better" is said in one comparison of twenty at most. What is learned is kept, so that a
    second time is quick. docs/compare.md says how to read it.

    explorer compare photos
    explorer compare photos --space efficientnet-lite0 --space color-histogram
    """
    dataset = store.open_dataset(name, cache=cache)
    with progress_bar("steps") as report:
        found = probe.compare(
            dataset, spaces=space or (), on_step=lambda *step: report(batch.Progress(*step))
        )
    if json:
        print_json(described(found))
        return
    _print_spaces(found)
    if found.pairs:
        _print_pairs(found)
    for note in [found.why_not, *found.notes]:
        if note:
            err.print(f"[yellow]{escape(note)}[/]")
    for measure in probe.MEASURES:
        if said := probe.verdict(found, measure):
            out.print(f"[bold]{escape(said)}[/]")


def described(found: probe.Comparison) -> dict[str, object]:
    """What `--json` prints."""
    verdicts = {measure: probe.verdict(found, measure) for measure in probe.MEASURES}
    return dataclasses.asdict(found) | {"verdicts": verdicts}


def _print_spaces(found: probe.Comparison) -> None:
    """A line per space, the best first."""
    right = [Column(each, justify="right") for each in _FIGURES]
    table = Table(Column("space", overflow="fold"), *right, box=None)
    best_first = [space for space, _ in probe.ranked(found, "label_accuracy")]
    for space in best_first or found.spaces:
        speed = space.images_per_second
        table.add_row(
            escape(space.id),
            _interval(space.label_accuracy),
            _interval(space.nearest),
            str(space.dimension),
            f"{space.intrinsic_dimension:.1f}".replace("nan", "–"),
            f"{space.hubness.skewness:.1f}",
            f"{space.bytes_on_disk / 1e6:,.1f}",
            "–" if speed is None else f"{speed:,.0f}",
        )
    print_table(table)
    if not found.why_not:
        judged = f"Of {found.judged:,} images with {found.labels:,} labels"
        out.print(f"{judged}; the commonest label is {found.commonest:.1%}.")
    for space in found.spaces:
        if space.curve:
            points = [f"{point.per_label}: {point.mean:.1%}" for point in space.curve]
            out.print(f"{escape(space.id)} by labels per class: {', '.join(points)}")


_FIGURES = ("label accuracy", "nearest neighbour", "dim", "intrinsic", "hubness", "MB", "images/s")


def _print_pairs(found: probe.Comparison) -> None:
    columns = ("overlap", "CKA", "accuracy apart", "p", "nearest apart", "p")
    pairs = Column("pair", overflow="fold")
    table = Table(pairs, *(Column(each, justify="right") for each in columns), box=None)
    for pair in found.pairs:
        table.add_row(
            escape(f"{pair.first} – {pair.second}"),
            f"{pair.overlap:.0%}",
            f"{pair.cka:.2f}".replace("nan", "–"),
            *_apart(pair.label_accuracy),
            *_apart(pair.nearest),
        )
    print_table(table)


def _interval(estimate: analysis.Estimate | analysis.LabelAccuracy | None) -> str:
    if estimate is None:
        return "–"
    return f"{estimate.value:.1%} ({estimate.low:.1%} to {estimate.high:.1%})"


def _apart(found: analysis.Paired | None) -> tuple[str, str]:
    if found is None:
        return "–", "–"
    by = found.by
    points = f"{100 * by.value:+.1f} ({100 * by.low:+.1f} to {100 * by.high:+.1f})"
    return points, "< 0.001" if found.p < 0.001 else f"{found.p:.3f}"
