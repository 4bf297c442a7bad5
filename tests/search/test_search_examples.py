"""Asking by several examples, for and against, and only for what is acceptable."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes import analyzed, fill

from explorer.errors import UsageError
from explorer.search import Examples, by_examples
from explorer.store import Space

N = 12
ANY = st.lists(st.integers(0, N - 1), max_size=3, unique=True)


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> Space:
    folder = tmp_path_factory.mktemp("examples")
    return analyzed(
        fill(folder / "photos", {f"{i:02d}.jpg": i for i in range(N)}), folder / "cache"
    ).space()


@given(like=ANY, unlike=ANY, new=st.booleans(), k=st.integers(1, 20), divisor=st.integers(1, 5))
def test_the_nearest_of_those_that_are_accepted(space, like, unlike, new, k, divisor):
    unlike = [each for each in unlike if each not in like]
    unit = space.embeddings() / np.linalg.norm(space.embeddings(), axis=1, keepdims=True)
    outside = [unit[3] + unit[8]] if new else []
    if not (like or new):
        with pytest.raises(UsageError, match="Nothing to search for"):
            by_examples(space, Examples(like, unlike, outside), k)
        return
    query = np.mean([*unit[like], *(each / np.linalg.norm(each) for each in outside)], axis=0)
    if unlike:
        query = query - 0.5 * unit[unlike].mean(axis=0)
    order = np.argsort(-(unit @ query), kind="stable")
    expected = [i for i in order if i not in [*like, *unlike] and i % divisor == 0][:k]
    ids, similarities = by_examples(
        space, Examples(like, unlike, outside), k, accept=lambda ids: ids % divisor == 0
    )
    assert ids.tolist() == expected
    assert (np.diff(similarities) <= 1e-6).all()
