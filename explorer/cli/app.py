"""The table of commands."""

import ast
import importlib
import io
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from explorer.cli.usage import COMMON, Command, CommandGroup

# Where the function of each command is; it is imported when the command is called.
COMMANDS = {
    "embed": "make:embed",
    "analyze": "make:analyze",
    "annotate": "annotate:annotate",
    "relocate": "relocate:relocate",
    "serve": "serve:serve",
    "search": "ask:search",
    "info": "ask:info",
    "report": "report:report",
    "compare": "compare:compare",
    "select": "select:select",
    "tag": "tag:tag",
    "export": "export:export",
    "verify": "make:verify",
    "repair": "repair:repair",
    "import": "vectors:import_vectors",
    "extractors": "library:extractors",
}


class _OnCall(Mapping[str, Any]):
    """The commands by name, each made when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        module, _, function = COMMANDS[name].partition(":")
        found = importlib.import_module(f"explorer.cli.{module}")
        group = getattr(found, "commands", None)  # those that have commands of their own
        if group is None:
            group = typer.Typer(rich_markup_mode=None, add_completion=False)
            group.command(name, cls=Command)(getattr(found, function))
        return typer.main.get_command(group)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _All(CommandGroup):
    """All commands: `--help` needs none of their modules, and one command no other's."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes | {"commands": _OnCall()})

    def told(self) -> dict[str, str]:
        places = {name: where.partition(":") for name, where in COMMANDS.items()}
        return {name: _helps(module)[function] for name, (module, _, function) in places.items()}


@cache
def _helps(module: str) -> dict[str, str]:
    """The first sentence of each command in a file, which is read for it and not imported."""
    tree = ast.parse(Path(__file__).with_name(f"{module}.py").read_text("utf-8"))
    functions = (each for each in tree.body if isinstance(each, ast.FunctionDef))
    return {each.name: (ast.get_docstring(each) or "").partition("\n")[0] for each in functions}


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
