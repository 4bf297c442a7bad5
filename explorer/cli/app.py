"""The table of commands."""

import io
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from explorer.cli.usage import COMMON, Command, CommandGroup

# The function, which is imported when the command is called, and the first sentence of its help.
COMMANDS = {
    "embed": (
        "make:embed",
        "Embed a folder, a list or an archive of images: the first thing to do.",
    ),
    "analyze": (
        "make:analyze",
        "Bring the neighbour graph, the map and all columns of a space up to date.",
    ),
    "annotate": (
        "annotate:annotate",
        "Join the columns of a table to the images: labels, splits, dates, numbers, anything.",
    ),
    "relocate": (
        "relocate:relocate",
        "Tell a dataset where its photos have moved to: ids, tags and vectors stay.",
    ),
    "serve": (
        "serve:serve",
        "Open the app in the browser (on this machine only: it listens on 127.0.0.1).",
    ),
    "search": (
        "ask:search",
        "Find the images most like an image, or those that show what words say.",
    ),
    "info": (
        "ask:info",
        "Say what is known of a dataset: images, labels, spaces and how well they separate.",
    ),
    "report": (
        "report:report",
        "Say what is there, how well it separates, and what is worth looking at, worst first.",
    ),
    "compare": (
        "compare:compare",
        "Compare the spaces of a dataset: which separates your labels best, and is that sure?",
    ),
    "select": (
        "select:select",
        "Choose images that stand for all, without copies, or split them so that nothing leaks.",
    ),
    "tag": (
        "tag:tag",
        "Keep images under a name, which can be filtered by, coloured by and exported.",
    ),
    "export": ("export:export", "Write a subset of the images into a new folder, all or nothing."),
    "verify": ("make:verify", "Read every byte of a dataset and say whether it is whole."),
    "repair": (
        "repair:repair",
        "Make again what is damaged or gone in a dataset, and say what nobody can.",
    ),
    "import": ("vectors:import_vectors", "Make a space of vectors that you already have."),
    "extractors": (
        "library:commands",
        "List the feature extractors and what each one sees, or say more about one.",
    ),
}


class _OnCall(Mapping[str, Any]):
    """The commands by name, each made when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        where, _ = COMMANDS[name]
        found = pkgutil.resolve_name(f"explorer.cli.{where}")
        if not isinstance(found, typer.Typer):
            one = typer.Typer(rich_markup_mode=None, add_completion=False)
            one.command(name, cls=Command)(found)
            found = one
        return typer.main.get_command(found)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _All(CommandGroup):
    """All commands: `--help` needs none of their modules, and one command no other's."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes | {"commands": _OnCall()})

    def told(self) -> dict[str, str]:
        return {name: told for name, (_, told) in COMMANDS.items()}


app = typer.Typer(
    name="explorer",
    cls=_All,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def explorer(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", rich_help_panel=COMMON)
    ] = False,
) -> None:
    """See what is in a folder of images, and whether it is separable, before you train.

    Start with `explorer embed FOLDER`, then `explorer serve`. Every command has a --help.

    explorer embed path/to/photos
    explorer serve
    """
    if version:
        from importlib import metadata  # which takes as long as all else here

        typer.echo(f"explorer, version {metadata.version('embedding-space-explorer')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


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
