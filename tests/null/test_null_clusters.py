"""Clusters are found in any data: what is said of them where there are none."""

import numpy as np
import pytest
from nothing import CLOUDS, gaussian

from benchmarks.planted import Mixture, mixture
from explorer.analysis import Clarity, cluster_clarity

REPEATS = {20: 8, 100: 4, 500: 1}


@pytest.mark.parametrize("n", REPEATS)
def test_one_cloud_is_clear_in_at_most_one_of_twenty(n: int) -> None:
    found = [
        cluster_clarity(cloud(n, d, seed))
        for cloud in CLOUDS
        for d in (16, 256)
        for seed in range(REPEATS[n])
    ]
    assert sum(each.clear for each in found) <= max(1, len(found) / 20)
    assert np.median([each.clarity for each in found]) < 0.05


def test_of_a_large_cloud_a_sample_is_looked_at() -> None:
    found = cluster_clarity(gaussian(3000, 64))
    assert not found.clear
    assert found.clarity < 0.05


@pytest.mark.parametrize("groups", [3, 20])
@pytest.mark.parametrize("flat", [False, True])
def test_planted_groups_are_clear(groups: int, flat: bool) -> None:
    plan = Mixture(300, 256, groups=groups, ratio=3, noise=0.1, spread=1.5, flat=flat)
    found = cluster_clarity(mixture(plan)[0])
    assert found.clear
    assert found.clarity > 0.25


def test_too_few_images_and_images_that_are_all_the_same_have_no_clear_clusters() -> None:
    few = cluster_clarity(gaussian(9, 16))
    assert np.isnan(few.clarity)
    assert not few.clear
    assert not cluster_clarity(np.ones((50, 16), np.float32)).clear


def test_clear_is_more_than_chance_varies_and_more_than_a_little() -> None:
    assert Clarity(0.6, 0.4, 0.02).clear
    assert not Clarity(0.6, 0.4, 0.07).clear
    assert not Clarity(0.45, 0.4, 0.001).clear
    assert Clarity(0.7, 0.4, 0.0).clarity == pytest.approx(0.5)
