"""How often a search by words finds what they say: precision at 10 over the names of labels.

    python -m benchmarks.concepts photos cifar10 [--cache DIR] [--json]

Every label of each dataset is searched for by its name, as a person would write it. Answers with
that label are right; where it has fewer than ten images, as many as it has are asked for.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from explorer.search import by_words, read_words
from explorer.store import Space, open_dataset

NO_CONCEPTS = {"misc"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", help="datasets with labels, embedded")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--space", default="efficientnet-lite0")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = [
        row
        for name in arguments.names
        for row in measure(open_dataset(name, cache=arguments.cache).space(arguments.space))
    ]
    if arguments.json:
        print(json.dumps(found, indent=1))
        return
    for row in found:
        matched = ", ".join(row["classes"][:3])
        print(
            f"{row['words']:20} {row['precision']:5.2f}  by chance {row['chance']:.2f}  "
            f"{row['nearness']:.2f}  {matched}"
        )
    for said, rows in (
        ("all", found),
        ("a class is near", [row for row in found if row["known"]]),
        ("none is near (warned)", [row for row in found if not row["known"]]),
    ):
        mean = float(np.mean([row["precision"] for row in rows])) if rows else float("nan")
        print(f"{said}: {mean:.2f} over {len(rows)}")


def measure(space: Space) -> list[dict[str, Any]]:
    """For every label how many of the first ten answers have it, as a share."""
    labels = space.column("label")
    rows = []
    for label in sorted(set(labels) - NO_CONCEPTS - {None}):
        words = read_words(space, label.replace("_", " "))
        count = int((labels == label).sum())
        asked = min(10, count)
        ids, _ = by_words(space, words, asked)
        right = (labels[np.searchsorted(space.image_ids, ids)] == label).sum()
        rows.append(
            {
                "words": words.text,
                "precision": float(right) / asked,
                "chance": count / len(labels),
                "known": words.are_known,
                "nearness": max((match.nearness for match in words.matches), default=0.0),
                "classes": [match.name for match in words.matches],
            }
        )
    return rows


if __name__ == "__main__":
    main()
