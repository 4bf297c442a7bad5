"""How often a search by words finds what they say: precision at 10 over the names of labels.

    python -m benchmarks.concepts sample_data cifar10 [--cache DIR] [--json FOLDER]

Every label of each dataset is searched for by its name, as a person would write it, and by the
everyday words below, where the dataset has all the labels they stand for. Answers with such a label
are right; where fewer than ten images have it, as many as have it are asked for. Answers that are
too improbable to be shown are counted by themselves. Words that no photo can show, or that are no
words, have to be refused.
"""

import argparse
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from benchmarks.machine import save
from explorer.search import Words, by_words, read_words
from explorer.store import Space, open_dataset

NO_CONCEPTS = {"misc"}
EVERYDAY = {
    "animal": "bird cat deer dog frog horse",
    "mammal": "cat deer dog horse",
    "pet": "cat dog",
    "a dog": "dog",
    "puppy": "dog",
    "hound": "dog",
    "cats": "cat",
    "kitten": "cat",
    "pony": "horse",
    "stag": "deer",
    "toad": "frog",
    "amphibian": "frog",
    "plane": "airplane",
    "aircraft": "airplane",
    "jet": "airplane",
    "vehicle": "airplane automobile ship truck",
    "cars": "automobile",
    "red car": "automobile",
    "lorry": "truck",
    "boat": "ship",
    "vessel": "ship",
    "creature": "farm_animal fish",
    "coral reef fish": "fish",
    "tropical fish": "fish",
    "shark": "fish",
    "tool": "hammer pliers screwdriver wrench",
    "hand tool": "hammer pliers screwdriver wrench",
    "building": "palace_castle religious_building tower",
    "old building": "ancient_ruin palace_castle religious_building tower",
    "castle": "palace_castle",
    "church": "religious_building",
    "cathedral": "religious_building",
    "skyscraper": "tower",
    "sculpture": "statue",
    "measuring instrument": "measuring_tape multimeter",
}
UNKNOWN = (
    *("qwxyz", "asdfgh", "blorft", "zzzzzz", "hjklm nbvc", "snarfblat", "wuggy", "florp"),
    *("democracy", "annual tax return", "happiness", "monday", "seventeen", "inflation rate"),
    *("grammar", "philosophy", "mathematics", "freedom of speech", "bad mood", "my boss"),
    *("sunset", "rainbow", "graffiti", "forest", "sky"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", help="datasets with labels, embedded")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--space", default="efficientnet-lite0")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()
    spaces = [
        open_dataset(name, cache=arguments.cache).space(arguments.space) for name in arguments.names
    ]
    found = [row for space in spaces for row in measure(space)]
    wrongly = [words for words in UNKNOWN if read_words(spaces[0], words).are_known]
    for row in found:
        print(
            f"{row['words']:20} {row['precision']:5.2f}  by chance {row['chance']:.2f}  "
            f"{row['nearness']:.2f}  {'' if row['known'] else '? '}{', '.join(row['classes'][:3])}"
        )
    results = {"means": means(found), "wrongly_known": wrongly, "of": len(UNKNOWN), "words": found}
    print(f"{results['means']}\nknown, though it should not be: {wrongly}")
    print(f"written to {save('concepts', results, arguments.json)}")


def means(found: list[dict[str, Any]]) -> dict[str, float]:
    """Precisions of all, of names of labels and of everyday words; right of what is (not) shown."""
    shown, right, hidden, missed = (
        sum(row[key] for row in found) for key in ("shown", "right", "hidden", "hidden_right")
    )
    kinds = {
        "all": found,
        "names of labels": [row for row in found if row["is_label"]],
        "everyday words": [row for row in found if not row["is_label"]],
    }
    return {
        kind: round(float(np.mean([row["precision"] for row in rows])), 4)
        for kind, rows in kinds.items()
        if rows
    } | {
        "by chance": round(float(np.mean([row["chance"] for row in found])), 4),
        "right of those shown": round(right / shown, 4),
        "not shown": hidden,
        "right of those not shown": missed,
    }


def measure(space: Space) -> list[dict[str, Any]]:
    """For every label and everyday word: the share of the first ten answers that are right."""
    labels = space.column("label")
    here = set(labels) - NO_CONCEPTS - {None}
    asked = {label.replace("_", " "): {label} for label in sorted(here)}
    everyday = {words: set(named.split()) for words, named in EVERYDAY.items()}
    asked |= {words: named for words, named in everyday.items() if named <= here}
    return [
        _precision(space, words, np.isin(labels, list(named))) | {"is_label": words not in everyday}
        for words, named in asked.items()
    ]


def _precision(space: Space, text: str, right: np.ndarray[Any, Any]) -> dict[str, Any]:
    words = read_words(space, text)
    k = min(10, int(right.sum()))
    shown, count = _answers(space, words, right, k)
    with mock.patch("explorer.search.words.LEAST", 0.0):  # and those that are not shown
        asked, of_all = _answers(space, words, right, k) if words.are_known else (0, 0)
    return {
        "words": words.text,
        "precision": round(count / k, 4),
        "right": count,
        "shown": shown,
        "hidden": asked - shown,
        "hidden_right": of_all - count,
        "chance": round(float(right.mean()), 4),
        "known": words.are_known,
        "nearness": round(max((each.nearness for each in words.matches), default=0.0), 4),
        "classes": [match.name for match in words.matches],
    }


def _answers(space: Space, words: Words, right: np.ndarray[Any, Any], k: int) -> tuple[int, int]:
    """How many answers there are, and how many of them are right."""
    ids, _ = by_words(space, words, k)
    return len(ids), int(right[np.searchsorted(space.image_ids, ids)].sum())


if __name__ == "__main__":
    main()
