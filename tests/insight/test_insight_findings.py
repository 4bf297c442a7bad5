"""What is worth looking at: found in planted columns, worst first, within the filter."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from support.planted_space import directions, planted_space

from explorer.analysis import LabelAccuracy
from explorer.filters import Filter, OneOf, ShorterSide, shown_rows
from explorer.insight.finding import weight
from explorer.insight.findings import findings
from explorer.insight.summary import facts, quality, rejections, size_counts, value_counts
from explorer.store import Space

N = 40


SURE = LabelAccuracy(0.975, 0.85, 0.99, 0.75, N)
TOLD = LabelAccuracy(0.9, 0.77, 0.96, 0.75, N)  # no more than just so
NOT_TOLD = LabelAccuracy(0.7, 0.55, 0.82, 0.75, N)
TOO_FEW = LabelAccuracy(0.8, 0.65, 0.9, 0.75, N)


def planted(
    root: Path,
    *,
    columns: dict | None = None,
    images: dict | None = None,
    accuracy: LabelAccuracy | None = None,
) -> Space:
    """Forty images: thirty cats, nine dogs, one owl; ten of them in the split val."""
    labels = [*["cat"] * 30, *["dog"] * 9, "owl"]
    given = {"label": labels, "split": [*["train"] * 30, *["val"] * 10]} | (images or {})
    return planted_space(
        root / "set",
        directions(np.linspace(0, 90, N).tolist()),
        images=given,
        columns=columns or {},
        parameters={"threshold": 0.9, "outlier": 1.0},
        figures=accuracy.figures() if accuracy else None,
    )


def flags(*rows: int) -> np.ndarray:
    column = np.zeros(N, np.int32)
    column[list(rows)] = 1
    return column


@pytest.fixture
def troubled(tmp_path: Path) -> Space:
    """Something of every kind is wrong with it."""
    return planted(tmp_path, columns=trouble(), accuracy=SURE)


def trouble() -> dict[str, np.ndarray]:
    suggested = np.array([*["cat"] * 30, *["dog"] * 9, "owl"], object)
    suggested[[0, 1, 2]], suggested[[30, 31]], suggested[39] = "dog", "cat", "cat"
    group = np.full(N, -1, np.int32)
    group[[5, 6, 7, 8]], group[[29, 30]] = 0, 1  # the second: a cat and a dog
    fault = np.array([None] * N, object)
    fault[[12, 13]], fault[14] = "blurred", "dark"
    rising = np.linspace(0, 1, N).astype(np.float32)
    return {
        "label_suggested": suggested,
        "label_issue": flags(0, 1),
        "label_trouble": np.isin(np.arange(N), [0, 1, 2, 30]).astype(np.float32) * rising,
        "split_leak": flags(3, 33, 34),
        "split_similarity": rising,
        "uncovered": flags(38),
        "training_similarity": rising,
        "duplicate_group": group,
        "duplicate_surplus": flags(6, 7, 8, 30),
        "duplicate_similarity": rising,
        "picture_fault": fault,
        "sharpness": rising,
        "highlights": rising,
        "outlier_score": rising * 2,
        "isolation": rising,
        "cluster": np.array([0] * 30 + [1] * 7 + [-1] * 3, np.int32),
    }


def by_kind(space: Space, conditions: Filter = ()) -> dict:
    return {each.kind: each for each in findings(space, conditions)}


def test_everything_that_is_wrong_is_found_and_no_more_than_ten(troubled: Space) -> None:
    found = findings(troubled)
    assert len(found) == 10
    assert [each.weight for each in found] == sorted((e.weight for e in found), reverse=True)
    assert found[0].kind == "leaks"


def test_each_says_how_much_and_shows_the_worst_first(troubled: Space) -> None:
    found = by_kind(troubled)
    assert "2 images of val (20.0%)" in found["leaks"].says
    assert found["leaks"].rows.tolist() == [34, 33, 3]
    assert "2 labels (5.0%)" in found["mislabelled"].says
    assert found["mislabelled"].rows.tolist() == [1, 0]
    assert found["confused"].says.startswith("“cat” and “dog”: 5 of their 39 images")
    assert set(found["confused"].rows.tolist()) == {0, 1, 2, 30, 31}
    assert found["largest_group"].rows.tolist() == [5, 6, 7, 8]
    assert found["unlike_labels"].rows.tolist() == [29, 30]
    assert "4 images (10.0%)" in found["surplus"].says
    assert "3 pictures may be spoilt: 2 blurred, 1 dark" in found["faults"].says
    assert found["oddest"].rows[0] == N - 1


def test_a_finding_leads_to_the_images_it_is_about(troubled: Space) -> None:
    found = by_kind(troubled)
    for kind in ("unlike_labels", "largest_group", "mislabelled", "confused"):
        assert set(shown_rows(troubled, found[kind].filter).tolist()) == set(
            found[kind].rows.tolist()
        )


def test_what_only_looks_alike_could_not_go(tmp_path: Path) -> None:
    group = np.where(np.arange(N) < 4, 0, -1).astype(np.int32)
    kind = np.array([None, "same picture", "look-alike", "exact copy", *[None] * (N - 4)], object)
    columns = {
        "duplicate_group": group,
        "duplicate_surplus": flags(1, 2, 3),
        "duplicate_similarity": np.linspace(0, 1, N).astype(np.float32),
    }
    assert "3 images" in by_kind(planted(tmp_path / "a", columns=columns))["surplus"].says
    columns["duplicate_kind"] = kind
    assert "2 images" in by_kind(planted(tmp_path / "b", columns=columns))["surplus"].says


def test_a_space_that_cannot_tell_labels_apart_accuses_none(tmp_path: Path) -> None:
    columns = {"label_trouble": np.ones(N, np.float32), "label_issue": flags(*range(14))}
    assert "mislabelled" not in by_kind(planted(tmp_path, columns=columns, accuracy=SURE))


@pytest.mark.parametrize("accuracy", [TOLD, NOT_TOLD, TOO_FEW, None])
def test_labels_that_cannot_be_told_are_not_doubted(
    tmp_path: Path, accuracy: LabelAccuracy | None
) -> None:
    found = by_kind(planted(tmp_path, columns=trouble(), accuracy=accuracy))
    assert not {"mislabelled", "confused"} & found.keys()
    assert "leaks" in found


def test_findings_keep_to_the_filter(troubled: Space) -> None:
    found = by_kind(troubled, (OneOf("label", ("dog",)),))
    assert "2 images of val" in found["leaks"].says
    assert "unlike_labels" not in found  # of the two only the dog is left
    assert "mislabelled" not in found
    assert "faults" not in found
    for each in found.values():
        assert set(each.rows.tolist()) <= set(range(30, 39))


def clustered(root: Path, **figures: float) -> Space:
    """Thirty, seven and three in no cluster, and how clear that is."""
    return planted_space(
        root,
        directions(np.linspace(0, 90, N).tolist()),
        columns={
            "cluster": np.array([0] * 30 + [1] * 7 + [-1] * 3, np.int32),
            "isolation": np.linspace(0, 1, N).astype(np.float32),
            "outlier_score": np.linspace(0, 1.9, N).astype(np.float32),
        },
        parameters={"outlier": 2.0},
        figures=figures,
    )


CLEAR = {"cluster_modularity": 0.6, "cluster_modularity_by_chance": 0.4, "cluster_clarity": 1 / 3}


def test_clusters_are_a_finding_only_where_they_are_clear(tmp_path: Path) -> None:
    clear = clustered(tmp_path / "clear", **CLEAR, clusters_are_clear=1.0)
    assert by_kind(clear).keys() == {"alone", "smallest_cluster"}
    assert quality(clear)[0].title == "Clusters much clearer than chance"
    assert "modularity 0.60 against 0.40" in quality(clear)[0].says
    unclear = clustered(tmp_path / "unclear", **CLEAR | {"clusters_are_clear": 0.0})
    assert findings(unclear) == []
    assert quality(unclear)[0].title == "Clusters no clearer than chance"


def test_clusters_of_before_their_clarity_was_measured_are_no_finding(tmp_path: Path) -> None:
    before = clustered(tmp_path / "before")
    assert findings(before) == []
    assert quality(before) == []


def test_without_any_trouble_there_is_little_to_tell(tmp_path: Path) -> None:
    space = planted(tmp_path, images={"label": [None] * N, "split": [None] * N})
    assert findings(space) == []


def test_harm_counts_more_than_number_and_number_counts() -> None:
    assert weight(1.0, 0.001) > weight(0.25, 0.0)
    assert weight(0.5, 0.3) > weight(0.5, 0.1)
    assert weight(0.5, 7.0) == weight(0.5, 1.0) == 0.5


def test_counts_of_a_column_ignore_what_is_asked_of_itself(troubled: Space) -> None:
    dogs = OneOf("label", ("dog",)), OneOf("split", ("val",))
    counts = value_counts(troubled, "label", dogs)
    assert list(zip(counts.names, counts.counts, counts.asked, strict=True)) == [
        ("dog", 9, True),
        ("owl", 1, False),
    ]
    assert value_counts(troubled, "split", dogs).counts == [9]


def test_sizes_in_groups_that_can_be_asked_for(tmp_path: Path) -> None:
    widths = [*[100] * 10, *[300] * 20, *[5000] * 10]
    space = planted(tmp_path, images={"width": widths, "height": [600] * N})
    found = size_counts(space, ())
    assert found.counts == [10, 0, 20, 10]
    assert found.names == ["64 to 127 px", "128 to 255 px", "256 to 511 px", "512 to 1023 px"]
    for condition, count in zip(found.conditions, found.counts, strict=True):
        assert len(shown_rows(space, (condition,))) == count
    asked = size_counts(space, (found.conditions[0], OneOf("label", ("cat",))))
    assert asked.counts == [10, 0, 20]
    assert asked.asked == [True, False, False]


def test_the_first_and_the_last_group_of_sizes_have_no_end() -> None:
    assert ShorterSide(0, 31).range == "under 32 px"
    assert ShorterSide(8192, 1_000_000).range == "8192 px and up"


def test_facts_are_those_of_what_is_shown(troubled: Space) -> None:
    told = dict(facts(troubled, (OneOf("label", ("dog", "owl")),)))
    assert told == {
        "Images": "10",
        "Labels": "2",
        "Splits": "1",
        "Formats": "1",
        "Typical size": "64 × 48",
        "On disk": "10.0 kB",
    }


def test_quality_tells_only_what_was_measured(tmp_path: Path) -> None:
    assert quality(planted(tmp_path, columns=trouble())) == []


def test_quality_says_whether_the_labels_can_be_told_and_which_are_hardest(tmp_path: Path) -> None:
    [told] = quality(planted(tmp_path / "a", columns=trouble(), accuracy=TOLD))
    assert (told.title, told.figure) == ("The labels are partly separable", "90%")
    assert "(77% to 96%)" in told.says
    assert "the commonest label is 75%" in told.says
    assert told.says.endswith("Hardest: dog 78%, cat 90%.")
    [not_told] = quality(planted(tmp_path / "b", columns=trouble(), accuracy=NOT_TOLD))
    assert not_told.title == "The labels cannot be told from the images"
    assert "Hardest" not in not_told.says
    [too_few] = quality(planted(tmp_path / "c", columns=trouble(), accuracy=TOO_FEW))
    assert too_few.title == "40 labels are too few to say whether they can be told"


def test_rejected_files_by_reason(tmp_path: Path) -> None:
    class Rejecting:
        rejected = pa.table(
            {
                "path": ["b.jpg", "a.jpg", "big.jpg", "bigger.jpg"],
                "reason": [
                    "It is damaged.",
                    "It is damaged.",
                    "It has 2,000 MiB.",
                    "It has 3,000 MiB.",
                ],
            }
        )

    assert rejections(Rejecting()) == [
        ("It has … MiB.", ["big.jpg", "bigger.jpg"]),
        ("It is damaged.", ["a.jpg", "b.jpg"]),
    ]
