"""How the commands explain themselves: `--help`, and what is said of a wrong command line.

All of it is made of what the commands declare anyway: their docstrings, and the name, the metavar
and the help of each parameter. A paragraph of a docstring that begins with `explorer` is examples.
"""

import importlib
import inspect
import re
import sys
from collections.abc import Mapping
from typing import Any, get_args

import typer
from rich.markup import escape
from typer.core import TyperCommand, TyperGroup

from explorer.cli.terminal import err, errors_as_sentences

# What Typer raises for every wrong line; it gives it no public name.
WRONG_USAGE: type[Any] = typer.BadParameter.__bases__[0]
# The `rich_help_panel` of the options that nearly every command has: they come last.
COMMON = "Common options"


def choices(literal: Any) -> str:
    """The metavar of an option that takes one of the values of a `Literal`: `a|b|c`."""
    return "|".join(get_args(literal))


class _Explained:
    """What commands and groups of them have in common. Their errors are sentences."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        named = [
            _term(each) if each.required else f"[{_term(each)}]"
            for each in ctx.command.params
            if each.required or each.param_type_name == "argument"
        ]
        return ["[OPTIONS]", *named, *(["[COMMAND]"] if isinstance(self, TyperGroup) else [])]

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        for paragraph in _paragraphs(ctx.command.help):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(paragraph)
        if examples := _examples(ctx.command.help):
            with formatter.section(_title("Examples")):
                formatter.write("".join(f"  {line}\n" for line in examples))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in ctx.command.get_params(ctx):
            row = (typer.style(_term(param), fg="cyan"), _told(param))
            groups.setdefault(_group(param), []).append(row)
        common = groups.pop(COMMON, [])
        if isinstance(self, CommandGroup):
            groups["Commands"] = [
                (typer.style(name, fg="cyan"), told) for name, told in self.told().items()
            ]
        for title, rows in [*groups.items(), (COMMON, common)]:
            with formatter.section(_title(title)):
                formatter.write_dl(rows, col_max=32)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # An empty path would be the folder one is in; as a rule it is a variable that is not set.
        if "" in args and not isinstance(self, TyperGroup):
            before = " ".join([ctx.command_path, *args[: args.index("")]])
            ctx.fail(f"There is an empty text after `{before}`: is a variable not set?")
        try:
            return super().parse_args(ctx, args)  # type: ignore[misc]
        except WRONG_USAGE as error:
            error.ctx = error.ctx or ctx
            raise

    def invoke(self, ctx: Any) -> Any:
        with errors_as_sentences():
            return super().invoke(ctx)  # type: ignore[misc]


class Command(_Explained, TyperCommand):
    """A command that explains itself in this way."""


class CommandGroup(_Explained, TyperGroup):
    """A group of commands; the outermost one says what is wrong with a line of any of them."""

    def told(self) -> dict[str, str]:
        """What each command does, in a line."""
        return {name: _paragraphs(each.help)[0] for name, each in self.commands.items()}

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            with errors_as_sentences():
                code = super().main(*args, **kwargs | {"standalone_mode": False})
        except WRONG_USAGE as error:
            _say(error)
            code = 2
        sys.exit(code)


def _say(error: Any) -> None:
    """Say what is wrong with the line, how it is meant, and give an example."""
    context, param = error.ctx, getattr(error, "param", None)
    wrong = error.message.removeprefix("Value error, ").rstrip(".")
    if param is not None:
        told = _names_filled_in(param.help)
        about = told[0].lower() + told[1:] if told[:2].istitle() else told
        if wrong:
            wrong = f"{_term(param)}: {wrong}. What it means: {about}"
        else:  # that is how Typer reports a parameter that is missing
            wrong = f"`{context.command_path}` needs {_term(param)}: {about}"
    elif others := getattr(error, "possibilities", None):
        wrong += f". Did you mean {' or '.join(sorted(others))}?"
    wrong += "" if wrong.endswith((".", "?")) else "."
    err.print(f"[bold red]Error:[/] {escape(wrong)}")
    if context is None:
        return
    err.print(escape(context.get_usage()))
    if examples := _examples(context.command.help):
        err.print(f"For example: {escape(examples[0])}")
    err.print(f"`{context.command_path} --help` tells all.")


def _paragraphs(help: str | None) -> list[str]:
    """The text of a command's help without its examples."""
    paragraphs = inspect.cleandoc(help or "").split("\n\n")
    told = [each for each in paragraphs if not each.startswith("explorer ")]
    return [each for paragraph in told for each in _explained(paragraph)]


def _examples(help: str | None) -> list[str]:
    """The lines of a command's examples, as they are to be printed."""
    paragraphs = inspect.cleandoc(help or "").split("\n\n")
    examples = [each for each in paragraphs if each.startswith("explorer ")]
    return [line for each in examples for line in each.splitlines()]


# A help may name a table of a room, such as `{curate.FORMATS}`: it is read when the help is shown.
_TABLE = re.compile(r"\{(\w+)\.(\w+)\}")


def _table(named: re.Match[str]) -> Mapping[str, Any]:
    table: Mapping[str, Any] = getattr(importlib.import_module(f"explorer.{named[1]}"), named[2])
    return table


def _names_filled_in(text: str) -> str:
    """A text with the names in the tables that it names."""
    return _TABLE.sub(lambda named: ", ".join(_table(named)), text)


def _explained(paragraph: str) -> list[str]:
    """A paragraph; one that is a table has a paragraph for each thing in it."""
    named = _TABLE.fullmatch(paragraph)
    if named is None:
        return [paragraph]
    return [f"{name}: {each.explains}" for name, each in _table(named).items()]


def _title(text: str) -> str:
    return typer.style(text, bold=True)


def _group(param: Any) -> str:
    """The heading under which a parameter stands."""
    if param.param_type_name == "argument":
        return "Arguments"
    if param.name == "help":
        return COMMON
    return param.rich_help_panel or "Options"


def _term(param: Any) -> str:
    """How a parameter is written: `SOURCE`, `-k N`, `--json`."""
    metavar = param.metavar or param.name.upper()
    if param.param_type_name == "argument":
        return metavar
    names = " / ".join([", ".join(param.opts), *param.secondary_opts])
    return names if param.is_flag else f"{names} {metavar}"


def _told(param: Any) -> str:
    """What a parameter is for, and what it is if it is not given."""
    told, default = _names_filled_in(param.help or ""), param.show_default
    if param.required:
        return f"{told} Required."
    is_flag = param.param_type_name == "option" and param.is_flag
    if default is True and not is_flag and param.default not in (None, ""):
        default = param.default
    return told if isinstance(default, bool) else f"{told} Default: {default}."
