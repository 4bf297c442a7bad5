"""What each command imports of what takes long to import: what it uses, and nothing else."""

import os
import subprocess
import sys

import pytest
from support.browser import ROOT
from support.fakes import fill

from explorer import EmbedSettings, dataset_names, embed, open_dataset

HEAVY = {
    *("numpy", "pandas", "pyarrow", "duckdb", "faiss", "scipy", "sklearn", "skimage", "plotly"),
    *(
        "PIL",
        "simplejpeg",
        "cykooz_resizer",
        "fsspec",
        "graspologic_native",
        "openvino",
        "torch",
        "timm",
    ),
    *("umap", "numba", "streamlit", "huggingface_hub"),
}
ARRAYS = {"numpy", "pyarrow"}
PICTURES = {"PIL", "simplejpeg", "cykooz_resizer", "fsspec"}
# The exact modules of `HEAVY`. DuckDB has a process of its own, which alone imports it.
IMPORTED = {
    "": set(),
    "--help": set(),
    "--version": set(),
    "embed --help": set(),
    "info --help": set(),
    "search --help": set(),
    "tag --help": set(),
    "nope": set(),
    "embed": set(),
    "embed x --nope": set(),
    "embed x --labels nope": set(),
    "info x y": set(),
    "select x -k 0": set(),
    "search x --less 3": set(),
    "export x": set(),
    "compare --nope": set(),
    "extractors nope": set(),
    "info nope": ARRAYS,
    "info photos": ARRAYS,
    "tag photos": ARRAYS,
    "tag photos picked --where width>1": ARRAYS,
    "verify photos": ARRAYS | {"faiss"},
    "repair nope": ARRAYS | PICTURES,
    "search photos --id 0": (ARRAYS | PICTURES) - {"cykooz_resizer"},
    "search photos --image photos/a/0.jpg": ARRAYS | PICTURES | {"faiss"},
    "select photos --how random -k 2": ARRAYS,
    "extractors": {"numpy", "PIL", "cykooz_resizer"},
    "embed photos --no-analyze": ARRAYS | PICTURES | {"pandas"},  # Arrow makes its arrays with it
}
# Those that compute a lot may import what they compute with, but not what belongs to others.
AT_MOST = {
    "export photos --to set": ARRAYS | PICTURES | {"pandas"},
    "compare photos": ARRAYS | PICTURES | {"faiss", "scipy", "pandas"},
    "repair photos": HEAVY - {"torch", "timm", "openvino", "streamlit", "duckdb", "plotly"},
    "analyze photos": HEAVY - {"torch", "timm", "openvino", "streamlit", "duckdb", "plotly"},
}
TOLD = """
import atexit, sys
atexit.register(lambda: print("\\n", *{name for name in HEAVY if name in sys.modules}))
from explorer.cli import main
main()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder `photos`, and a dataset of that name, which needs no model."""
    folder = tmp_path_factory.mktemp("imports")
    photos = fill(folder / "photos", {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(8)})
    settings = EmbedSettings(extractors=("color-histogram",))
    embed(photos, cache=folder / "cache", settings=settings)
    assert dataset_names(folder / "cache") == ["photos"]
    return folder


def imported(line, folder):
    """The modules of `HEAVY` that are there when the command has ended."""
    done = subprocess.run(
        [sys.executable, "-c", TOLD.replace("HEAVY", repr(HEAVY)), *line.split()],
        env=os.environ | {"EXPLORER_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    fails = line.endswith(" nope") or (line in IMPORTED and not IMPORTED[line])
    assert done.returncode == 0 or fails, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("line", IMPORTED)
def test_a_command_imports_what_it_uses(line, folder):
    assert imported(line, folder) == IMPORTED[line]


@pytest.mark.parametrize("line", AT_MOST)
def test_a_command_that_computes_imports_nothing_of_others(line, folder):
    assert imported(line, folder) <= AT_MOST[line]


def test_asking_for_the_public_names_imports_them(folder):
    assert len(open_dataset("photos", cache=folder / "cache")) == 8
    code = TOLD.replace("HEAVY", repr(HEAVY)).partition("from explorer")[0]
    for names, heavy in (("", set()), ("; explorer.errors; explorer.EmbedSettings", set())):
        command = [sys.executable, "-c", f"{code}import explorer{names}"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
        assert set(done.stdout.split()) == heavy
