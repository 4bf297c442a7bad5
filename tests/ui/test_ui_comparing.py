"""The matrix of similarities."""

from pathlib import Path

import numpy as np
from support.planted_space import directions, planted_space

from explorer.insight.spaces import similarities
from explorer.serving.registry import serve
from explorer.ui.panels.comparing import similarity_table


def test_similarities_are_cosines() -> None:
    values = similarities(np.array([[3, 0], [0, 2], [1, 1], [0, 0]], np.float32))
    np.testing.assert_allclose(values[0, :3], [1, 0, 0.5**0.5], atol=1e-6)
    assert values[3].tolist() == [0, 0, 0, 0]


def test_the_table_holds_every_pair_and_labels_as_text(tmp_path: Path) -> None:
    evil = '"><script>alert(1)</script>'
    space = planted_space(
        tmp_path / "set", directions([0, 60, 180]), images={"label": [evil, "b", "c"]}
    )
    serve(space.dataset)
    table = similarity_table(space, [0, 1, 2])
    assert "<script>" not in table
    assert table.count(">0.500<") == 2
    assert table.count(">-1.000<") == 2
    assert table.count("<img") == 6
