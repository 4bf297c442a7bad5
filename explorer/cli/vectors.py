"""The command that brings vectors from elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from explorer import batch
from explorer.cli.options import Cache, Json, NameNeeded
from explorer.cli.progress import progress_bar
from explorer.cli.terminal import out, print_json


def import_vectors(
    name: NameNeeded,
    vectors: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="A .npy file (one row per image, in the order of the source), or a .parquet file "
            "with a column of paths and a column of lists.",
        ),
    ],
    images: Annotated[str, typer.Option(metavar="SOURCE", help="The images that they belong to.")],
    space: Annotated[
        str, typer.Option("--space", metavar="ID", help="The name of the new space.")
    ] = "imported",
    cache: Cache = None,
    json: Json = False,
) -> None:
    """Make a space of vectors that you already have.

    The images are read once for thumbnails and sizes; map, clusters, outliers and duplicates are
    then computed from your vectors.

    explorer import photos --vectors clip.npy --images path/to/photos --space clip
    """
    with progress_bar("images") as report:
        done = batch.import_vectors(
            vectors, images, name=name, space=space, cache=cache, on_progress=report
        )
    if json:
        print_json(done)
        return
    shape = done.spaces[space]
    out.print(
        f"[bold]{escape(done.dataset)}[/]: {shape['count']} vectors of {shape['dimension']} "
        f"dimensions in the space {escape(space)}."
    )
    if done.unmatched:
        example = escape(repr(done.first_unmatched))
        out.print(
            f"  [yellow]vectors that name no image:[/] {done.unmatched}, the first is {example} "
            f"(row {done.first_unmatched_row} from 0)"
        )
