"""The command that starts the app."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

import explorer
from explorer import batch, store
from explorer.cli.options import Cache, Name
from explorer.cli.terminal import err
from explorer.images import open_source


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
    cache: Cache = None,
) -> None:
    """Open the app in the browser (on this machine only: it listens on 127.0.0.1).

    The same as `streamlit run explorer/app.py`.

    explorer serve photos --port 8600
    explorer serve --embed path/to/photos
    """
    shown = _begun(embed, name, cache) if embed else store.open_dataset(name, cache=cache).name
    script = Path(explorer.__file__).with_name("app.py")
    os.environ["EXPLORER_CACHE"] = str(store.cache_folder(cache))
    err.print(f"Explorer shows [bold]{escape(shown)}[/] at http://127.0.0.1:{port}")
    arguments = ["streamlit", "run", str(script), "--server.port", str(port)]
    arguments += ["--server.address", "127.0.0.1", "--", "--dataset", shown]
    # The server takes this process's place, so that Ctrl-C and signals reach it directly.
    os.execv(sys.executable, [sys.executable, "-m", *arguments])


def _begun(source: str, name: str | None, cache: Path | None) -> str:
    """Start to embed a source in the background; the name of its dataset."""
    dataset = name or open_source(source).name
    batch.start_job(batch.JobRequest(source, dataset, ()), cache=store.cache_folder(cache))
    return dataset
