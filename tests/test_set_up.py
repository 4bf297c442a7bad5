"""`make setup`: what it says, and when it does nothing. pip is a stand-in: it fetches gigabytes."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# As `python -m venv` and `python -m pip` are called; what it was called with stands in a file.
PYTHON = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
    "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    *importlib.metadata*) exit "${NO_TORCH:-1}" ;;
    *"-m pip install -c"*) echo "Downloading torch (555 MB)"; exit "${PIP_FAILS:-0}" ;;
esac
"""


@pytest.fixture
def clone(tmp_path):
    """What `make setup` reads of a clone, and a Python that notes how it is called."""
    for name in ("Makefile", "set_up.sh", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def make(clone, target="setup", **environment):
    return subprocess.run(
        ["make", target, f"PYTHON={clone / 'python'}"],
        cwd=clone,
        env=os.environ | {"CALLS": str(clone / "calls"), **environment},
        capture_output=True,
        text=True,
    )


def test_what_is_downloaded_is_said_before_it_begins_and_pip_shows_its_progress(clone):
    done = make(clone)
    assert done.returncode == 0, done.stderr
    said, pip, _ = done.stdout.partition("Downloading torch")
    assert pip
    assert re.search(r"Set-up downloads .*GB", said)
    (install,) = [line for line in (clone / "calls").read_text().splitlines() if "-e ." in line]
    assert "-c constraints.txt" in install
    assert "-q" not in install.split()
    assert "--quiet" not in install


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="torch brings CUDA along on Linux only")
def test_the_parts_are_the_whole_and_the_smaller_way_is_told(clone):
    said = make(clone).stdout
    whole = float(re.search(r"downloads ([\d.]+) GB", said)[1])
    parts = [float(size) for size in re.findall(r"^  ([\d.]+) GB  ", said, re.MULTILINE)]
    assert sum(parts) == pytest.approx(whole)
    assert "`make venv`" in said
    assert make(clone, "venv").returncode == 0


def test_with_a_torch_of_ones_own_less_is_downloaded(clone):
    assert make(clone, "venv").returncode == 0
    said = make(clone, NO_TORCH="0").stdout
    assert "torch is there already" in said
    assert "CUDA" not in said


def test_a_second_set_up_calls_nothing(clone):
    make(clone)
    before = (clone / "calls").read_text()
    done = make(clone)
    assert done.returncode == 0
    assert (clone / "calls").read_text() == before


def test_a_download_that_breaks_off_is_told_and_goes_on(clone):
    done = make(clone, PIP_FAILS="1")
    assert done.returncode != 0
    assert "run the same command again" in done.stderr
    assert "goes on from there" in done.stderr
    assert make(clone).returncode == 0
    installs = [line for line in (clone / "calls").read_text().splitlines() if "-e ." in line]
    assert len(installs) == 2
    # The environment is made once.
    assert (clone / "calls").read_text().count("-m venv") == 1


def test_sizes_and_the_smaller_way_are_the_same_in_the_readme():
    script, readme = ((ROOT / name).read_text("utf-8") for name in ("set_up.sh", "README.md"))
    for size in re.findall(r"[\d.]+ GB", script.partition("cat <<'EOF'")[2].partition("EOF")[0]):
        assert size in readme, size
