"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["browser"]

SAMPLES = Path(__file__).parents[1] / "sample_data"

# How long something takes is no test; and what runs by itself tries the same cases every time.
settings.register_profile("explorer", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("explorer")


@pytest.fixture(autouse=True)
def no_power_cuts(monkeypatch):
    """Tests kill processes, not machines: nothing has to be on the disk before they go on."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A model cache of the tests' own, filled once."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("models")
        patch.setenv("EXPLORER_MODELS", str(folder))
        yield folder


@pytest.fixture(scope="session")
def sample_cache(tmp_path_factory, models):
    """A cache that holds the sample photos, embedded by the real model and analysed.

    Read it only; a test that writes copies it first.
    """
    from explorer import batch

    cache = tmp_path_factory.mktemp("sample") / "cache"
    batch.embed(SAMPLES, cache=cache)
    return cache
