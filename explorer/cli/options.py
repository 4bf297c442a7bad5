"""Arguments and options that several commands have."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from explorer.errors import UsageError

Name = Annotated[
    str | None,
    typer.Argument(help="Name of the dataset.", show_default="the one embedded last"),
]
Cache = Annotated[
    Path | None,
    typer.Option(
        help="The folder that holds the datasets.", show_default="$EXPLORER_CACHE or ./cache"
    ),
]
SpaceId = Annotated[
    str | None,
    typer.Option("--space", help="The space (extractor) to use.", show_default="the first one"),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output instead of text.")
]
Device = Annotated[
    Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="Where the model runs.")
]
Precision = Annotated[
    Literal["auto", "fp32", "bf16"],
    typer.Option(help="What the model computes in; auto: bf16 where the processor has it."),
]
Weights = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[ID=]FILE",
        help="Take a network's weights from a file: a state dict (.safetensors, .pth). "
        "ID= says whose, if there are several.",
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
                raise UsageError(
                    f"Whose weights are in {each}? Say --weights ID={each}, where ID is one of "
                    f"{', '.join(ids)}."
                )
            id, file = ids[0], each
        found[id] = file
    return found
