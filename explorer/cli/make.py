"""The commands that write: embed, analyze; and verify, which reads what they wrote."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Literal, cast, get_args

import typer
from rich.markup import escape

from explorer import batch, store
from explorer.cli.options import (
    MODEL,
    Cache,
    Device,
    ExtractorFile,
    Json,
    Name,
    Precision,
    SpaceId,
    Weights,
    weights_by_id,
)
from explorer.cli.progress import progress_bar
from explorer.cli.terminal import err, load_extractor_files, out, print_json, stop_on_interrupt
from explorer.serving.hints import repair_hint

Labels = Literal["auto", "folder", "none"]
LABELS = get_args(Labels)


def checked_labels(labels: str) -> str:
    """The option --labels, which must be a word or a table that is there."""
    if labels not in LABELS and "://" not in labels and not Path(labels).expanduser().is_file():
        raise typer.BadParameter(
            f"{labels!r} is neither {', '.join(LABELS[:-1])} or {LABELS[-1]} nor a file."
        )
    return labels


def embed(
    source: Annotated[
        str,
        typer.Argument(
            help="The images: a folder, a list (.csv, .parquet, .jsonl, .txt), an archive "
            "(.zip, .tar …), or a URL of any of these."
        ),
    ],
    name: Annotated[
        str | None, typer.Option(help="The name of the dataset.", show_default="the source's name")
    ] = None,
    extractor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Extractor to use; give it several times for several spaces. "
            "`explorer extractors` lists them.",
            show_default=f"those of the dataset, {batch.DEFAULT_EXTRACTOR} for a new one",
        ),
    ] = None,
    space: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Of the dataset's spaces, bring only this one up to date; give it several times "
            "for several.",
            show_default="all",
        ),
    ] = None,
    labels: Annotated[
        str,
        typer.Option(
            metavar="auto|folder|none|FILE",
            callback=checked_labels,
            help="folder: the first sub-folder is the label; auto: what the source says, or else "
            "the sub-folder if there are at least two; FILE: a table with the columns path and "
            "label, and any others.",
        ),
    ] = "auto",
    cache: Cache = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Threads that read and decode.", show_default="measured"
        ),
    ] = None,
    batch_size: Annotated[
        int, typer.Option(min=1, metavar="N", help="Images per call.", rich_help_panel=MODEL)
    ] = 16,
    device: Device = "auto",
    precision: Precision = "auto",
    weights: Weights = None,
    extractor_file: ExtractorFile = None,
    analysis: Annotated[
        bool, typer.Option("--analyze/--no-analyze", help="Analyse afterwards, or don't.")
    ] = True,
    json: Json = False,
) -> None:
    """Embed a folder, a list or an archive of images: the first thing to do.

    Reads every image once, turns it into a vector with each extractor, and keeps vectors,
    thumbnails and what is known of the files in the cache. Run it again at any time: only what is
    new or changed is done, in all spaces that the dataset has. Stop it at any time with Ctrl-C: it
    goes on from there. Files that cannot be read are listed with the reason; they never stop it.

    explorer embed path/to/photos
    explorer embed path/to/photos --extractor efficientnet-lite0 --extractor style
    explorer embed photos.csv --name photos --labels labels.csv
    """
    table = None if labels in LABELS else labels
    load_extractor_files(extractor_file)
    ids = extractor or space or batch.goes_on_with(source, name=name, cache=cache)
    files = weights_by_id(weights, ids)
    settings = batch.EmbedSettings(
        extractors=tuple(extractor) if extractor else () if space else None,
        spaces=tuple(space) if space else None,
        labels="none" if table else cast("Labels", labels),
        workers=workers,
        batch_size=batch_size,
        device=device,
        precision=precision,
        weights=files,
        analyze=analysis,
    )
    with progress_bar("images") as report, stop_on_interrupt() as stop:
        done = batch.embed(
            source, name=name, cache=cache, settings=settings, on_progress=report, stop=stop
        )
        if table and not done.interrupted:
            batch.annotate(store.open_dataset(done.dataset, cache=cache), table, on_progress=report)
    if done.interrupted:
        err.print("Stopped. What is done is kept: run the same command again to go on.")
    if json:
        print_json(done)
    else:
        _print_embedded(done, store.cache_folder(cache))
    if done.interrupted:
        raise typer.Exit(130)


def _print_embedded(done: batch.EmbedReport, cache: Path) -> None:
    name = escape(shlex.quote(done.dataset))
    rate = f" at {done.images_per_second:.0f} images/s" if done.embedded else ""
    out.print(
        f"[bold]{escape(done.dataset)}[/]: {done.embedded} embedded{rate}, "
        f"{done.unchanged} unchanged, {done.moved} moved, {done.removed} removed, "
        f"{done.rejected} rejected, {done.ignored} ignored (not images)."
    )
    for space, shape in done.spaces.items():
        out.print(f"  {escape(space)}: {shape['count']} vectors of {shape['dimension']} dimensions")
    for what, names in (("tags", done.tags), ("groups", done.groups)):
        if names:
            out.print(
                f"  The images came with {what}, which are kept: {escape(', '.join(names))}. "
                f"`explorer tag {name} --undo` takes them away again."
            )
    for sentence in batch.told_about(done):
        out.print(f"  [yellow]{escape(sentence)}[/]")
    if done.rejected:
        out.print(f"  `explorer info {name}` lists what was rejected, and why.")
    if not done.interrupted:
        where = escape(str(cache))
        out.print(f"  `explorer serve {name}` shows it.  [dim]({where})[/]")


def analyze(
    name: Name = None,
    space: SpaceId = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="ANALYSIS.SETTING=VALUE",
            help="Change a setting, e.g. map.n_neighbors=30; it stays until changed again.",
        ),
    ] = None,
    cache: Cache = None,
    json: Json = False,
) -> None:
    """Bring the neighbour graph, the map and all columns of a space up to date.

    `explorer embed` does this by itself. Only what depends on a change is computed again: another
    `map.min_dist` moves the map, and leaves graph, clusters and outliers as they are.

    explorer analyze photos
    explorer analyze photos --set map.min_dist=0.3 --set clusters.resolution=2
    """
    dataset = store.open_dataset(name, cache=cache)
    with progress_bar("steps") as report:
        done = batch.analyze(dataset, space=space, changes=set_ or (), on_progress=report)
    if json:
        print_json(done)
        return
    computed = ", ".join(done.computed) or "nothing, all of it was still good"
    out.print(f"[bold]{escape(dataset.name)}[/] through {escape(done.space)}: computed {computed}.")
    for analysis, figures in done.figures.items():
        for figure, value in figures.items():
            whole = float(value).is_integer()
            out.print(f"  {analysis} · {figure}: {value:{',.0f' if whole else '.4g'}}")


def verify(name: Name = None, cache: Cache = None, json: Json = False) -> None:
    """Read every byte of a dataset and say whether it is whole.

    Ends with exit code 1 when anything is wrong, one sentence for each thing. `explorer repair`
    makes again what can be made again.

    explorer verify photos
    """
    root = store.dataset_root(name, cache=cache)
    found = list(store.problems(root))
    known = store.name_of(root.name)
    is_listed = (root / store.MANIFEST).exists()
    if json:
        print_json({"dataset": known, "whole": not found, "manifest": is_listed, "problems": found})
    elif found:
        for problem in found:
            err.print(f"[red]✗[/] {escape(problem)}")
        err.print(escape(repair_hint(known)))
    else:
        out.print(f"[green]✓[/] {escape(known)} is whole: {len(store.Dataset(root))} images.")
    if not is_listed and not json:
        err.print(
            "It has no manifest, as it was made before there was any: a last part that is gone, or "
            "a byte that no checksum covers, is not noticed. The next `explorer embed` lists its "
            "files."
        )
    if found:
        raise typer.Exit(1)
