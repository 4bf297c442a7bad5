"""The figures in docs/search.md: of benchmarks/results/concepts.json, and found anew."""

from typing import Any

import numpy as np
import pytest
from test_docs_figures import ROOT, results, told

from benchmarks.concepts import measure
from explorer import extractors
from explorer.extractors import match_classes
from explorer.extractors.class_words import NEAR
from explorer.search.words import LEAST
from explorer.store import open_dataset

SEARCH = (ROOT / "docs" / "search.md").read_text("utf-8")
TEXT = " ".join(SEARCH.split())
HEAD = "| words | right | nearest | matched to |"


def as_found(row: dict[str, Any]) -> list[str]:
    words, right = row["words"], f"{row['precision']:.2f}"
    if not row["known"]:
        return [words, right, "–", "nothing: refused"]
    return [words, right, f"{row['nearness']:.2f}", ", ".join(row["classes"][:3])]


def test_the_table_of_words_and_the_means_over_all():
    found = results("concepts")
    measured = [as_found(row) for row in found["words"]]
    assert [row for row in told(HEAD, SEARCH) if row not in measured] == []
    means = {kind: f"{mean:.2f}" for kind, mean in found["means"].items()}
    labels = sum(row["is_label"] for row in found["words"])
    assert f"Measured over {len(found['words'])} searches: the names of {labels} labels" in TEXT
    assert f"and {len(found['words']) - labels} everyday words" in TEXT
    hidden = [found["means"][key] for key in ("right of those not shown", "not shown")]
    assert f"answers that are shown **{means['right of those shown']}** are right;" in TEXT
    assert f"of those that are not, being below {LEAST}, {hidden[0]} of {hidden[1]}." in TEXT
    assert hidden[0] < hidden[1] / 2
    assert "most of such answers are wrong" in TEXT
    assert f"counting what is not shown as wrong, **{means['all']}** are" in TEXT
    assert f": {means['names of labels']} for the names of labels" in TEXT
    assert f"and {means['everyday words']} for everyday words;" in TEXT
    assert f"by chance it would be {means['by chance']}." in TEXT
    assert f"Of {found['of']} words that are none" in TEXT
    assert found["wrongly_known"] == []


def test_the_rows_of_the_sample_photos_found_anew(sample_cache):
    """The last digit depends on the processor's arithmetic."""
    found = {row["words"]: row for row in measure(open_dataset(cache=sample_cache).space())}
    here = [row for row in told(HEAD, SEARCH) if row[0] in found]
    assert len(here) > 12
    for words, right, nearest, matched in here:
        seen = found[words]
        assert float(right) == pytest.approx(seen["precision"], abs=0.26), words
        assert (nearest == "–") == (matched == "nothing: refused") == (not seen["known"]), words
        assert nearest == "–" or float(nearest) == pytest.approx(seen["nearness"], abs=0.006), words
        assert nearest == "–" or matched == ", ".join(seen["classes"][:3]), words
    means = [
        np.mean([float(row[1]) for row in here]),
        np.mean([found[row[0]]["precision"] for row in here]),
    ]
    assert means[0] == pytest.approx(means[1], abs=0.05)


def test_what_the_page_says_of_the_classes(models):
    names = extractors.get("efficientnet-lite0", device="cpu").class_names
    assert f"to tell {len(names):,} things apart" in TEXT
    assert f"(cosine {NEAR})" in TEXT

    def members(words: str) -> list[str]:
        return [each for match in match_classes(words, names) for each in match.members]

    assert f"(*dog*: {len(members('dog'))} of them; *car*, *bird*, *tool*, *building*)" in TEXT
    assert all(len(members(kind)) > 2 for kind in ("car", "bird", "tool", "building"))
    assert "its only *tower* is a lighthouse, its only *horse* a sorrel." in TEXT
    assert members("tower") == ["lighthouse"]
    assert members("horse") == ["common sorrel horse"]
