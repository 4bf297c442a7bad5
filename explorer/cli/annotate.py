"""The command that brings columns later."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from rich.markup import escape

from explorer import batch, store
from explorer.cli.options import Cache, Json, NameNeeded
from explorer.cli.progress import progress_bar
from explorer.cli.terminal import out, print_json
from explorer.cli.usage import choices

KEYS = Literal["path", "image_id", "content_hash"]


def annotate(
    name: NameNeeded,
    file: Annotated[
        str, typer.Argument(help="The table: .csv, .tsv, .parquet or .jsonl, a path or a URL.")
    ],
    on: Annotated[
        KEYS,
        typer.Option(
            metavar=choices(KEYS),
            help="The column of the table that tells which image a row is about.",
        ),
    ] = "path",
    cache: Cache = None,
    json: Json = False,
) -> None:
    """Join the columns of a table to the images: labels, splits, dates, numbers, anything.

    Every column can then be coloured by, filtered by and exported. A column `label` or `split`
    takes the place of the one there is, and what depends on it is analysed again.

    explorer annotate photos labels.csv
    explorer annotate photos scores.parquet --on image_id
    """
    dataset = store.open_dataset(name, cache=cache)
    with progress_bar("steps") as report:
        done = batch.annotate(dataset, file, on=on, on_progress=report)
    if json:
        print_json(done)
        return
    columns = ", ".join(map(escape, done.columns))
    out.print(
        f"[bold]{escape(done.dataset)}[/]: {done.matched} of {len(dataset)} images have a row, "
        f"{done.changed} have new values ({columns})."
    )
    if done.unmatched:
        example = escape(repr(done.first_unmatched))
        out.print(
            f"  [yellow]rows that match no image:[/] {done.unmatched}, the first is {example} "
            f"(row {done.first_unmatched_row})"
        )
    if done.repeated:
        out.print(f"  rows on an image that an earlier row was on: {done.repeated}")
    if done.refused:
        out.print(f"  [yellow]rows that could not be read:[/] {done.refused}")
