import importlib.metadata

import pytest

from explorer import extractors
from explorer.errors import ExtractorError
from explorer.extractors import registry

INFO = extractors.ExtractorInfo(
    id="brightness", dimension=1, input_size=1, sees="How bright it is.", licence="MIT"
)


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    monkeypatch.setattr(registry, "_families", dict(registry._families))
    registry._load_entry_points.cache_clear()
    yield
    registry._load_entry_points.cache_clear()


class _EntryPoint:
    """As importlib.metadata gives them: `load` imports the module that registers."""

    name = "brightness"
    dist = None

    def __init__(self, load):
        self.load = load


@pytest.fixture
def installed(monkeypatch):
    """Have a package with this entry point installed."""

    def install(load):
        def entry_points(*, group):
            return [_EntryPoint(load)] if group == "explorer.extractors" else []

        monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)

    return install


def test_the_list_is_sorted_and_complete_without_any_model():
    ids = [info.id for info in extractors.available()]
    assert ids == sorted(ids)
    assert {"color-histogram", "efficientnet-lite0"} <= set(ids)


def test_an_unknown_id_names_the_nearest_ones():
    with pytest.raises(ExtractorError, match=r"'eficientnet-lite0'.*efficientnet-lite0"):
        extractors.get("eficientnet-lite0")


def test_an_id_like_no_other_lists_what_there_is():
    with pytest.raises(ExtractorError, match="color-histogram"):
        extractors.get("zzz")


def test_the_same_id_twice_is_refused():
    extractors.register(INFO)(object)
    with pytest.raises(ExtractorError, match="brightness"):
        extractors.register(INFO)(object)


def test_a_package_adds_an_extractor_by_its_entry_point(installed):
    made = object()
    options = {}

    def load():
        @extractors.register(INFO)
        def factory(**given):
            options.update(given)
            return made

    installed(load)
    assert INFO in extractors.available()
    assert extractors.get("brightness", precision="fp32") is made
    assert options == {"device": "auto", "precision": "fp32"}


def test_a_broken_package_takes_only_itself_away(installed):
    def load():
        raise ImportError("no module named numpyy")

    installed(load)
    with pytest.warns(UserWarning, match="brightness.*numpyy"):
        ids = [info.id for info in extractors.available()]
    assert "efficientnet-lite0" in ids
