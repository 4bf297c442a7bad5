"""Arguments and options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

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
