"""What extractors cost, alone and together, and how well they separate labels.

    python -m benchmarks.extractors [--short] [--labelled FOLDER] [--json FOLDER]

*Together* is the default network's content, its style and three of its layers, in one job, against
content alone: the bar is 1.25 times the time. Both are measured within one run, in turns. Each
extractor's accuracy is that of `explorer extractors bench` on a labelled folder.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.corpus import PHOTOS, SAMPLES, Corpus, build
from benchmarks.machine import machine, save
from explorer import EmbedSettings, embed, extractors
from explorer.batch import bench

CONTENT = ("efficientnet-lite0",)
TOGETHER = (*CONTENT, "style", *(f"{CONTENT[0]}@blocks.{number}" for number in (1, 3, 5)))
BAR = 1.25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="one turn")
    parser.add_argument("--turns", type=int, default=11, help="each figure is their median")
    parser.add_argument("--labelled", type=Path, default=SAMPLES)
    parser.add_argument("--corpus", type=Path, default=Path("cache/.benchmarks"))
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()
    # Short turns, and many: whatever else the machine does then hits few of the pairs.
    corpus = Corpus(PHOTOS.name, 256, PHOTOS.size)
    turns = 1 if arguments.short else arguments.turns
    folder = build(corpus, arguments.corpus)
    results: dict[str, Any] = {
        "machine": machine(),
        "images": corpus.images,
        "turns": turns,
        "sharing": {each: sharing(folder, turns, each) for each in precisions()},
    }
    print("Sharing is done.", file=sys.stderr, flush=True)
    ready = [each.id for each in extractors.available() if each.offline and not each.needs]
    rows = bench(arguments.labeled, EmbedSettings(extractors=tuple(ready)))
    results["labelled"] = arguments.labeled.name
    results["extractors"] = [asdict(each) for each in rows]
    print_tables(results)
    if not arguments.short:
        save("extractors", results, arguments.json)


def precisions() -> list[str]:
    """What this machine computes in."""
    automatic = extractors.get(CONTENT[0]).precision
    return ["fp32"] if automatic == "fp32" else [automatic, "fp32"]


def sharing(folder: Path, turns: int, precision: str) -> dict[str, Any]:
    """Seconds per image of the whole job, content alone and all together, in turns."""
    for wanted in (CONTENT, TOGETHER):
        seconds(folder, wanted, precision)  # loads, converts and warms up
    alone, together = [], []
    for _ in range(turns):
        alone.append(seconds(folder, CONTENT, precision))
        together.append(seconds(folder, TOGETHER, precision))
        alone.append(seconds(folder, CONTENT, precision))
    # Content is measured on both sides of it, so that a machine that slows down treats both alike.
    around = [(alone[2 * turn] + alone[2 * turn + 1]) / 2 for turn in range(turns)]
    ratios = [both / one for both, one in zip(together, around, strict=True)]
    return {
        "content_ms": 1000 * statistics.median(alone),
        "together_ms": 1000 * statistics.median(together),
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "bar": BAR,
        "extractors": list(TOGETHER),
    }


def seconds(folder: Path, wanted: tuple[str, ...], precision: str) -> float:
    """Seconds per image of embedding into a new cache."""
    cache = Path(tempfile.mkdtemp(prefix="explorer-bench-"))
    try:
        settings = EmbedSettings(extractors=wanted, precision=precision, analyze=False, workers=2)
        return 1 / embed(folder, cache=cache, settings=settings).images_per_second
    finally:
        shutil.rmtree(cache)


def print_tables(results: dict[str, Any]) -> None:
    table = Table("precision", "content, ms/image", "together, ms/image", "ratio", "bar", "holds")
    for precision, each in results["sharing"].items():
        holds = "yes" if each["ratio"] <= each["bar"] else "no"
        times = (f"{each['content_ms']:.2f}", f"{each['together_ms']:.2f}")
        table.add_row(precision, *times, f"{each['ratio']:.3f}", f"{each['bar']}", holds)
    Console().print(table)
    table = Table("extractor", "dimension", "images/s", "label accuracy (95 %)", "kNN (95 %)")
    for each in results["extractors"]:
        shares = [
            f"{each[name]['value']:.3f} ({each[name]['low']:.3f} to {each[name]['high']:.3f})"
            for name in ("label_accuracy", "knn")
        ]
        speed = f"{each['images_per_second']:.0f}"
        table.add_row(each["extractor"], str(each["dimension"]), speed, *shares)
    Console().print(table)


if __name__ == "__main__":
    main()
