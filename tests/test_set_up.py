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
    *"version('torch"*) [ -n "$TORCH" ] && echo "$TORCH" ;;
    *"sys.platform"*) echo "${MACHINE:-linux x86_64 3.12}" ;;
    *"-r lock/explorer.txt"*) echo "Downloading numpy (16 MB)"; exit "${PIP_FAILS:-0}" ;;
esac
"""


@pytest.fixture
def clone(tmp_path):
    """What `make setup` reads of a clone, and a Python that notes how it is called."""
    for name in ("Makefile", "set_up.sh", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "lock", tmp_path / "lock")
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


def called(clone, words):
    return [line for line in (clone / "calls").read_text().splitlines() if words in line]


def test_what_is_downloaded_is_said_before_it_begins_and_pip_shows_its_progress(clone):
    done = make(clone)
    assert done.returncode == 0, done.stderr
    said, pip, _ = done.stdout.partition("Downloading numpy")
    assert pip
    assert re.search(r"Set-up downloads .*GB", said)
    (install,) = called(clone, "-r lock/explorer.txt")
    assert install == "-m pip install --no-deps --no-build-isolation " + " ".join(
        f"-r lock/{part}.txt" for part in ("explorer", "torch")
    )
    (own,) = called(clone, "-e .")
    assert own == "-m pip install --no-deps --no-build-isolation -e ."


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
    said = make(clone, TORCH="2.13.0+cpu").stdout
    assert "torch 2.13.0+cpu is there already" in said
    assert "CUDA" not in said
    assert called(clone, "-r lock/explorer.txt")
    assert not called(clone, "lock/torch.txt")


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
    assert len(called(clone, "-r lock/explorer.txt")) == 2
    # The environment is made once.
    assert len(called(clone, "-m venv")) == 1
    # Nothing of ours is installed where something that it needs is missing.
    assert len(called(clone, "-e .")) == 1


@pytest.mark.parametrize(
    "machine", ["linux x86_64 3.15", "linux riscv64 3.12", "darwin x86_64 3.12"]
)
def test_a_machine_that_the_lock_does_not_know_is_told_what_to_do(clone, machine):
    done = make(clone, MACHINE=machine)
    system, processor, python = machine.split()
    assert done.returncode != 0
    assert f"does not know this machine, {system}-{processor} with Python {python}" in done.stderr
    assert re.search(r"^  linux-x86_64: 3\.11, 3\.12", done.stderr, re.MULTILINE)
    assert "python -m pip install -e .\n" in done.stderr
    assert not called(clone, "pip install")


def test_a_wheel_for_python_3_1_is_not_one_for_3_11(clone):
    assert make(clone, MACHINE="linux x86_64 3.1").returncode != 0


def test_sizes_and_the_smaller_way_are_the_same_in_the_readme():
    script, readme = ((ROOT / name).read_text("utf-8") for name in ("set_up.sh", "README.md"))
    for size in re.findall(r"[\d.]+ GB", script.partition("cat <<'EOF'")[2].partition("EOF")[0]):
        assert size in readme, size
