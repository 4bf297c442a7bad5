"""The command that keeps selections under names."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from explorer import store
from explorer.cli.ids import named_images
from explorer.cli.options import Cache, Json, Name, SpaceId
from explorer.cli.terminal import out, print_json, print_table
from explorer.errors import BadValueError


def tag(
    name: Name = None,
    tag: Annotated[
        str | None, typer.Argument(help="The tag.", show_default="none, but a list of them")
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(metavar="SQL", help="Give it to the images for which this is true."),
    ] = None,
    ids: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Give it to the images in a file, one id per line."),
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take it from those images instead.")
    ] = False,
    rename: Annotated[str | None, typer.Option(metavar="NEW", help="Call it so.")] = None,
    color: Annotated[
        str | None, typer.Option(metavar="#RRGGBB", help="Give it this colour.")
    ] = None,
    merge: Annotated[
        str | None, typer.Option("--merge-into", metavar="TAG", help="Make it part of another tag.")
    ] = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete the tag; the images stay.")
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back the last change that a command has made.")
    ] = False,
    space: SpaceId = None,
    cache: Cache = None,
    json: Json = False,
) -> None:
    """Keep images under a name, which can be filtered by, coloured by and exported.

    explorer tag photos
    explorer tag photos keep --where "sharpness > 0.5"
    explorer tag photos keep --ids blurred.txt --remove
    explorer tag photos keep --rename clean
    """
    dataset = store.open_dataset(name, cache=cache)
    tags = dataset.tags
    wanted: dict[str, Callable[[str], object]] = {}
    if where is not None or ids is not None:
        change = tags.remove if remove else tags.add
        images = named_images(dataset.space(space), where=where, ids=ids)
        wanted["--where and --ids"] = lambda tag: change(tag, images)
    if rename is not None:
        wanted["--rename"] = lambda tag: tags.rename(tag, rename)
    if color is not None:
        wanted["--color"] = lambda tag: tags.recolor(tag, color)
    if merge is not None:
        wanted["--merge-into"] = lambda tag: tags.merge(tag, into=merge)
    if delete:
        wanted["--delete"] = tags.delete
    if undo:
        wanted["--undo"] = lambda _: dataset.curation.undo()
    _check(tag, list(wanted), remove=remove)
    for do in wanted.values():
        do(tag or "")
    _list(dataset, json=json)


def _check(tag: str | None, wanted: list[str], *, remove: bool) -> None:
    """Raise `UsageError` unless one thing is asked for, and it is known of which tag."""
    if len(wanted) > 1:
        raise BadValueError(f"One change at a time, not {' with '.join(wanted)}.")
    if remove and wanted != ["--where and --ids"]:
        raise BadValueError("--remove needs to know from which images: add --where or --ids.")
    if tag is None and wanted not in ([], ["--undo"]):
        raise BadValueError(f"{wanted[0]}: of which tag? `explorer tag NAME TAG …`.")
    if tag is not None and not wanted:
        raise BadValueError(f"What about {tag!r}? --where or --ids give it to images; see --help.")


def _list(dataset: store.Dataset, *, json: bool) -> None:
    tags = dataset.tags.all()
    if json:
        listed = [dataclasses.asdict(tag) for tag in tags]
        print_json({"dataset": dataset.name, "tags": listed})
        return
    if not tags:
        out.print(f"{escape(dataset.name)} has no tags yet.")
        return
    table = Table(Column("tag", overflow="fold"), Column("images", justify="right"), box=None)
    for tag in tags:
        table.add_row(escape(tag.name), f"{tag.count:,}")
    print_table(table)
