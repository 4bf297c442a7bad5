"""Fixtures for all tests: those in tests/, and the examples in docstrings and docs/."""

import os
import random
import shutil
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

pytest_plugins = ["support.browser"]

ROOT = Path(__file__).parent
SAMPLES = ROOT / "sample_data"

# How long something takes is no test; and what runs by itself tries the same cases every time.
settings.register_profile(
    "explorer", deadline=None, derandomize="CI" in os.environ, print_blob=True
)
settings.load_profile("explorer")


def pytest_addoption(parser):
    seed = 13 if "CI" in os.environ else random.SystemRandom().randrange(2**32)
    parser.addoption("--seed", type=int, default=seed, help="what the fixture `chance` begins with")


def pytest_collection_modifyitems(items):
    """Browser tests are the longest: begun first, they leave short ones for the end."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)


@pytest.fixture
def chance(request):
    """Random draws; a test that fails says the seed that draws the same again."""
    seed = request.config.getoption("--seed")
    request.node.add_report_section("call", "seed", f"The same draws again: --seed {seed}")
    return random.Random(seed)


@pytest.fixture(autouse=True)
def no_power_cuts(monkeypatch):
    """Tests kill processes, not machines: nothing has to be on the disk before they go on."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(autouse=True)
def own_main(monkeypatch):
    """Streamlit's AppTest leaves its script as `__main__`; a child process would run it again."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A folder that all processes of this test run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def models(shared):
    """A model cache of the tests' own, filled once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_MODELS", str(shared / "models"))
        yield shared / "models"


@pytest.fixture(scope="session")
def sample_cache(shared, models):
    """A cache that holds the sample photos, embedded by the real model and analysed.

    Read it only; a test that writes copies it first.
    """
    from explorer import batch

    with FileLock(shared / "sample.lock"):  # one process makes it, and the others wait for it
        batch.embed(SAMPLES, cache=shared / "cache")
    return shared / "cache"


@pytest.fixture(autouse=True)
def example_names(request, monkeypatch, tmp_path):
    """What examples may use: `cache`, a copy of the sample cache, and `dataset`, what is in it."""
    if not isinstance(request.node, pytest.DoctestItem):
        return
    names = request.getfixturevalue("doctest_namespace")
    if not any(
        "cache" in each.source or "dataset" in each.source for each in request.node.dtest.examples
    ):
        return
    from explorer import open_dataset

    cache = shutil.copytree(request.getfixturevalue("sample_cache"), tmp_path / "cache")
    names.update(cache=cache, dataset=open_dataset(cache=cache))
    monkeypatch.chdir(ROOT)
