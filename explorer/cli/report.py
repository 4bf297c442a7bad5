"""The command that says what is worth looking at."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from explorer import insight, store
from explorer.cli.options import Cache, Json, Name, SpaceId
from explorer.cli.terminal import err, out, print_json
from explorer.filters import expression
from explorer.insight.summary import is_analyzed


def report(
    name: Name = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write it as one page with its photos, for whoever has no app."
        ),
    ] = None,
    space: SpaceId = None,
    cache: Cache = None,
    json: Json = False,
) -> None:
    """Say what is there, how well it separates, and what is worth looking at, worst first.

    The same as the app's first page: leaks between splits, wrong labels, duplicates, spoilt
    pictures, outliers … Where nothing stands out, nothing is said. Each with the images that show
    it best, the condition that `explorer export --where` takes, and the address in the app.

    explorer report photos
    explorer report photos --html report.html
    """
    found = insight.report(store.open_dataset(name, cache=cache), space)
    if html is not None:
        insight.write_html(found, html)
        err.print(f"Written: {escape(str(html))}")
    if json:
        print_json(insight.as_json(found))
    elif html is None:
        _say(found)


def _say(found: insight.Report) -> None:
    space = found.space
    out.print(f"[bold]{escape(space.dataset.name)}[/] in {escape(space.id)}")
    out.print(escape(" · ".join(f"{name.lower()}: {value}" for name, value in found.facts)))
    for each in found.quality:
        out.print(f"[bold]{escape(each.title)}[/]: {escape(each.sentence)}")
    out.print()
    if not found.findings:
        out.print("Nothing stands out.")
    if not is_analyzed(space):
        err.print(
            "[yellow]Duplicates, outliers and wrong labels are looked for once "
            f"`explorer analyze {escape(shlex.quote(space.dataset.name))}` has run.[/]"
        )
    for number, finding in enumerate(found.findings, start=1):
        out.print(f"{number}. [bold]{escape(finding.title)}[/]: {escape(finding.says)}")
        ids = ", ".join(map(str, space.image_ids[finding.rows].tolist()))
        out.print(f"   images {ids}")
        if finding.filter:
            out.print(f"   --where {escape(_quoted(expression(finding.filter)))}")
        out.print(f"   /{escape(insight.address(space, finding))}")
    if found.findings:
        out.print("\n`explorer serve` opens the app; these addresses are below its own.")


def _quoted(sql: str) -> str:
    """SQL as one word of a shell; in double quotes, where nothing in it means more to a shell."""
    return shlex.quote(sql) if set(sql) & set('"$`\\!') else f'"{sql}"'
