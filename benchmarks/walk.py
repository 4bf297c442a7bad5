"""The walk through 10,000 photos in docs/curate.md, command by command, as it comes out.

    python -m benchmarks.walk FOLDER [--json FOLDER]

FOLDER is CIFAR-10's test images, a folder for each class. They are embedded as `cifar`; then every
command of the page's section is run as it stands there. What each prints is kept, and beside it
what the page tells in words.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from torchvision.datasets import ImageFolder

import explorer
from benchmarks.machine import save
from explorer.store import Dataset, Space

PAGE = Path(__file__).parents[1] / "docs" / "curate.md"
SECTION = "## From 10,000 raw photos"
FOLDER, NAME = "cifar10-test", "cifar"
REPRESENTATIVE = f"explorer select {NAME} --how representative -k 1000 --from clean"
SPLIT_ALL = f"explorer select {NAME} --how split"
DRAWS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="explorer-bench-") as folder:
        work = Path(folder)
        found = walked(given.folder, work)
    for command, said in found["commands"].items():
        print(f"$ {command}\n{said}")
    print(found["told"])
    print(f"written to {save('walk', found, given.json)}")


def walked(photos: Path, work: Path) -> dict[str, Any]:
    """What each command prints, and what is so of the dataset before and after."""
    cache = work / "cache"
    (work / FOLDER).symlink_to(photos.resolve())
    explorer.embed(work / FOLDER, name=NAME, cache=cache)
    page = commands(PAGE.read_text("utf-8"))
    said = {command: printed(command, work) for command in (*page, REPRESENTATIVE, SPLIT_ALL)}
    dataset = explorer.open_dataset(NAME, cache=cache)
    set_aside = explorer.where(dataset.space(), "outlier_score < 2 AND label_trouble < 0.9")
    train = ImageFolder(work / "set" / "thousand-train", allow_empty=True)
    told = of_all(dataset.space()) | {
        "pass the filter": len(set_aside),
        "representative, of each label": chosen_of_each(dataset),
        "by chance in two parts": [leaking(dataset.space(), seed) for seed in range(DRAWS)],
        "train, as torchvision finds it": [len(train), len(train.classes)],
    }
    return {"commands": said, "told": told}


def commands(page: str) -> list[str]:
    """Those of the section, in one line each."""
    section = page.partition(SECTION)[2].replace("\\\n", " ")
    return [" ".join(found.split()) for found in re.findall(r"^\$ (.+)$", section, re.MULTILINE)]


def printed(command: str, work: Path) -> str:
    """What a command prints, with the first `explorer` on the path that of this environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PATH": path, "EXPLORER_CACHE": str(work / "cache"), "COLUMNS": "200"}
    done = subprocess.run(
        command, shell=True, cwd=work, env=env, check=True, capture_output=True, text=True
    )
    return done.stdout.replace(f"{work}/", "")


def of_all(space: Space) -> dict[str, Any]:
    """Duplicates, and of how many images a classifier says another label."""
    surplus = space.column("duplicate_surplus") == 1
    kinds = space.column("duplicate_kind")[surplus]
    other = space.column("label_suggested") != space.column("label")
    return {
        "images too many": int(surplus.sum()),
        "of them mirrored or turned": int((kinds == "mirrored or turned").sum()),
        "share of another label": round(float(other.mean()), 3),
    }


def chosen_of_each(dataset: Dataset) -> list[int]:
    """The fewest and the most images of a label among a thousand representative ones."""
    space = dataset.space()
    clean = explorer.where(space, "'clean' IN tagged")
    settings = explorer.ChooseSettings("representative", 1000)
    chosen = explorer.choose(space, settings, among=clean).image_ids
    rows = np.searchsorted(space.image_ids, chosen)
    counts = np.unique(space.column("label")[rows], return_counts=True)[1]
    return [int(counts.min()), int(counts.max())]


def leaking(space: Space, seed: int) -> list[int]:
    """Of a random split: images whose group of duplicates is divided; those in val or test."""
    random = np.random.default_rng(seed)
    part = random.permutation(np.repeat([0, 1, 2], [8000, 1000, 1000]))
    groups = space.column("duplicate_group")
    divided = np.zeros(len(groups), bool)
    for code in np.unique(groups[groups >= 0]):
        inside = groups == code
        divided |= inside & (len(np.unique(part[inside])) > 1)
    return [int(divided.sum()), int((divided & (part > 0)).sum())]


if __name__ == "__main__":
    main()
