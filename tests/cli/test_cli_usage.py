"""How the commands explain themselves, and what they say of a wrong line."""

import re
from importlib import metadata

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from explorer.cli.app import COMMANDS as TABLE
from explorer.cli.app import app
from explorer.cli.library import commands as extractors

COMMANDS = [
    *([name] for name in TABLE),
    *(["extractors", each.callback.__name__] for each in extractors.registered_commands),
]


def run(*arguments, code=0):
    result = CliRunner().invoke(app, arguments, terminal_width=80)
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize("line", [[], ["--help"]])
def test_the_overview_names_every_command_and_how_to_begin(line):
    text = run(*line).stdout
    assert len(COMMANDS) >= 16
    assert all(f"\n  {command} " in text for command, *more in COMMANDS if not more)
    assert "explorer embed FOLDER" in text


@pytest.mark.parametrize("name", TABLE)
def test_the_line_about_a_command_is_the_first_sentence_of_its_own_help(name):
    line = get_command(app).told()[name]
    own = " ".join(run(name, "--help").stdout.split("\n\n")[1].split())
    assert own == line


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_and_each_of_its_options_in_80_columns(command):
    text = run(*command, "--help").stdout
    assert max(map(len, text.splitlines())) <= 80
    assert not re.search(r"<\w+|\[/|\[(bold|dim)\]", text), "a type or markup is shown raw"
    example = f"\nExamples:\n  explorer {' '.join(command)}"
    assert example in text
    options = re.findall(r"^  (-.*?)(?:  +|\n +)(\S.*)$", text.partition("Examples:")[2], re.M)
    assert len(options) >= 2
    assert all(len(told.split()) > 1 for _, told in options)


def test_the_version_is_that_of_the_package():
    told = run("--version").stdout
    assert told == f"explorer, version {metadata.version('embedding-space-explorer')}\n"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("embed", "`explorer embed` needs SOURCE: the images: a folder, a list (.csv"),
        ("annotate photos", "`explorer annotate` needs FILE: the table: .csv"),
        ("import photos", "`explorer import` needs --vectors FILE: a .npy file"),
        ("export photos", "`explorer export` needs --to DIR: the new folder."),
        ("extractors show", "`explorer extractors show` needs ID: the id of the extractor"),
        ("nope", "No such command 'nope'"),
        ("embd", "Did you mean 'embed'?"),
        ("extractors nope", "No such command 'nope'"),
        ("--nope", "No such option: --nope"),
        ("embed x --nope", "No such option: --nope"),
        ("embed x --nam y", "Did you mean --name?"),
        ("embed x --labels guess", "'guess' is neither auto, folder or none nor a file"),
        ("embed x --workers 0", "threads that read and decode"),
        ("embed x --batch-size many", "--batch-size N:"),
        ("embed x --device abacus", "--device auto|cpu|cuda|mps:"),
        ("embed x --precision fp7", "--precision auto|fp32|bf16:"),
        ("search x --id one", "--id N:"),
        ("search x -k 0", "-k N:"),
        ("select x -k -1", "-k N:"),
        ("serve x --port 70000", "--port N:"),
        ("info x y", "unexpected extra argument"),
        ("info --cache", "requires an argument"),
        ("embed x --cache ''", "empty text after `explorer embed x --cache`"),
        ("embed ''", "empty text after `explorer embed`"),
    ],
)
def test_a_wrong_line_ends_with_2_and_says_what_is_needed_and_how_it_is_written(line, sentence):
    result = run(*(word.replace("''", "") for word in line.split()), code=2)
    assert result.stdout == ""
    said, usage, example, more = result.stderr.splitlines()
    assert said.startswith("Error: ")
    assert said.endswith((".", "?"))
    assert sentence in said
    assert usage.startswith("Usage: explorer ")
    assert example.startswith("For example: explorer ")
    assert "--help` tells all." in more
