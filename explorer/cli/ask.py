"""The commands that read: search and info."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from explorer import analysis, filters, store
from explorer.cli.options import Cache, Json, Name, SpaceId
from explorer.cli.terminal import out, print_json, print_table
from explorer.search import LESS, MOST_LESS

if TYPE_CHECKING:
    from explorer.search import Hit, Question, Words

LIKE = "What to search for"

SPACE_FIGURES = (
    "count",
    "dimension",
    "precision",
    "label_accuracy",
    "knn_accuracy",
    "clusters",
    "cluster_clarity",
    "outliers",
    "duplicate_groups",
    "map_trustworthiness",
    "stale",
)


def search(
    name: Name = None,
    image: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="An image file, in the dataset or not.", rich_help_panel=LIKE
        ),
    ] = None,
    id: Annotated[
        list[int] | None,
        typer.Option(
            metavar="N",
            help="The id of an image of the dataset; give it several times for their mean.",
            rich_help_panel=LIKE,
        ),
    ] = None,
    minus: Annotated[
        list[int] | None,
        typer.Option(
            metavar="N", help="The id of an image to move away from.", rich_help_panel=LIKE
        ),
    ] = None,
    less: Annotated[
        float,
        typer.Option(
            min=0,
            max=MOST_LESS,
            metavar="X",
            help=f"How much those of --minus count, from 0 to {MOST_LESS:g}.",
            rich_help_panel=LIKE,
        ),
    ] = LESS,
    crop: Annotated[
        str | None,
        typer.Option(
            metavar="LEFT,TOP,RIGHT,BOTTOM",
            help="Only this part of the image, as shares of its width and height.",
            rich_help_panel=LIKE,
        ),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(metavar="WORDS", help="What the images shall show.", rich_help_panel=LIKE),
    ] = None,
    where: Annotated[
        str | None, typer.Option(metavar="SQL", help="Only images for which it is true.")
    ] = None,
    no_duplicates: Annotated[
        bool, typer.Option("--no-duplicates", help="Of near-duplicates only the best one.")
    ] = False,
    k: Annotated[int, typer.Option("-k", min=1, metavar="N", help="How many images to find.")] = 10,
    space: SpaceId = None,
    cache: Cache = None,
    json: Json = False,
) -> None:
    """Find the images most like an image, or those that show what words say.

    explorer search photos --image query.jpg -k 5
    explorer search photos --id 12 --id 40 --minus 7
    explorer search photos --image query.jpg --crop 0,0,0.5,0.5
    explorer search photos --text "tree frog" --where "width > 300" -k 20
    """
    # In `explorer` the name of this room is that of a function.
    from explorer.search import Crop, Question, acceptable, unfamiliar

    dataset = store.open_dataset(name, cache=cache)
    seen = dataset.space(space)
    ids, unwanted = tuple(id or ()), tuple(minus or ())
    box = Crop.read(crop) if crop is not None else None
    question = Question(seen, image, ids, unwanted, text, box, less)
    among = filters.where(seen, where) if where is not None else None
    allowed = acceptable(seen, ids, among=among, duplicates=not no_duplicates)
    hits = question.answers(k, allowed)
    if json:
        print_json(_search_as_json(question, hits))
        return
    if question.words:
        _say_words(question.words, bool(hits))
        if not hits:
            return
    elif warning := unfamiliar(seen, question.examples):
        out.print(f"[yellow]{escape(warning)}[/]")
    table = Table("similarity", "id", "label", Column("path", overflow="fold"), box=None)
    for hit in hits:
        table.add_row(
            f"{hit.similarity:.3f}", str(hit.image_id), escape(hit.label or ""), escape(hit.path)
        )
    print_table(table)


def _search_as_json(question: Question, hits: Sequence[Hit]) -> dict[str, object]:
    query = {
        "image": str(question.image) if question.image else None,
        "ids": list(question.ids),
        "minus": list(question.minus),
        "less": question.less,
        "crop": list(question.crop.sides) if question.crop else None,
        "text": question.text,
    }
    found = {"space": question.space.id, "query": query}
    if words := question.words:
        matches = [dataclasses.asdict(match) for match in words.matches]
        found["words"] = {"known": words.are_known, "classes": matches, "warning": words.warning}
    return found | {"hits": [dataclasses.asdict(hit) for hit in hits]}


def _say_words(words: Words, found: bool) -> None:
    """To which classes the words were matched, what the numbers say, or why there are none."""
    if words.matches:
        named = ", ".join(escape(each.title) for each in words.matches)
        out.print(f"Matched to: {named}.")
        out.print(words.explanation if found else f"[yellow]{words.nothing}[/]")
    if warning := words.warning:
        out.print(f"[yellow]{escape(warning)}[/]")


def info(name: Name = None, cache: Cache = None, json: Json = False) -> None:
    """Say what is known of a dataset: images, labels, spaces and how well they separate.

    label_accuracy is the share of labels told right by a linear classifier that has not seen the
    image, with its interval of 95 % and the share of the commonest label, which guessing reaches:
    the answer to "is it separable in this space?". knn_accuracy asks the nearest other image alone.

    explorer info photos
    """
    dataset = store.open_dataset(name, cache=cache)
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
    spaces = [Column(escape(id), overflow="fold") for id in described["spaces"]]
    table = Table("space", *spaces, box=None)
    for key in SPACE_FIGURES:
        values = [_readable(space[key]) for space in described["spaces"].values()]
        table.add_row(key.replace("_", " "), *values)
    print_table(table)
    for id in dataset.space_ids:
        if accuracy := analysis.read_label_accuracy(dataset.space(id).figures.of):
            style = "" if accuracy.told else "[yellow]"
            out.print(f"{style}{escape(id)}: {escape(accuracy.says)}.")
    for row in dataset.rejected.select(["path", "reason"]).to_pylist():
        out.print(f"[yellow]rejected[/] {escape(row['path'])}: {escape(row['reason'])}")


def describe(dataset: store.Dataset) -> dict[str, Any]:
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


def describe_space(space: store.Space) -> dict[str, object]:
    """The figures of one space; None where they have not been computed."""
    accuracy = analysis.read_label_accuracy(space.figures.of)
    known = {
        "count": len(space),
        "dimension": space.dimension,
        "precision": space.info.precision,
        "stale": space.is_stale,
        "label_accuracy": dataclasses.asdict(accuracy) if accuracy else None,
    }
    return {key: known[key] if key in known else _figure(space, key) for key in SPACE_FIGURES}


def _figure(space: store.Space, name: str) -> float | None:
    """Analyses give all figures as floats; a count is a whole number to a reader."""
    value = space.figures.of(name)
    if math.isnan(value):
        return None
    return int(value) if name in ("clusters", "outliers", "duplicate_groups") else value


def _readable(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, dict):
        return f"{value['value']:.3f} ({value['low']:.3f} to {value['high']:.3f})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}" if math.isfinite(value) else "–"
    return str(value)
