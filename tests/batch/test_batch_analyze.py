"""The analysis run computes what is stale, and that only. Under ten images there is no UMAP."""

import shutil
import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jobs import paths
from support.fakes import embed, fill

from explorer import batch
from explorer.analysis import ANALYSES
from explorer.errors import UsageError
from explorer.store import open_dataset, problems

GIVEN = {"graph", "vectors", "labels", "content", "sizes", "pictures"}


def dependents(*changed: str) -> list[str]:
    """The analyses that need, step by step, something that has changed. There are no splits."""
    stale, able = set(changed), set(GIVEN)
    for analysis in ANALYSES:
        if able.issuperset(analysis.needs):
            able.add(analysis.name)
            if analysis.name in changed or stale & {*analysis.needs, *analysis.uses}:
                stale.add(analysis.name)
    return [analysis.name for analysis in ANALYSES if analysis.name in stale & able]


EVERYTHING = dependents("graph", "vectors", "pictures")


@pytest.fixture
def source(tmp_path):
    return fill(tmp_path / "photos", {f"{'ab'[i % 2]}/{i:02d}.jpg": i for i in range(9)})


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def analyze(source, cache):
    """Embed what is new, analyse, and check that it fits together."""

    def go(*changes: str, space: str | None = None) -> batch.AnalysisReport:
        embed(source, cache)
        report = batch.analyze(open_dataset(cache=cache), changes=changes, space=space)
        assert list(problems(cache / "photos")) == []
        assert not open_dataset(cache=cache).space(space).is_stale
        return report

    return go


def space(cache):
    return open_dataset(cache=cache).space()


def brute_force(vectors: np.ndarray) -> np.ndarray:
    """All cosines, one's own the lowest."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similarities = unit @ unit.T
    np.fill_diagonal(similarities, -2)
    return similarities


def test_the_first_run_computes_everything_and_the_second_nothing(analyze, cache):
    assert analyze().computed == ["graph", *EVERYTHING]
    before = {path: path.stat().st_mtime_ns for path in space(cache).root.rglob("*.*")}
    report = analyze()
    assert (report.computed, report.kept) == ([], ["graph", *EVERYTHING])
    assert {path: path.stat().st_mtime_ns for path in space(cache).root.rglob("*.*")} == before


def test_the_stored_graph_is_that_of_brute_force(analyze, cache):
    analyze()
    graph = space(cache).graph()
    similarities = brute_force(space(cache).embeddings())
    expected = np.sort(similarities, axis=1)[:, :0:-1]
    np.testing.assert_allclose(graph.similarities, expected, atol=1e-5)
    rows = np.searchsorted(graph.image_ids, graph.neighbor_ids)
    found = np.take_along_axis(similarities, rows, axis=1)
    np.testing.assert_allclose(graph.similarities, found, atol=1e-5)


def test_columns_have_one_finite_value_per_image(analyze, cache):
    analyze()
    table = space(cache).table()
    assert len(table) == 9
    for name in ("map_x", "map_y", "outlier_score", "nearest_similarity", "label_trouble"):
        assert np.isfinite(table[name].to_numpy()).all(), name
    assert set(table["label_suggested"].to_pylist()) <= {"a", "b"}
    accuracy = space(cache).figures.of("knn_accuracy")
    labels = np.array(table["label"].to_pylist())
    nearest = brute_force(space(cache).embeddings()).argmax(axis=1)
    assert accuracy == pytest.approx((labels[nearest] == labels).mean())


@pytest.mark.parametrize(
    "change",
    [
        "map.min_dist=0.5",
        "clusters.resolution=2",
        "duplicates.threshold=0.77",
        "outliers.nearest=4",
    ],
)
def test_a_setting_recomputes_what_depends_on_it_and_stays(analyze, cache, change):
    analysis, _, rest = change.partition(".")
    setting, _, value = rest.partition("=")
    analyze()
    assert analyze(change).computed == dependents(analysis)
    assert analyze().computed == []
    assert analyze(change).computed == []
    column = next(
        name
        for name in space(cache).column_names
        if space(cache).column_meta(name).analysis == analysis
    )
    assert space(cache).made_by(column).parameters[setting] == float(value)


@pytest.mark.parametrize(
    "change",
    [
        "",
        "map",
        "map=3",
        "map.n_neighbors",
        "map.nope=3",
        "nope.a=3",
        "map.n_neighbors=many",
        "map.n_neighbors=1",
        "map.dimensions=9",
        "map.repeatable=true",
    ],
)
def test_a_setting_that_makes_no_sense_is_a_sentence_and_changes_nothing(analyze, cache, change):
    analyze()
    before = space(cache).columns_path.read_bytes()
    with pytest.raises(UsageError, match=r"\.$"):
        analyze(change)
    assert space(cache).columns_path.read_bytes() == before
    assert analyze().computed == []


def test_a_run_that_is_asked_to_stop_leaves_the_columns_as_they_were(analyze, cache, source):
    analyze()
    before = space(cache).columns_path.read_bytes()
    (source / "b/01.jpg").unlink()
    stop = threading.Event()

    def on_progress(progress):
        if progress.stage == ANALYSES[2].title:
            stop.set()

    settings = batch.EmbedSettings(extractors=("fake",))
    arguments = {"cache": cache, "settings": settings, "on_progress": on_progress, "stop": stop}
    report = batch.embed(source, **arguments)
    assert report.interrupted
    assert report.removed == 1
    assert space(cache).columns_path.read_bytes() == before
    report = analyze()
    assert (report.kept, report.computed) == (["graph"], EVERYTHING)
    assert "b/01.jpg" not in space(cache).table()["path"].to_pylist()


def test_new_labels_recompute_what_looks_at_labels(analyze, cache, source):
    analyze()
    (source / "a/00.jpg").rename(source / "b/00.jpg")
    report = analyze()
    assert report.computed == dependents("labels")
    assert "label_trouble" in report.computed
    assert "map" not in report.computed
    row = space(cache).row(paths(open_dataset(cache=cache))["b/00.jpg"])
    assert space(cache).column("label")[row] == "b"


def test_without_labels_there_is_no_label_trouble(tmp_path, cache):
    fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(5)})
    embed(tmp_path / "photos", cache)
    report = batch.analyze(open_dataset(cache=cache))
    assert "label_trouble" not in report.computed
    assert "label_trouble" not in space(cache).column_names


def test_new_and_gone_images_make_it_stale_until_it_is_run(analyze, cache, source):
    analyze()
    fill(source, {"a/new.jpg": 50})
    (source / "b/01.jpg").unlink()
    embed(source, cache)
    assert space(cache).is_stale
    assert analyze().computed == ["graph", *EVERYTHING]
    assert space(cache).graph().image_ids.tolist() == space(cache).image_ids.tolist()


@pytest.mark.parametrize("spoil", ["empty", "half", "garbage", "gone"])
@pytest.mark.parametrize("name", ["neighbors.parquet", "index.faiss", "columns.parquet"])
def test_what_is_damaged_is_made_again(analyze, cache, name, spoil):
    analyze()
    expected = space(cache).table().to_pylist()
    path = space(cache).root / name
    whole = path.read_bytes()
    path.write_bytes({"half": whole[: len(whole) // 2], "garbage": b"?" * 99}.get(spoil, b""))
    if spoil == "gone":
        path.unlink()
    assert analyze().computed
    assert path.read_bytes() == whole
    assert space(cache).table().to_pylist() == expected


def test_spaces_are_analysed_one_by_one(source, cache, analyze):
    embed(source, cache, extractors=("fake", "fake-2"))
    assert analyze(space="fake-2").space == "fake-2"
    assert not (cache / "photos/spaces/fake/neighbors.parquet").exists()
    with pytest.raises(UsageError, match="has no space 'style'"):
        analyze(space="style")


def test_a_real_map_is_the_same_every_time(tmp_path):
    source = fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(14)})
    maps = []
    for cache in (tmp_path / "one", tmp_path / "two"):
        embed(source, cache)
        report = batch.analyze(open_dataset(cache=cache))
        maps.append(np.stack([space(cache).column("map_x"), space(cache).column("map_y")]))
    np.testing.assert_array_equal(maps[0], maps[1])
    assert 0.5 < report.figures["map_quality"]["map_trustworthiness"] <= 1
    report = batch.analyze(open_dataset(cache=cache), changes=["map.n_neighbors=5"])
    assert report.computed == dependents("map")


numbers = st.sets(st.integers(0, 40), min_size=1, max_size=5)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=numbers, added=numbers)
def test_adding_and_then_removing_images_leaves_the_same_neighbours(tmp_path, kept, added):
    for each in tmp_path.iterdir():
        shutil.rmtree(each)
    source = fill(tmp_path / "photos", {f"{i}.jpg": i for i in kept})
    cache = tmp_path / "cache"

    def run() -> dict:
        embed(source, cache)
        batch.analyze(open_dataset(cache=cache))
        dataset = open_dataset(cache=cache)
        names = {number: name for name, number in paths(dataset).items()}
        graph = dataset.space().graph()
        return {
            names[i]: [(names[j], s) for j, s in zip(ids, values, strict=True)]
            for i, ids, values in zip(
                graph.image_ids.tolist(),
                graph.neighbor_ids.tolist(),
                graph.similarities.tolist(),
                strict=True,
            )
        }

    before = run()
    fill(source, {f"new-{i}.jpg": i for i in added})
    assert len(run()) == len(kept) + len(added)
    for i in added:
        (source / f"new-{i}.jpg").unlink()
    assert run() == before


def brightness(dataset) -> dict[str, float]:
    names = dataset.table(["path"])["path"].to_pylist()
    return dict(zip(names, dataset.space().column("brightness").tolist(), strict=True))


def test_what_is_not_asked_for_is_never_told_of_other_images(tmp_path, cache):
    """Images go and come between two runs: a column that stayed would be about others."""
    source = fill(tmp_path / "photos", {f"{i:02d}.jpg": i for i in range(12)})
    embed(source, cache)
    batch.analyze(open_dataset(cache=cache))
    (source / "03.jpg").unlink()
    fill(source, {"12.jpg": 12, "13.jpg": 13})
    embed(source, cache)
    batch.analyze(open_dataset(cache=cache), only=("main_directions",))
    assert "brightness" not in open_dataset(cache=cache).space().column_names
    batch.analyze(open_dataset(cache=cache))
    again = embed(source, tmp_path / "fresh")
    batch.analyze(open_dataset(again.dataset, cache=tmp_path / "fresh"))
    here, there = (open_dataset(cache=each) for each in (cache, tmp_path / "fresh"))
    assert brightness(here) == brightness(there)
    # What is about the same vectors stays.
    batch.analyze(here, only=("main_directions",))
    assert "brightness" in open_dataset(cache=cache).space().column_names
