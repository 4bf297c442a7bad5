"""Nothing is sent anywhere: no command asks for an address or opens a connection by itself."""

import os
import shutil
import subprocess
import sys

from support.browser import ROOT

# Written, not raised: senders swallow exceptions, and may sit in a forked child.
WATCH = """
import os, sys
def watch(event, _):
    if event.startswith(("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib")):
        with open(os.environ["WATCHED"], "a") as file:
            print(event, file=file)
sys.addaudithook(watch)

from explorer.cli.app import app
from typer.testing import CliRunner
for line in (
    "embed fish --extractor efficientnet-lite0 --extractor style --extractor color-histogram",
    "info sample_data",
    "search sample_data --image fish/fish2.jpg",
    "search sample_data --text church",
    "select sample_data --how diverse -k 9 --tag nine",
    "export sample_data --tag nine --format imagefolder --to nine",
    "extractors",
    "verify sample_data",
):
    result = CliRunner().invoke(app, line.split())
    assert result.exit_code == 0, (line, result.output)
"""


def test_no_command_opens_a_connection(sample_cache, models, tmp_path):
    shutil.copytree(sample_cache / "sample_data", tmp_path / "cache" / "sample_data")
    fish = tmp_path / "fish"
    fish.mkdir()
    for number in range(2, 8):
        shutil.copy(ROOT / f"sample_data/fish/fish{number}.jpg", fish)
    home = {"HOME": str(tmp_path), "EXPLORER_MODELS": str(models), "PYTHONPATH": str(ROOT)}
    watched = {"WATCHED": str(tmp_path / "watched"), "EXPLORER_CACHE": str(tmp_path / "cache")}
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, "-c", WATCH],
        env=kept | home | watched,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "watched").exists(), (tmp_path / "watched").read_text()
