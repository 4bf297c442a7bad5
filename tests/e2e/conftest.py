"""The real app on the real photos, started by the README's own command."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import ROOT, free_port, wait_until_healthy

from explorer import Dataset, open_dataset


def readme_command() -> list[str]:
    """The line of the README that starts the app, run by the Python of the tests."""
    found = re.search(r"^streamlit run explorer/app\.py$", (ROOT / "README.md").read_text(), re.M)
    assert found, "The README no longer says how to start the app."
    return [str(Path(sys.executable).with_name("streamlit")), *shlex.split(found[0])[1:]]


@pytest.fixture(scope="session")
def app_url(sample_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, showing the sample photos."""
    port = free_port()
    log = tmp_path_factory.mktemp("app") / "log.txt"
    environment = os.environ | {
        "EXPLORER_CACHE": str(sample_cache),
        "STREAMLIT_SERVER_PORT": str(port),
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            readme_command(), cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(url, process, log)
        yield url
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def dataset(sample_cache: Path) -> Dataset:
    return open_dataset("sample_data", cache=sample_cache)
