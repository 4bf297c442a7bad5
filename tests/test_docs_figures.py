"""The figures in docs/benchmarks.md: of benchmarks/results/."""

import json
from pathlib import Path
from typing import Any

from benchmarks import soak
from benchmarks.app import BARS
from benchmarks.first_minute import RATIOS, compared, rows

ROOT = Path(__file__).parents[1]
DOC = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")


def results(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text())


def told(head: str, page: str = DOC) -> list[list[str]]:
    """The rows of the table whose first line is `head`, cell by cell, without bold."""
    lines = page.partition(f"{head}\n")[2].splitlines()
    rows = []
    for line in lines[1:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("*") for cell in line.strip("|").split("|")])
    assert rows, f"There is no table with the head {head}"
    return rows


def test_the_first_minute():
    found = results("first_minute")
    assert told("| what | before | after | bar |") == compared(found)
    # What is a ratio of one run holds wherever it was measured.
    ratios = rows(found["after"])
    assert all(ratios[what][0] <= bar for what, bar in RATIOS.items())


def test_embedding():
    names = {
        "photos-640x480": "JPEG 640 × 480",
        "photos-12mp": "JPEG 12 megapixels",
        "png-640x480": "PNG 640 × 480",
    }
    measured = []
    for corpus, result in results("embed")["corpora"].items():
        for precision in ("bf16", "fp32"):
            each = result[precision]
            measured.append(
                [
                    names[corpus],
                    precision,
                    f"{result['images_per_second'][precision]:.0f}",
                    f"{each['times_plain']:.1f}",
                    f"{each['of_combined_limit']:.2f}",
                    f"{each['recall_at_10']:.3f}",
                    f"{each['accuracy']:.3f} ({each['accuracy_of_reference']:.3f})",
                ]
            )
    head = (
        "| images | precision | images/s | × plain | of the limit | recall@10 "
        "| 1-NN accuracy (plain) |"
    )
    assert told(head) == measured
    bars = {"bf16": (8, 0.95), "fp32": (5, 0.98)}
    jpegs = {name: each for name, each in results("embed")["corpora"].items() if "png" not in name}
    assert f"are {jpegs['photos-640x480']['images']:,}, of which the job takes ten seconds" in DOC
    for name, each in jpegs.items():
        for precision, (times, recall) in bars.items():
            found = each[precision]
            assert found["times_plain"] >= (7 if (name, times) == ("photos-12mp", 8) else times)
            assert found["recall_at_10"] >= recall
            assert found["accuracy"] == found["accuracy_of_reference"]
            assert found["of_combined_limit"] >= 0.95


def test_other_tools():
    assert f"`python -m benchmarks.peers`, {results('peers')['images']:,} JPEGs" in DOC
    rows = told("| tool | version | images/s | Explorer, images/s | × |")
    for row, each in zip(rows, results("peers")["peers"].values(), strict=True):
        ours, peer = each["images_per_second"], each["peer"]
        assert row[3] == f"{ours:.0f}"
        if "failed" in peer:
            assert row[4] == ""
            continue
        ratio = ours / peer["images_per_second"]
        foreign = " ¹" if peer["weights"] == "random" else ""
        assert peer["version"].startswith(row[1])
        assert row[2] == f"{peer['images_per_second']:.0f}{foreign}"
        assert row[4] == (f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}")


def test_sharing_a_forward_pass():
    rows = told(
        "| precision | `efficientnet-lite0` alone | with `style` and three of its layers "
        "| ratio | bar |"
    )
    measured = [
        [
            precision,
            f"{each['content_ms']:.1f} ms",
            f"{each['together_ms']:.1f} ms",
            f"{each['ratio']:.2f}",
        ]
        for precision, each in results("extractors")["sharing"].items()
    ]
    assert [row[:4] for row in rows] == measured
    assert all(float(row[3]) <= float(row[4]) for row in rows)


def test_what_the_extractors_tell_apart():
    measured = []
    for each in results("extractors")["extractors"]:
        judged = [each[name] for name in ("label_accuracy", "knn")]
        figures = [f"{f['value']:.2f} ({f['low']:.2f} to {f['high']:.2f})" for f in judged]
        measured.append([f"`{each['extractor']}`", str(each["dimension"]), *figures])
    assert told("| extractor | dimensions | label accuracy | nearest |") == measured


def bars(found: dict[str, Any]) -> list[list[str]]:
    return [
        [
            each["what"],
            each["case"],
            f"{each['ours']:.3f}",
            f"{each['bar']:.3f}",
            each["beside"],
            "yes" if each["holds"] else "no",
        ]
        for each in found["bars"]
    ]


def test_labels():
    found = results("labels")
    assert told("| what of labels | case | Explorer | bar | beside | holds |") == bars(found)
    assert all(each["holds"] for each in found["bars"])


def test_analysis():
    found = results("analysis")
    assert told("| what | case | Explorer | bar | set by | holds |") == bars(found)
    seconds = [
        [
            name,
            ", ".join(f"{step} {spent:.1f}" for step, spent in steps.items()),
            f"{sum(steps.values()):.1f}",
        ]
        for name, steps in found["seconds"].items()
    ]
    assert told("| seconds | steps | together |") == seconds
    repeatable = {name: _with_the_repeatable_map(found["seconds"], name) for name in bases(found)}
    small = [f"{each:.1f}" for name, each in repeatable.items() if "10000x" in name]
    (large,) = (f"{each:.1f}" for name, each in repeatable.items() if "100000x" in name)
    assert f"{min(small)} to {max(small)} times the plain route at 10,000 images and\n" in DOC
    assert f"{large} times at 100,000" in DOC
    [photos] = (row for row in results("maps")["rows"] if row_of(row) == ("cifar", 10_000, 2))
    [defaults] = (
        each["bar"]
        for each in found["bars"]
        if (each["what"], each["case"]) == ("map: preservation", "cifar10-test 10000x1280")
    )
    kept = photos["umap"]["preservation"]
    assert f"({kept:.3f}, in the table of [maps](#maps), against {defaults:.3f})" in DOC


def test_outliers_that_were_kept_aside():
    found = results("outliers_kept_aside")
    scores = ["score", "isolation", "mean of 15", "LOF", "larger of both", "mahalanobis"]
    rows = [
        [kind, *(f"{each[score]:.2f}" for score in scores)]
        for kind, each in found.items()
        if max(each.values()) >= 0.1
    ]
    means = [sum(each[score] for each in found.values()) / len(found) for score in scores]
    unseen = len(found) - len(rows)
    assert f"but not of its mean, are {unseen} kinds that no\nscore finds (all below 0.1)" in DOC
    rows.append([f"mean of all {len(found)}", *(f"{mean:.2f}" for mean in means)])
    assert told(f"| average precision | {' | '.join(scores)} |") == rows


def row_of(row: dict[str, Any]) -> tuple[str, int, int]:
    return row["case"], row["images"], row["dimensions"]


def test_maps():
    def beside(row: dict[str, Any], name: str, form: str) -> str:
        return f"{row['ours'][name]:{form}} ({row['umap'][name]:{form}})"

    found = results("maps")["rows"]
    measured = [
        [
            f"{row['case']}, {row['images']:,}",
            str(row["dimensions"]),
            beside(row, "trustworthiness", ".3f"),
            beside(row, "preservation", ".3f"),
            beside(row, "seconds", ".2f"),
            beside(row, "first", ".1f"),
        ]
        for row in found
    ]
    head = "| vectors | dimensions | trustworthiness | kept | seconds | first |"
    assert told(head) == measured
    for row in found:
        ours, umap = row["ours"], row["umap"]
        assert ours["trustworthiness"] > umap["trustworthiness"] - 0.002
        assert ours["preservation"] > umap["preservation"]
        assert row["images"] < 2000 or ours["seconds"] < umap["seconds"]


def test_the_app():
    measured = {}
    for size, each in results("app")["sizes"].items():
        for name, figure in each["explorer"].items():
            bar = BARS.get(name, {}).get(int(size), "")
            beside = each["st.plotly_chart"].get(name)
            measured[name, f"{int(size):,}"] = [figure["median"], figure.get("p95"), bar, beside]
    rows = told("| what | images | Explorer, median | p95 | bar | st.plotly_chart |")
    assert {(row[0], row[1]) for row in rows} == set(measured)
    for name, size, median, p95, bar, beside in rows:
        seen = measured[name, size]
        assert round(seen[0], _digits(median)) == float(median)
        assert (p95 == "") == (seen[1] is None)
        assert p95 == "" or round(seen[1], _digits(p95)) == float(p95)
        assert bar == f"{seen[2]}"
        assert bar == "" or seen[0] <= seen[2], "every median is within its bar"
        assert bar == "" or name != "click to neighbours" or seen[1] <= seen[2], "and that p95"
        assert (beside == "") == (seen[3] is None)
        assert beside == "" or round(seen[3]["median"], _digits(beside)) == float(beside)


def test_choosing():
    found = results("choosing")
    measured = [
        [
            name,
            f"{each['seconds']:.1f}",
            f"{found['plain_seconds'] / each['seconds']:.1f}",
            f"{each['coverage']['mean']:.3f} ({each['coverage']['random_mean']:.3f})",
            f"{each['coverage']['worst']:.3f} ({each['coverage']['random_worst']:.3f})",
        ]
        for name, each in found["ways"].items()
    ]
    rows = told("| way | seconds | × plain | mean (random) | worst (random) |")
    assert [[row[0].split(",")[0], *row[1:]] for row in rows] == measured
    assert f"each image chosen; it takes {found['plain_seconds']:.0f} s." in DOC
    assert f"The bar for k-centre is {found['most_seconds']:.0f} s." in DOC
    assert found["ways"]["k-centre"]["seconds"] <= found["most_seconds"]


def bases(found: dict[str, Any]) -> list[str]:
    return [name.removeprefix("plain, ") for name in found["seconds"] if name.startswith("plain")]


def _with_the_repeatable_map(seconds: dict[str, Any], name: str) -> float:
    """How many times the plain route ours is with the map that it makes by default."""
    ours = dict(seconds[f"ours, {name}"])
    ours |= seconds[f"ours, the default, repeatable map, {name}"]
    return sum(seconds[f"plain, {name}"].values()) / sum(ours.values())


def _digits(shown: str) -> int:
    return len(shown.partition(".")[2])


def test_what_intervals_hold():
    rows = told(
        "| vectors | measure | accuracy | varies | held (before) | false (before) "
        "| seen at 3 points | bound |"
    )
    found = {(each["sort"], each["measure"]): each for each in results("intervals")["rows"]}
    places = [(row[0], row[1]) for row in rows]
    assert sorted(places) == sorted(found)
    for place, row in zip(places, rows, strict=True):
        each = found[place]
        before = [
            f" ({x:.3f})" if (x := each[f"{name} before"]) is not None else "" for name in HOLD
        ]
        assert row[2] == f"{each['truth']:.2f}"
        assert row[3] == f"{each['varies']:.2f}"
        assert row[4] == f"{each['held']:.3f}{before[0]}"
        assert row[5] == f"{each['false']:.3f}{before[1]}"
        seen = each["seen"] is not None
        assert row[6] == (f"{each['at 3 points']:.2f} ± {each['error']:.2f}" if seen else "")
        assert row[7] == (f"{each['bound']:.2f}" if seen else "")


HOLD = ("held", "false")


def test_what_it_withstood():
    found = results("soak")
    assert told("| part | tried | tests that failed | minutes |") == soak.told(found)
    assert [*found] == [*soak.PARTS]
    assert not any(each["failed"] for each in found.values())
    assert found["events in Chromium"]["events lost in Chromium"] == 0
    assert found["reruns"]["MB grown over the reruns"] < 10
