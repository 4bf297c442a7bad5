"""The spaces of all extractors that work offline, compared on small images: `explorer compare`.

    python -m benchmarks.spaces FOLDER [--per-label 200] [--cache DIR] [--json FOLDER]

FOLDER holds a folder of images for each label, such as CIFAR-10's test images; the first of each by
name are taken. With `--cache`, what has been embedded and learned there is not done again.
"""

import argparse
import tempfile
from math import isnan
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import explorer
from benchmarks.machine import save
from explorer import extractors, probe

NAME = "first-of-each"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-label", type=int, default=200)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="explorer-bench-") as folder:
        found = compared(given.folder, given.per_label, given.cache or Path(folder))
    table = Table("space", "label accuracy", "nearest", "dimension", "intrinsic", "hubness")
    for name, each in found["spaces"].items():
        judged = [f"{each[key]['value']:.3f}" for key in ("label_accuracy", "nearest")]
        rest = [f"{each[key] or 0:.1f}" for key in ("intrinsic_dimension", "hubness")]
        table.add_row(name, *judged, str(each["dimension"]), *rest)
    Console().print(table)
    Console().print(f"{found['verdicts']}")
    Console().print(f"written to {save('spaces', found, given.json)}")


def compared(folder: Path, per_label: int, cache: Path) -> dict[str, Any]:
    """What is found of the first images of each label, the best space first."""
    cache.mkdir(parents=True, exist_ok=True)
    listed = cache / f"{NAME}.csv"
    files = [
        file
        for label in sorted(each for each in folder.iterdir() if each.is_dir())
        for file in sorted(label.iterdir())[:per_label]
    ]
    rows = [f"{file.resolve()},{file.parent.name}\n" for file in files]
    listed.write_text("path,label\n" + "".join(rows), "utf-8")
    offline = tuple(each.id for each in extractors.available() if each.offline and not each.needs)
    settings = explorer.EmbedSettings(extractors=offline)
    explorer.embed(listed, name=NAME, cache=cache, settings=settings)
    found = explorer.compare(explorer.open_dataset(NAME, cache=cache))
    best_first = [space for space, _ in probe.ranked(found, "label_accuracy")]
    return {
        "images": found.images,
        "labels": found.labels,
        "verdicts": {measure: probe.verdict(found, measure) for measure in probe.MEASURES},
        "deviates": {measure: deviates(found, measure) for measure in probe.MEASURES},
        "spaces": {space.id: described(space) for space in best_first},
    }


def deviates(found: probe.Comparison, measure: probe.Measure) -> float:
    """How far a difference of two spaces is at most from that of their two figures."""
    figure = {space.id: getattr(space, measure).value for space in found.spaces}
    return round(
        max(
            abs(getattr(pair, measure).by.value - (figure[pair.first] - figure[pair.second]))
            for pair in found.pairs
        ),
        4,
    )


def described(space: probe.SpaceReport) -> dict[str, Any]:
    """Its figures; no intrinsic dimension where hardly two images differ."""
    intrinsic = space.intrinsic_dimension
    judged = {"label_accuracy": space.label_accuracy, "nearest": space.nearest}
    return {
        name: {key: round(getattr(each, key), 6) for key in ("value", "low", "high")}
        for name, each in judged.items()
        if each is not None
    } | {
        "dimension": space.dimension,
        "intrinsic_dimension": None if isnan(intrinsic) else round(intrinsic, 2),
        "hubness": round(space.hubness.skewness, 2),
    }


if __name__ == "__main__":
    main()
