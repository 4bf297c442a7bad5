"""The page Features: of labels without meaning no dimension is strong, of others the right ones."""

from pathlib import Path

import numpy as np
import pytest
from nothing import Floats, Shape, gaussian, stretched
from streamlit.testing.v1 import AppTest
from support.planted_space import planted_space

from explorer.analysis import standing_out, stands_out_by_chance
from explorer.insight.dimensions import DimensionChoice

PAGES = Path(__file__).parents[2] / "pages"

LEVEL = 0.001


def skewed(n: int, d: int, seed: int = 0) -> Floats:
    """As features are behind a rectifier: most are near zero, and a few far up."""
    return np.exp(1.5 * gaussian(n, d, seed))


def strong(vectors: Floats, chosen: np.ndarray) -> np.ndarray:
    return np.flatnonzero(standing_out(vectors, chosen) > stands_out_by_chance(vectors, chosen))


@pytest.mark.parametrize("cloud", [gaussian, stretched, skewed])
def test_of_labels_at_random_no_dimension_is_strong(cloud) -> None:
    told = labels = 0
    for shape in (Shape(2, 10, 512), Shape(16, 3, 256), Shape(40, 4, 32), Shape(9, 20, 16, 20)):
        codes = shape.labels()
        vectors = cloud(len(codes), shape.dimensions)
        for code in np.unique(codes):
            told += bool(len(strong(vectors, codes == code)))
            labels += 1
    assert told <= max(1, 5 * LEVEL * labels)


@pytest.mark.parametrize("cloud", [gaussian, stretched, skewed])
@pytest.mark.parametrize(("images", "by"), [(8, 6), (40, 2.5), (200, 1.2)])
def test_the_planted_dimensions_are_strong_and_no_other_is(cloud, images: int, by: float) -> None:
    vectors = cloud(600, 256, seed=1)
    chosen = np.random.default_rng(2).permutation(600) < images
    planted = [3, 90, 200]
    vectors[np.ix_(chosen, planted)] += by * vectors[:, planted].std(axis=0)
    assert strong(vectors, chosen).tolist() == planted


@pytest.mark.parametrize("chosen", [np.zeros(6, bool), np.ones(6, bool), np.arange(6) < 1])
def test_of_no_image_of_all_and_of_one_of_six_none_is_strong(chosen) -> None:
    assert len(strong(gaussian(6, 64), chosen)) == 0


# --- where people meet it


def opened(root: Path, monkeypatch: pytest.MonkeyPatch, *, planted: bool) -> AppTest:
    """The page of 120 images of four labels, when the dimensions of the second are asked for."""
    labels = np.repeat(["ant", "bee", "cat", "dog"], 30)
    vectors = gaussian(120, 64) + 3
    if planted:
        vectors[labels == "bee", 17] += 4
    space = planted_space(root / "set", vectors, images={"label": labels.tolist()})
    monkeypatch.setenv("EXPLORER_CACHE", str(space.root.parents[2]))
    tested = AppTest.from_file(PAGES / "features.py", default_timeout=60).run()
    ways = next(each for each in tested.selectbox if each.label == "Dimensions")
    tested = ways.set_value(DimensionChoice("label", "bee")).run()
    assert not tested.exception
    return tested


def said(tested: AppTest) -> str:
    return " ".join(each.proto.body for each in tested.get("html"))


def offered(tested: AppTest) -> list[str]:
    pills = [each for each in tested.get("button_group") if each.label == "The first of them"]
    return [name for each in pills for name in each.options]


def test_the_page_offers_none_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tested = opened(tmp_path, monkeypatch, planted=False)
    assert "No dimension is stronger in “bee” than one of them is by chance." in said(tested)
    assert "None has more of it than can be chance." in said(tested)
    assert offered(tested) == []


def test_the_page_offers_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tested = opened(tmp_path, monkeypatch, planted=True)
    assert "by chance" not in said(tested)
    assert offered(tested) == ["channel 17"]
    assert "bee 7." in said(tested)
    assert "ant" not in said(tested)
