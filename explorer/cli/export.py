"""The command that hands images over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from explorer import batch, curate, filters, store
from explorer.cli.ids import named_images
from explorer.cli.options import Cache, Json, Name, SpaceId
from explorer.cli.progress import progress_bar
from explorer.cli.terminal import err, out, print_json
from explorer.cli.usage import choices
from explorer.errors import BadValueError

WHICH = "Which images (all of these conditions; without any, every image)"
LINKS = Literal["copy", "hard", "symbolic"]


def export(
    name: Name = None,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="SQL",
            help="Those for which this expression over the columns is true.",
            rich_help_panel=WHICH,
        ),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(help="Those of a tag; several: of any of them.", rich_help_panel=WHICH),
    ] = None,
    ids: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Those listed in a file, one id per line.", rich_help_panel=WHICH
        ),
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Repeat exactly the export that this recipe.json is of.",
            rich_help_panel=WHICH,
        ),
    ] = None,
    format: Annotated[
        str, typer.Option(metavar="FORMAT", help="One of: {curate.FORMATS}.")
    ] = "csv",
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN|tag",
            help="Sub-folders by a column, or by --tag; several: one in the other.",
            show_default="as the format does",
        ),
    ] = None,
    flat: Annotated[bool, typer.Option("--flat", help="No sub-folders.")] = False,
    link: Annotated[
        LINKS,
        typer.Option(
            metavar=choices(LINKS), help="Copy the image files, or make links to the originals."
        ),
    ] = "copy",
    shard_size: Annotated[
        int, typer.Option(min=1, metavar="N", help="Images in a WebDataset shard.")
    ] = 1000,
    to: Annotated[Path, typer.Option(metavar="DIR", help="The new folder.")] = ...,  # type: ignore[assignment]
    space: SpaceId = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
    cache: Cache = None,
    json: Json = False,
) -> None:
    """Write a subset of the images into a new folder, all or nothing.

    What is written is read back and compared before it appears. Stopped with Ctrl-C, the same
    command goes on. The recipe.json in it repeats the export, or says what has changed.

    explorer export photos --tag picked --format imagefolder --to set
    explorer export photos --where "label = 'fish'" --format parquet --to fish
    explorer export photos --tag my-train --tag my-val --by tag --to set \\
        --format imagefolder
    explorer export --recipe set/recipe.json --to again
    """
    with progress_bar("images") as report:

        def on_file(stage: str, done: int, total: int) -> None:
            report(batch.Progress(stage, done, total))

        if recipe is not None:
            if where or tag or ids:
                raise BadValueError(
                    "A recipe names its images itself: leave --where, --tag, --ids."
                )
            dataset = name or str(curate.read_recipe(recipe)["dataset"].get("name"))
            opened = store.open_dataset(dataset, cache=cache)
            done = curate.repeat(recipe, opened, to=to, force=force, on_file=on_file)
        else:
            seen = store.open_dataset(name, cache=cache).space(space)
            tags = tuple(tag or ())
            options = curate.ExportOptions(
                by=() if flat else tuple(by) if by else None,
                tags=tags,
                link=link,
                shard_size=shard_size,
            )
            chosen = _chosen(seen, where=where, tags=tags, ids=ids)
            done = curate.export(
                seen,
                chosen,
                format=format,
                to=to,
                options=options,
                origin=curate.Origin(
                    (filters.Sql(where),) if where else (), tags, _how(seen, tags, chosen)
                ),
                force=force,
                on_file=on_file,
            )
    _print(done, json)


def _print(done: curate.Exported, json: bool) -> None:
    if json:
        print_json(done)
        return
    out.print(
        f"{done.images:,} images as {done.format} in [bold]{escape(done.to)}[/]: {done.files:,} "
        f"files, {done.bytes / 1e6:,.1f} MB, read back and compared."
    )
    for note in done.notes:
        err.print(f"[yellow]{escape(note)}[/]")


def _how(
    space: store.Space, tags: tuple[str, ...], ids: list[int]
) -> tuple[Mapping[str, object], ...]:
    """How the images, or those of each tag, were chosen, where that is known."""
    curation = space.dataset.curation
    sets = [store.as_ids(ids), *(space.dataset.tags.ids(tag) for tag in tags)]
    known = [store.choice_of(curation, each) for each in sets]
    return tuple(each for n, each in enumerate(known) if each and each not in known[:n])


def _chosen(
    space: store.Space, *, where: str | None, tags: tuple[str, ...], ids: Path | None
) -> list[int]:
    """The images that every given condition names; without a condition, all of them."""
    left_out = len(space.dataset) - len(space)
    if left_out and where is None and not tags and ids is None:
        err.print(f"[yellow]{left_out} images have no embedding yet and are left out.[/]")
    return named_images(space, where=where, tags=tags, ids=ids).tolist()
