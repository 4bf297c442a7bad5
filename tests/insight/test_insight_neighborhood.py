from pathlib import Path

import numpy as np
import pyarrow as pa
from support.planted_space import directions, planted_space

from explorer import store
from explorer.analysis import neighbor_graph
from explorer.curate import NOBODY, row_graph
from explorer.insight.labeling import nearest_votes
from explorer.store import Dataset


def test_the_stored_graph_comes_back_in_rows(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    graph = row_graph(planted_space(tmp_path / "set", vectors))
    truth = neighbor_graph(vectors)
    np.testing.assert_array_equal(graph.neighbors, truth.neighbors)
    np.testing.assert_array_equal(graph.similarities, truth.similarities)


def test_an_image_that_has_left_is_nobodys_neighbour(tmp_path: Path) -> None:
    planted_space(tmp_path / "set", directions([0, 10, 20]))
    with store.write_dataset(tmp_path / "set", source="/somewhere", labels="none") as writer:
        gone = writer.images.slice(1, 1)
        absent = pa.array([False])
        place = gone.schema.get_field_index("present")
        writer.commit(store.Part(images=gone.set_column(place, "present", absent)))
        writer.finish()
    space = Dataset(tmp_path / "set").space()
    graph = row_graph(space)
    assert space.image_ids.tolist() == [100, 102]
    assert sorted(graph.neighbors[0].tolist()) == [0, 1]
    assert (graph.similarities == NOBODY).sum() == 2


def test_votes_are_counted_among_the_nearest_that_have_a_label(tmp_path: Path) -> None:
    graph = row_graph(planted_space(tmp_path / "set", directions([0, 10, 20, 30, 40, 180])))
    codes = np.array([1, -1, 2, 2, 1, 0])
    winners, counts, voters = nearest_votes(graph, np.array([0, 1]), codes, voters=3)
    assert winners.tolist() == [2, 2]
    assert counts.tolist() == [2, 2]
    assert voters.tolist() == [3, 3]
    nobody = nearest_votes(graph, np.array([0]), np.full(6, -1), voters=3)
    assert [each.tolist() for each in nobody] == [[-1], [0], [0]]
