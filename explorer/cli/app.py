"""The table of commands."""

import io
import os
import sys

import typer

from explorer.cli.annotate import annotate
from explorer.cli.ask import info, search
from explorer.cli.compare import compare
from explorer.cli.export import export
from explorer.cli.library import commands as extractors
from explorer.cli.make import analyze, embed, verify
from explorer.cli.select import select
from explorer.cli.serve import serve
from explorer.cli.tag import tag
from explorer.cli.vectors import import_vectors

app = typer.Typer(
    name="explorer",
    help=(
        "See what is in a folder of images, and whether it is separable, before you train.\n\n"
        "Start with [bold]explorer embed FOLDER[/], then [bold]explorer serve[/]."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)

commands = (
    *(embed, analyze, annotate, serve),
    *(search, info, compare, select, tag, export, verify),
)
for command in commands:
    app.command()(command)
app.command("import")(import_vectors)
app.add_typer(extractors, name="extractors")


def main() -> None:
    """The console script `explorer`."""
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
