"""The commands that read: search and info."""

import dataclasses
import math
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from explorer.cli.options import Cache, Json, Name, SpaceId
from explorer.cli.terminal import errors_as_sentences, out, print_json
from explorer.search import search as search_space
from explorer.store import Dataset, Space, open_dataset

SPACE_FIGURES = (
    "count",
    "dimension",
    "precision",
    "knn_accuracy",
    "clusters",
    "outliers",
    "duplicate_groups",
    "map_trustworthiness",
    "stale",
)


def search(
    name: Name = None,
    image: Annotated[
        Path | None, typer.Option(help="An image file, in the dataset or not.")
    ] = None,
    id: Annotated[
        list[int] | None, typer.Option(help="An image of the dataset; several are averaged.")
    ] = None,
    minus: Annotated[
        list[int] | None, typer.Option(help="An image of the dataset to move away from.")
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many images to find.")] = 10,
    space: SpaceId = None,
    cache: Cache = None,
    json: Json = False,
) -> None:
    """Find the images most like an image.

    [dim]explorer search photos --image query.jpg -k 5[/]
    [dim]explorer search photos --id 12 --id 40 --minus 7[/]
    """
    with errors_as_sentences():
        dataset = open_dataset(name, cache=cache)
        seen = dataset.space(space)
        hits = search_space(
            dataset, image=image, ids=id or (), minus=minus or (), k=k, space=seen.id
        )
    if json:
        query = {"image": str(image) if image else None, "ids": id or [], "minus": minus or []}
        print_json(
            {"space": seen.id, "query": query, "hits": [dataclasses.asdict(hit) for hit in hits]}
        )
        return
    table = Table("similarity", "id", "label", Column("path", overflow="fold"), box=None)
    for hit in hits:
        table.add_row(
            f"{hit.similarity:.3f}", str(hit.image_id), escape(hit.label or ""), escape(hit.path)
        )
    out.print(table)


def info(name: Name = None, cache: Cache = None, json: Json = False) -> None:
    """Say what is known of a dataset: images, labels, spaces and how well they separate.

    knn_accuracy is the share of labelled images whose nearest other image has the same label:
    the quickest honest answer to "is it separable in this space?".
    """
    with errors_as_sentences():
        dataset = open_dataset(name, cache=cache)
        described = describe(dataset)
    if json:
        print_json(described)
        return
    labels = described["labels"]
    source = escape(dataset.source)
    out.print(f"[bold]{escape(dataset.name)}[/]: {len(dataset)} images from {source}")
    if labels:
        listed = ", ".join(f"{escape(label)} ({count})" for label, count in labels.items())
        out.print(f"labels: {listed}")
    table = Table("space", *map(escape, described["spaces"]), box=None)
    for key in SPACE_FIGURES:
        values = [_readable(space[key]) for space in described["spaces"].values()]
        table.add_row(key.replace("_", " "), *values)
    out.print(table)
    for row in dataset.rejected.select(["path", "reason"]).to_pylist():
        out.print(f"[yellow]rejected[/] {escape(row['path'])}: {escape(row['reason'])}")


def describe(dataset: Dataset) -> dict[str, Any]:
    """What `explorer info --json` prints."""
    labels = dataset.table(["label"])["label"].drop_null().value_counts().to_pylist()
    return {
        "dataset": dataset.name,
        "source": dataset.source,
        "images": len(dataset),
        "rejected": len(dataset.rejected),
        "labels": {
            row["values"]: row["counts"] for row in sorted(labels, key=lambda row: row["values"])
        },
        "spaces": {
            space.id: describe_space(space) for space in map(dataset.space, dataset.space_ids)
        },
    }


def describe_space(space: Space) -> dict[str, Any]:
    """The figures of one space; None where they have not been computed."""
    figures: dict[str, Any] = {
        name: value for group in space.figures.values() for name, value in group.items()
    }
    known = {
        "count": len(space),
        "dimension": space.dimension,
        "precision": space.info["precision"],
        "stale": space.is_stale,
    }
    # Analyses give all figures as floats; a count is a whole number to a reader.
    counts = {"clusters", "outliers", "duplicate_groups"} & figures.keys()
    figures |= {key: int(figures[key]) for key in counts}
    return {key: (figures | known).get(key) for key in SPACE_FIGURES}


def _readable(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}" if math.isfinite(value) else "–"
    return str(value)
