"""The figures in docs/analysis.md and docs/compare.md: of benchmarks/results/, or found anew."""

import re

import numpy as np
import pytest
from PIL import Image
from test_docs_figures import ROOT, results, told

from explorer import extractors
from explorer.analysis import HeldOut, label_accuracy, version_threshold
from explorer.store import open_dataset

SAMPLES = ROOT / "sample_data"
ANALYSES = (ROOT / "docs" / "analysis.md").read_text("utf-8")
COMPARE = (ROOT / "docs" / "compare.md").read_text("utf-8")
CIFAR = (
    "| extractor | label accuracy, % | nearest neighbour, % | dimensions | intrinsic | hubness |"
)


def test_the_same_of_the_sample_photos_in_compare():
    """In per cent, and how wide the intervals of the three best are."""
    measured, widths = [], []
    for each in results("extractors")["extractors"]:
        judged = [each[name] for name in ("label_accuracy", "knn")]
        cells = [[100 * f[name] for name in ("value", "low", "high")] for f in judged]
        shown = [f"{value:.1f} ({low:.1f} to {high:.1f})" for value, low, high in cells]
        measured.append([f"`{each['extractor']}`", *shown])
        if each["extractor"].startswith("efficientnet-lite"):
            widths += [high - low for _, low, high in cells]
    head = "| extractor | label accuracy, % | nearest neighbour, % |"
    assert told(head, COMPARE) == measured
    assert f"{min(widths):.0f} to {max(widths):.0f} points wide" in COMPARE


def test_intervals_of_cifar_in_compare_are_the_product_s():
    """Of 2,000 labels, as far as the accuracy in the table says how many were right."""
    for row in told(CIFAR, COMPARE):
        value, low, high = (float(number) for number in re.findall(r"[\d.]+", row[1]))
        labels = np.arange(2000) % 10
        suggested = np.where(np.arange(2000) < round(20 * value), labels, -1).astype(np.int32)
        judged = np.ones(2000, bool)
        answers = HeldOut(np.zeros((2000, 10), np.float32), suggested, judged, judged[None])
        found = label_accuracy(answers, labels)
        assert [100 * found.low, 100 * found.high] == pytest.approx([low, high], abs=0.11), row[0]


def test_the_spaces_of_cifar_in_compare():
    found = results("spaces")
    assert found["images"] == 2000
    measured = []
    for name, each in found["spaces"].items():
        judged = [each[name] for name in ("label_accuracy", "nearest")]
        cells = [[f"{f[key]:.1%}"[:-1] for key in ("value", "low", "high")] for f in judged]
        shown = [f"{value} ({low} to {high})" for value, low, high in cells]
        rest = [each["intrinsic_dimension"], each["hubness"]]
        figures = ["–" if figure is None else f"{figure:.1f}" for figure in rest]
        measured.append([f"`{name}`", *shown, str(each["dimension"]), *figures])
    assert told(CIFAR, COMPARE) == measured
    best = [name for name in found["spaces"] if name.startswith("efficientnet-lite")]
    assert "can't tell the three EfficientNets apart, which are better than all others" in COMPARE
    for said in found["verdicts"].values():
        untold, _, worse = said.partition(" is better than ")
        assert all(name in untold for name in best)
        assert all(name in worse for name in found["spaces"] if name not in best)
    by = [f"{100 * found['deviates'][measure]:.1f}" for measure in ("label_accuracy", "nearest")]
    text = " ".join(COMPARE.split())
    assert f"up to {by[0]} points of label accuracy and {by[1]} of the nearest" in text
    faces = found["spaces"]["faces"]["label_accuracy"]
    assert faces["low"] < 1 / found["labels"] < faces["high"]


def test_what_can_be_seen_with_300_labels_in_compare():
    found = results("intervals")
    text = " ".join(COMPARE.split())
    rows = [each for each in found["rows"] if each["seen"] is not None]
    assert f"sets of {found['images']} images drawn {found['draws']} times from twelve" in text
    assert len(rows) == 2 * 12

    def seen(measure: str, *, above: float) -> tuple[dict, list[float], list[float]]:
        """Of two classes in three dimensions; where the accuracy is above that; of the others."""
        of_it = {each["sort"]: each for each in rows if each["measure"] == measure}
        two = of_it.pop("2 classes, 3 dimensions")
        near, others = [
            [x["at 3 points"] for x in of_it.values() if (x["truth"] > above) == is_near]
            for is_near in (True, False)
        ]
        return two, near, others

    two, near, others = seen("label accuracy", above=0.97)
    assert "a third to two thirds of such comparisons say which is better by label acc" in text
    assert 0.33 <= min(others) < 0.4 < 0.6 < max(others) <= 0.67
    assert "nearly all where it is near 1, and one in four with two classes" in text
    assert min(near) > 0.95
    assert two["at 3 points"] == pytest.approx(0.25, abs=0.03)
    known = f"would see it in {100 * two['bound']:.0f} of 100 cases by label accuracy"
    two, near, others = seen("nearest neighbour", above=0.9)
    assert "a quarter to three fifths, four fifths and more where it is above 0.9, and one" in text
    assert 0.25 <= min(others) < 0.3 < 0.5 < max(others) <= 0.6
    assert min(near) > 0.8
    assert two["at 3 points"] == pytest.approx(0.2, abs=0.03)
    assert f"{known}, and in {100 * two['bound']:.0f} by the nearest neighbour" in text


def test_outliers_that_were_kept_aside_in_the_page_on_analyses():
    found = results("outliers_kept_aside")
    names = ("score", "isolation", "LOF", "larger of both")
    means = [f"{np.mean([each[name] for each in found.values()]):.2f}" for name in names]
    tails = [f"{found['far directions, heavy tails'][name]:.2f}" for name in names[:2]]
    text = " ".join(ANALYSES.split())
    assert f"On {len(found)} kinds that were looked at only afterwards" in text
    assert means[1] == means[2]
    assert f"its mean is {means[0]}; isolation and sparsity have {means[1]}" in text
    assert f"the larger of both {means[3]}" in text
    assert f"groups with heavy tails ({tails[0]} where isolation has {tails[1]})" in text
    assert "that were turned, reversed in colour or averaged no score finds" in text
    for kind in ("turned by a quarter", "reversed in colour", "averages of two images"):
        of_it = [each for name, each in found.items() if name.startswith(kind)]
        assert of_it
        assert max(max(each.values()) for each in of_it) < 0.1


def test_outliers_of_the_kinds_that_the_score_was_chosen_by():
    found = results("outliers")
    text = " ".join(ANALYSES.split())

    def of(kind: str, *scores: str) -> list[str]:
        return [f"{found[kind][score]:.2f}" for score in scores]

    names = ("score", "LOF", "larger of both", "isolation")
    means = [f"{np.mean([each[name] for each in found.values()]):.2f}" for name in names]
    assert means[1] == means[2]
    assert f"On {len(found)} kinds of planted images" in text
    assert f"mean average precision is {means[0]} for the score, {means[1]} for sparsity" in text
    assert f"for the larger of both, {means[3]} for isolation" in text
    one, two, three = of("photos, 75 classes, straying 0.3", "isolation", "score", "LOF")
    assert f"({one} where the score has {two} and sparsity {three})" in text
    one, two, three = of(
        "one of another class, 75 classes, straying 0.3", "isolation", "score", "LOF"
    )
    assert f"({one} where the score has {two} and sparsity {three})" in text
    [other] = of("another class among one", "score")
    assert f"another class among images as varied as it is ({other})" in text


def test_the_global_views_of_the_same():
    found = results("outliers")
    text = " ".join(ANALYSES.split())
    views = ("centre", "mahalanobis", "residual")
    among_one, straying, mixed = (
        [f"{found[kind][view]:.2f}" for view in views]
        for kind in (
            "photos among one class",
            "photos, 75 classes, straying 0.5",
            "features of two images",
        )
    )
    assert among_one[0] == among_one[1]
    assert f"precision of {among_one[0]} and the residual {among_one[2]}" in text
    assert f"stray most it is {straying[0]}, {straying[1]} and {straying[2]}" in text
    most = max(
        found["photos, 75 classes, straying 0.5"][each] for each in ("score", "isolation", "LOF")
    )
    assert f"where the views above have at most {most:.2f}" in text
    assert f"features of two others {mixed[0]}, {mixed[1]} and {mixed[2]}" in text


def test_clusters_and_maps_in_the_page_on_analyses():
    text = " ".join(ANALYSES.split())
    bars = {(each["what"], each["case"]): each for each in results("analysis")["bars"]}
    photos = bars["clusters: mutual information", "cifar10-test 10000x1280"]
    assert f"(mutual information {photos['ours']:.2f}; k-means {photos['bar']:.2f})" in text
    rand = [each for (what, _), each in bars.items() if what == "clusters: Rand index"]
    assert len(rand) > 2
    assert "(adjusted Rand index 0.95 and more" in text
    assert min(each["ours"] for each in rand) >= 0.95
    found = {
        (row["case"], row["images"], row["dimensions"]): row for row in results("maps")["rows"]
    }
    kept = found["cifar", 10_000, 2]["ours"]["preservation"]
    assert f"{kept:.2f} for the 10,000 photos of CIFAR-10" in text
    of_nothing = [row["ours"]["trustworthiness"] for key, row in found.items() if "nothing" in key]
    assert "a map of vectors without structure has 0.6 to 0.75" in text
    assert min(of_nothing) > 0.6
    assert max(of_nothing) < 0.75


def test_the_sample_photos_in_the_page_on_analyses(sample_cache):
    space = open_dataset("sample_data", cache=sample_cache).space()
    text = " ".join(ANALYSES.split())
    clarity = space.figures.of("cluster_clarity")
    [told_clarity] = re.findall(r"the sample photos (0\.\d\d)\.", text)
    assert float(told_clarity) == pytest.approx(clarity, abs=0.015)  # last digit: the arithmetic
    assert "test images one does, of the sample photos none." in text
    assert space.figures.of("outliers") == 0
    assert "of the sample photos all but one are above" in text
    assert np.count_nonzero(space.column("sharpness") < 0.5) == 1
    assert "for the sample photos at 0.9, by a histogram of colours at 0.996" in text
    assert space.figures.of("duplicate_threshold") == 0.9
    colored = extractors.get("color-histogram")
    photos = [Image.open(path).convert("RGB") for path in sorted(SAMPLES.glob("*/*.jpg"))]
    seen = colored.extract(np.stack([colored.prepare(photo) for photo in photos]))
    assert version_threshold(seen) == pytest.approx(0.996, abs=0.0006)
