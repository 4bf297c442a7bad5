"""The commands about extractors: what there is, what is inside one, which is best here."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from explorer import analysis, batch
from explorer import extractors as library
from explorer.cli.options import Device, ExtractorFile, Json, Precision, Weights, weights_by_id
from explorer.cli.progress import progress_bar
from explorer.cli.terminal import err, load_extractor_files, out, print_json, print_table
from explorer.cli.usage import Command, CommandGroup
from explorer.errors import UnknownNameError

commands = typer.Typer(cls=CommandGroup, rich_markup_mode=None, add_completion=False)

MEGABYTE = 1_000_000
# Columns of a terminal from which there is room for all that is told of an extractor.
WIDE = 120


@commands.callback(invoke_without_command=True)
def extractors(
    context: typer.Context,
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure anew how fast each one is on this machine.")
    ] = False,
    extractor_file: ExtractorFile = None,
    json: Json = False,
) -> None:
    """List the feature extractors and what each one sees, or say more about one.

    The extractor is the most important choice: every classification task is linearly separable in
    the right feature space. images/s is without reading and decoding, as it was measured here
    before (--measure).

    explorer extractors
    explorer extractors show efficientnet-lite0
    explorer extractors bench path/to/photos
    """
    if context.invoked_subcommand:
        return
    load_extractor_files(extractor_file)
    found, families = library.available(), library.families()
    if measure:
        _measure([each.id for each in found if not each.needs])
    speeds = library.known_speeds()
    if json:
        rows = [
            dataclasses.asdict(each) | {"images_per_second": speeds.get(each.id)} for each in found
        ]
        forms = [dataclasses.asdict(each) for each in families]
        default = batch.DEFAULT_EXTRACTOR
        print_json({"default": default, "extractors": rows, "families": forms})
        return
    _print_table([*found, *families], speeds)
    if not speeds:
        out.print("images/s are not measured here yet: explorer extractors --measure")
    out.print(
        "Any layer of a network is an extractor, too: ID@LAYER. "
        "`explorer extractors show ID` lists its layers."
    )


def _measure(ids: list[str]) -> None:
    with progress_bar("extractors") as report:
        for done, id in enumerate(ids):
            report(batch.Progress(f"Measuring {id}", done, len(ids)))
            library.measure_speed(id)


def _print_table(found: list[library.ExtractorInfo], speeds: dict[str, float]) -> None:
    """A line per extractor; a narrow terminal shows what one chooses by, and not the rest."""
    rows = [_row(each, speeds.get(each.id)) for each in found]
    shown = list(rows[0]) if out.width >= WIDE else ["id", "dim", "images/s", "what it sees"]
    right = {"dim", "input", "images/s", "MB"}
    table = Table(
        *(
            Column(name, justify="right" if name in right else "left", no_wrap=name == "id")
            for name in shown
        ),
        box=None,
    )
    for row in rows:
        table.add_row(*(row[name] for name in shown))
    print_table(table)
    if out.width < WIDE:
        out.print("Size, licence, whether it works offline: explorer extractors show ID")


def _row(each: library.ExtractorInfo, speed: float | None) -> dict[str, str]:
    default = "[bold]The default.[/] " if each.id == batch.DEFAULT_EXTRACTOR else ""
    needs = f" [yellow](needs: pip install '{escape(each.needs)}')[/]" if each.needs else ""
    return {
        "id": escape(each.id),
        "dim": str(each.dimension or "–"),
        "input": f"{each.input_size} px" if each.input_size else "–",
        "images/s": f"{speed:.0f}" if speed else "–",
        "MB": f"{each.size / MEGABYTE:.0f}" if each.size else "–",
        "offline": "yes" if each.offline else "no",
        "licence": escape(each.licence),
        "what it sees": default + escape(each.sees) + needs,
    }


@commands.command(cls=Command)
def show(
    id: Annotated[str, typer.Argument(help="The id of the extractor, such as timm:resnet18.")],
    all: Annotated[
        bool, typer.Option("--all", help="All layers, not only the outer ones.")
    ] = False,
    extractor_file: ExtractorFile = None,
    json: Json = False,
) -> None:
    """Say what is known of one extractor, with its layers and their sizes. Needs no weights.

    explorer extractors show efficientnet-lite0
    """
    load_extractor_files(extractor_file)
    info = library.info(id)
    layers = library.layers(id)
    names = _dimension_names(info)
    if json:
        told = [dataclasses.asdict(each) | {"id": f"{info.id}@{each.name}"} for each in layers]
        print_json({**dataclasses.asdict(info), "layers": told, "dimension_names": names})
        return
    out.print(f"[bold]{escape(info.id)}[/]: {info.dimension} dimensions, {info.input_size} px")
    out.print(escape(info.sees))
    out.print(f"licence: {escape(info.licence)}; works offline: {'yes' if info.offline else 'no'}")
    if names:
        out.print("dimensions: " + escape(", ".join(names)))
    shown = [each for each in layers if all or each.name.count(".") <= 1]
    if not shown:
        return
    table = Table(Column("extractor", no_wrap=True), "shape", "dimensions", box=None)
    for each in shown:
        shape = " x ".join(map(str, each.shape))
        table.add_row(escape(f"{info.id}@{each.name}"), shape, str(each.dimension))
    print_table(table)
    if len(shown) < len(layers):
        out.print(f"… and {len(layers) - len(shown)} more inside of these: --all")


def _dimension_names(info: library.ExtractorInfo) -> list[str]:
    """The names of its dimensions, if they have any."""
    if info.needs or not info.offline:
        return []
    extractor = library.get(info.id)
    return list(extractor.dimension_names) if isinstance(extractor, library.NamesDimensions) else []


@commands.command(cls=Command)
def bench(
    source: Annotated[
        str, typer.Argument(help="Labelled images: a folder with a sub-folder per label.")
    ],
    extractor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Extractor to measure; give it several times.",
            show_default="all that work offline here",
        ),
    ] = None,
    weights: Weights = None,
    extractor_file: ExtractorFile = None,
    device: Device = "auto",
    precision: Precision = "auto",
    json: Json = False,
) -> None:
    """Measure how fast extractors are and how well they separate your labels, side by side.

    label accuracy is the share of labels told right by a linear classifier that has not seen the
    image or its copies; kNN the share of images whose nearest other image has the same label. Both
    with an interval of 95 %; guessing reaches the share of the commonest label. `explorer info` and
    `explorer compare` tell the same of the same images.

    explorer extractors bench path/to/photos
    explorer extractors bench path/to/photos --extractor style
    """
    load_extractor_files(extractor_file)
    ids = extractor or [each.id for each in library.available() if each.offline and not each.needs]
    settings = batch.EmbedSettings(
        extractors=tuple(ids),
        device=device,
        precision=precision,
        weights=weights_by_id(weights, ids),
    )
    with progress_bar("images") as report:
        rows = batch.bench(source, settings, on_progress=report)
    if json:
        print_json({"source": source, "extractors": [dataclasses.asdict(each) for each in rows]})
        return
    table = Table(
        Column("extractor", no_wrap=True),
        Column("dim", justify="right"),
        Column("images/s", justify="right"),
        Column("label accuracy (95 %)", justify="right"),
        Column("kNN (95 %)", justify="right"),
        box=None,
    )
    for each in rows:
        table.add_row(
            escape(each.extractor),
            str(each.dimension),
            f"{each.images_per_second:.0f}",
            _share(each.label_accuracy),
            _share(each.knn),
        )
    print_table(table)
    for majority, images in {(row.label_accuracy.majority, row.images) for row in rows}:
        out.print(f"Of {images:,} images; the commonest label is {majority:.3f}.")
    out.print("images/s: reading, decoding and extracting, each extractor by itself.")


def _share(share: analysis.Estimate | analysis.LabelAccuracy) -> str:
    return f"{share.value:.3f} ({share.low:.3f} to {share.high:.3f})"


@commands.command(cls=Command)
def prepare(
    id: Annotated[str, typer.Argument(help="The id of the extractor.")] = batch.DEFAULT_EXTRACTOR,
    json: Json = False,
) -> None:
    """Convert an extractor's network for this machine, so that its first use need not.

    What is made is kept with the models; what is there already is not made again.

    explorer extractors prepare
    """
    with library.telling(lambda making: err.print(f"{escape(making)} …")):
        library.prepare(id)
    if json:
        print_json({"prepared": id})
    else:
        out.print(f"{escape(id)} is ready.")


@commands.command(cls=Command)
def trust(
    file: Annotated[Path, typer.Argument(help="The TorchScript model.")], json: Json = False
) -> None:
    """Say that a model which is a program may be run here: this content, wherever it lies.

    TorchScript can do all that you can do here, so it is never run just because a dataset names it.

    explorer extractors trust model.pt
    """
    if not file.is_file():
        raise UnknownNameError(f"There is no file {file}.")
    library.trust(file)
    if json:
        print_json({"trusted": str(file)})
    else:
        err.print(f"{escape(str(file))} may now be run.")
