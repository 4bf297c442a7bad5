"""The Overview of images in which there is nothing to find."""

from pathlib import Path

import numpy as np
import pytest
from nothing import CLOUDS, beside, gaussian, random_hashes, stretched
from support.planted_space import planted_space

from explorer.analysis import FAULTS, KINDS, Inputs, find_analysis, neighbor_graph
from explorer.insight.findings import findings
from explorer.insight.summary import quality
from explorer.store import Space

ANALYSES = (
    "clusters",
    "outliers",
    "global_views",
    "odd_for_label",
    "cluster_clarity",
    "picture_faults",
    "duplicates",
    "label_trouble",
    "split_check",
)
LABELS = np.array(["ant", "bee", "cat", "dog"])

NOT_TOLD = "The labels cannot be told from the images"
NEAREST = "The nearest image's label"  # which claims nothing


def analyzed(root: Path, vectors: np.ndarray, *, seed: int = 0) -> Space:
    """A space as an analysis leaves it: random splits and labels, ordinary sizes."""
    n = len(vectors)
    random = np.random.default_rng(seed)
    splits = (random.random(n) < 0.2).astype(np.int64)
    labels = random.permutation(np.arange(n) % len(LABELS))
    shapes = np.array([(1, 1), (4, 3), (3, 4), (3, 2), (2, 3), (16, 9)])
    sides = shapes / np.sqrt(shapes.prod(axis=1, keepdims=True))
    scale = 600 * random.lognormal(sigma=0.2, size=(n, 1))
    sizes = np.round(scale * random.choice(sides, n)).astype(np.int64)
    pictures = {
        "picture_hash": np.array(random_hashes(n), object),
        "brightness": random.uniform(0.3, 0.7, n),
        "contrast": random.uniform(0.1, 0.3, n),
        "highlights": random.uniform(0.7, 1.0, n),
        "shadows": random.uniform(0.0, 0.2, n),
        "information": random.uniform(5, 8, n),
        "sharpness": random.uniform(0.6, 0.9, n),
    }
    inputs = Inputs(
        neighbor_graph(vectors),
        lambda: vectors,
        labels=labels,
        splits=splits,
        content=np.arange(n),
        sizes=sizes,
        columns=pictures,
    )
    columns, figures = {}, {}
    for name in ANALYSES:
        analysis = find_analysis(name)
        result = analysis.run(inputs, analysis.settings)
        columns |= result.columns
        figures |= result.figures
    fault = columns["picture_fault"]
    columns["picture_fault"] = np.array([*FAULTS, None], object)[fault]
    kind = columns["duplicate_kind"]
    columns["duplicate_kind"] = np.array([*KINDS, None], object)[kind]
    columns["label_suggested"] = LABELS[columns["label_suggested"]].astype(object)
    return planted_space(
        root,
        vectors,
        images={
            "label": LABELS[labels].tolist(),
            "split": np.array(["train", "val"])[splits].tolist(),
            "width": sizes[:, 0].tolist(),
            "height": sizes[:, 1].tolist(),
        },
        columns=columns,
        parameters={"outlier": 2.0},
        figures=figures,
    )


@pytest.mark.parametrize(("n", "clouds"), [(20, 60), (60, 40), (128, 32), (600, 8)])
def test_of_one_cloud_hardly_anything_is_worth_looking_at(
    tmp_path: Path, n: int, clouds: int
) -> None:
    """All findings together speak in at most one of twenty, within two errors of such a share."""
    said = [
        {finding.kind for finding in findings(analyzed(tmp_path / str(seed), vectors, seed=seed))}
        for seed, vectors in enumerate(CLOUDS[seed % 4](n, 64, seed) for seed in range(clouds))
    ]
    most = clouds / 20 + 2 * np.sqrt(clouds * 0.05 * 0.95)
    assert sum(map(bool, said)) <= most, said


def test_a_large_cloud_has_no_clear_clusters_and_nothing_to_look_at(tmp_path: Path) -> None:
    assert findings(analyzed(tmp_path / "stretched", stretched(3000, 64))) == []
    space = analyzed(tmp_path / "large", gaussian(3000, 32))
    assert space.figures.of("clusters") > 10
    assert findings(space) == []
    assert [each.title for each in quality(space)] == [
        NOT_TOLD,
        NEAREST,
        "Clusters no clearer than chance",
    ]


def test_what_is_there_is_told(tmp_path: Path) -> None:
    """Groups of unlike size and one image that is like nothing."""
    odd = beside(1, 64)[1][:1]
    groups = [np.roll(beside(40 * size, 64, size)[0], size, axis=1) for size in range(1, 6)]
    space = analyzed(tmp_path / "more", np.concatenate([*groups, odd]))
    assert {"oddest", "smallest_cluster"} <= {each.kind for each in findings(space)}
    assert [each.title for each in quality(space)] == [
        NOT_TOLD,
        NEAREST,
        "Clusters much clearer than chance",
    ]
