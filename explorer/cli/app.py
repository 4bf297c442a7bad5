"""The table of commands."""

import io
import os
import sys
from importlib import metadata
from typing import Annotated

import typer

from explorer.cli.annotate import annotate
from explorer.cli.ask import info, search
from explorer.cli.compare import compare
from explorer.cli.export import export
from explorer.cli.library import commands as extractors
from explorer.cli.make import analyze, embed, verify
from explorer.cli.relocate import relocate
from explorer.cli.select import select
from explorer.cli.serve import serve
from explorer.cli.tag import tag
from explorer.cli.usage import COMMON, Command, Group
from explorer.cli.vectors import import_vectors

app = typer.Typer(
    name="explorer",
    cls=Group,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def explorer(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", help="Say which version this is.", rich_help_panel=COMMON),
    ] = False,
) -> None:
    """See what is in a folder of images, and whether it is separable, before you train.

    Start with `explorer embed FOLDER`, then `explorer serve`. Every command has a --help.

    explorer embed path/to/photos
    explorer serve
    """
    if version:
        typer.echo(f"explorer, version {metadata.version('embedding-space-explorer')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


commands = (
    *(embed, analyze, annotate, relocate, serve),
    *(search, info, compare, select, tag, export, verify),
)
for command in commands:
    app.command(cls=Command)(command)
app.command("import", cls=Command)(import_vectors)
app.add_typer(extractors, name="extractors")


def main() -> None:
    """The console script `explorer`."""
    # A script may have closed it (`>&-`).
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    # A file name may hold what the terminal's encoding cannot say.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # Warnings of the libraries below are not for our users; ours are sentences.
    if not sys.warnoptions:
        os.environ.setdefault("PYTHONWARNINGS", "ignore")
        import warnings

        warnings.simplefilter("ignore")
    app()
