"""The command that starts the app."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

import explorer
from explorer import batch, environment, store
from explorer.cli.options import Cache, Name
from explorer.cli.terminal import err
from explorer.errors import ConflictError
from explorer.images import open_source


def _folders(help: str) -> object:
    """An option that names a folder."""
    return typer.Option(
        metavar="FOLDER",
        exists=True,
        file_okay=False,
        resolve_path=True,
        help=f"{help} Can be given several times.",
    )


def serve(
    name: Name = None,
    port: Annotated[
        int, typer.Option(min=1, max=65535, metavar="N", help="The port to listen on.")
    ] = 8501,
    embed: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="Embed a folder, a list or an archive meanwhile: its photos are there as they "
            "come. It goes on when the app is closed.",
        ),
    ] = None,
    allow_add: Annotated[
        list[Path] | None,
        _folders("What others may embed by the page Add images, too: what lies in this folder."),
    ] = None,
    allow_export: Annotated[
        list[Path] | None, _folders("Where others may write exports to, too: into this folder.")
    ] = None,
    no_token: Annotated[
        bool,
        typer.Option(
            "--no-token",
            help="Let everybody in who reaches the port, where something else guards it.",
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            help="Tell what the app goes on after, such as a photo that cannot be read: once each.",
        ),
    ] = False,
    cache: Cache = None,
) -> None:
    """Open the app in the browser (on this machine only: it listens on 127.0.0.1).

    Prints the address to open, with a token that is new at each start (or $EXPLORER_TOKEN).
    The same as `streamlit run explorer/app.py`, which takes --allow-add, --allow-export,
    --no-token and --verbose after `--`.

    Through a proxy or without a token anybody may be looking. Then only folders that were allowed
    are read and written by the pages.

    explorer serve photos --port 8600
    explorer serve --embed path/to/photos
    explorer serve --allow-add /data/photos --allow-export /data/sets
    """
    folder = store.cache_folder(cache)
    if embed:
        shown = _begun(embed, name=name, cache=folder, port=port)
    else:
        shown = store.open_dataset(name, cache=cache).name
    script = Path(explorer.__file__).with_name("app.py")
    os.environ[environment.CACHE] = str(folder)
    err.print(f"Explorer shows [bold]{escape(shown)}[/]; its address comes when it listens.")
    arguments = ["streamlit", "run", str(script), "--server.port", str(port)]
    arguments += ["--server.address", "127.0.0.1", "--"]
    arguments += ["--no-token"] if no_token else []
    arguments += ["--verbose"] if verbose else []
    for option, allowed in (("--allow-add", allow_add), ("--allow-export", allow_export)):
        arguments += [word for folder in allowed or () for word in (option, str(folder))]
    arguments += ["--dataset", shown]
    # The server takes this process's place, so that Ctrl-C and signals reach it directly.
    os.execv(sys.executable, [sys.executable, "-m", *arguments])


def _begun(source: str, *, name: str | None, cache: Path, port: int) -> str:
    """Start to embed a source in the background, if no job does so; the name of its dataset."""
    images = open_source(source)
    dataset = name or images.name
    if dataset in store.dataset_names(cache):
        made_from = store.open_dataset(dataset, cache=cache).source
        if made_from != images.uri:
            raise ConflictError(
                f"The dataset {dataset!r} was made from {made_from}. Give a new one a name of its "
                f"own: `explorer serve NAME --embed {source}`."
            )
    _check_free(port)
    if not store.running_job(cache, dataset):
        batch.start_job(batch.JobRequest(source, dataset, ()), cache=cache)
    return dataset


def _check_free(port: int) -> None:
    """Before anything is begun for an app that could not start."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConflictError(f"Port {port} is taken. Choose another with --port.") from error
