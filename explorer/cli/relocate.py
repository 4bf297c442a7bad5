"""The command for photos that have moved."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from explorer import batch, store
from explorer.cli.options import Cache, Json, NameNeeded
from explorer.cli.progress import progress_bar
from explorer.cli.terminal import out, print_json


def relocate(
    name: NameNeeded,
    source: Annotated[
        str,
        typer.Argument(
            metavar="NEW_FOLDER",
            help="Where the photos are now: a folder, or a list, an archive or a URL.",
        ),
    ],
    allow_missing: Annotated[
        bool,
        typer.Option(
            "--allow-missing",
            help="Go on although some images are missing there, or are other pictures; "
            "`explorer embed` then says what has become of them.",
        ),
    ] = False,
    cache: Cache = None,
    json: Json = False,
) -> None:
    """Tell a dataset where its photos have moved to: ids, tags and vectors stay.

    Every file there is compared with what was embedded, by its content. Nothing is changed unless
    all images are there; photos that were renamed or sorted into other folders are found.

    explorer relocate photos /mnt/disk2/photos
    explorer relocate photos /mnt/disk2/photos --allow-missing
    """
    dataset = store.open_dataset(name, cache=cache)
    with progress_bar("photos") as report:
        done = batch.relocate(dataset, source, allow_missing=allow_missing, on_progress=report)
    if json:
        print_json(done)
        return
    out.print(
        f"[bold]{escape(done.dataset)}[/] is in {escape(done.source)} now: {done.same} images "
        f"under their old path, {done.moved} under another."
    )
    if done.missing or done.different:
        out.print(f"  [yellow]{escape(done.sentence())}[/]")
    if done.new:
        again = escape(f"explorer embed {done.source} --name {done.dataset}")
        out.print(f"  {done.new} files are new there; `{again}` takes them in.")
