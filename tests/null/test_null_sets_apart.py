"""What sets a group apart where it differs in nothing."""

import numpy as np
import pytest

from explorer.analysis import sets_apart

LEVEL = 0.001


def columns(n: int, seed: int) -> dict[str, np.ndarray]:
    """Thirty columns of numbers, skewed and tied ones too, and ten of few or many names."""
    random = np.random.default_rng(seed)
    drawn = {
        "even": random.normal(size=(10, n)),
        "skewed": random.lognormal(sigma=2, size=(10, n)),
        "counts": random.poisson(1, size=(10, n)).astype(float),
    }
    found = {f"{kind} {i}": row for kind, rows in drawn.items() for i, row in enumerate(rows)}
    for i, names in enumerate((2, 3, 5, 10, 20, 40, 2, 3, 5, 10)):
        shares = random.dirichlet(np.ones(names))
        found[f"names {i}"] = random.choice(names, n, p=shares).astype(str).astype(object)
    return found


@pytest.mark.parametrize("n", [20, 100, 500, 3000])
def test_random_groups_are_set_apart_by_nothing(n: int) -> None:
    told = groups = 0
    for seed in range(max(2, 1000 // n)):
        given = columns(n, seed)
        codes = np.random.default_rng((seed, n)).integers(0, max(2, min(n // 8, 20)), n)
        for code in np.unique(codes):
            told += bool(sets_apart(given, codes == code))
            groups += 1
    assert told <= max(1, 5 * LEVEL * groups)


def test_what_does_differ_is_told_among_many_columns_that_do_not() -> None:
    given = columns(500, 0)
    inside = np.arange(500) < 60
    given["light"] = np.where(inside, 1.0, 0.0) + np.random.default_rng(1).normal(size=500)
    assert [each.column for each in sets_apart(given, inside)] == ["light"]
