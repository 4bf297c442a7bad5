"""The command that makes a damaged dataset whole again."""

from __future__ import annotations

import typer
from rich.markup import escape

from explorer import batch
from explorer.cli.options import Cache, Json, NameNeeded
from explorer.cli.progress import progress_bar
from explorer.cli.terminal import err, out, print_json


def repair(name: NameNeeded, cache: Cache = None, json: Json = False) -> None:
    """Make again what is damaged or gone in a dataset, and say what nobody can.

    Rows of images are found again by their vectors and photos, thumbnails and vectors are made from
    the photos, index, neighbour graph and columns from the vectors; ids and tags stay. Damaged
    files are put aside in the dataset's folder `damaged`. Ends with exit code 1 when something is
    lost; run it again when the photos or a backup are back.

    explorer repair photos
    """
    with progress_bar("images") as report:
        done = batch.repair(name, cache=cache, on_progress=report)
    if json:
        print_json(done)
    else:
        for title, lines in (
            ("found", done.found),
            ("put aside", done.aside),
            ("written again", done.written),
            ("made again", done.made),
        ):
            for line in lines:
                out.print(f"  {title}: {escape(line)}")
        for line in (*done.lost, *done.problems):
            err.print(f"[red]✗[/] {escape(line)}")
        if not done.problems:
            out.print(f"[green]✓[/] {escape(done.dataset)} is whole.")
    if done.lost or done.problems:
        raise typer.Exit(1)
