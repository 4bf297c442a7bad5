"""A server that is attacked: it shows a copy of the sample photos."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.socket_client import Window
from support.watched_server import Server, watched_server


@pytest.fixture(scope="session")
def server(sample_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("attacked")
    cache = shutil.copytree(sample_cache, folder / "cache")
    with watched_server(cache, folder / "log.txt") as running:
        yield running


@pytest.fixture
def window(server: Server) -> Iterator[Window]:
    """Somebody's window, on the first page."""
    opened = Window(server.url)
    yield opened
    opened.close()
