"""Arguments and options that several commands have."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from explorer.cli.usage import COMMON, choices
from explorer.errors import BadValueError

Name = Annotated[
    str | None,
    typer.Argument(help="The name of the dataset.", show_default="the one embedded last"),
]
NameNeeded = Annotated[str, typer.Argument(help="The name of the dataset.", metavar="NAME")]
Cache = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="The folder that holds the datasets.",
        show_default="$EXPLORER_CACHE or ./cache",
        rich_help_panel=COMMON,
    ),
]
SpaceId = Annotated[
    str | None,
    typer.Option(
        "--space",
        metavar="ID",
        help="The space (extractor) to use.",
        show_default="the first one",
        rich_help_panel=COMMON,
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print one JSON object on standard output instead of text.",
        rich_help_panel=COMMON,
    ),
]
# The options about the network that computes.
MODEL = "Model"
DEVICES = Literal["auto", "cpu", "cuda", "mps"]
Device = Annotated[
    DEVICES, typer.Option(metavar=choices(DEVICES), help="Where it runs.", rich_help_panel=MODEL)
]
PRECISIONS = Literal["auto", "fp32", "bf16"]
Precision = Annotated[
    PRECISIONS,
    typer.Option(
        metavar=choices(PRECISIONS),
        help="What it computes in; auto: bf16 where the processor has it.",
        rich_help_panel=MODEL,
    ),
]
Weights = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[ID=]FILE",
        help="Take a network's weights from a file: a state dict (.safetensors, .pth). "
        "ID= says whose, if there are several.",
        rich_help_panel=MODEL,
    ),
]
ExtractorFile = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE.py",
        help="A Python file that registers extractors. It is code: it can do all that you can do "
        "here. Run only what you trust.",
    ),
]


def weights_by_id(weights: Sequence[str] | None, extractors: Sequence[str]) -> dict[str, str]:
    """The option --weights by the extractors' ids; a file alone is for the only network asked for.

    Raises UsageError when it is not clear whose a file is.
    """
    ids = list(dict.fromkeys(each.partition("@")[0] for each in extractors))
    found = {}
    for each in weights or ():
        id, equals, file = each.partition("=")
        if not equals or id not in ids:
            if len(ids) != 1:
                raise BadValueError(
                    f"Whose weights are in {each}? Say --weights ID={each}, where ID is one of "
                    f"{', '.join(ids)}."
                )
            id, file = ids[0], each
        found[id] = file
    return found
