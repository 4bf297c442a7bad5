"""What a comparison is about: the images that all spaces hold, and which of them can be judged."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.analysis import Graph, neighbour_graph
from explorer.store import Dataset, Space

Ints = npt.NDArray[np.int64]

MISSING = -1
FEWEST = 5
"""Images of a label, at least: one for each fold of the cross-validation."""


@dataclass(frozen=True)
class Subject:
    """image_ids: (n,) of all spaces, ascending; codes: (n,) of their labels, -1 if not judged.

    names: of the codes. notes: what is left out and why, a sentence each. why_not: why nothing can
    be said on labels, a sentence; empty if something can.
    """

    image_ids: Ints
    codes: Ints
    names: list[str]
    notes: list[str]
    why_not: str

    @property
    def judged(self) -> Ints:
        """The rows with a label that counts."""
        return np.flatnonzero(self.codes != MISSING)

    @property
    def fingerprint(self) -> str:
        """Changes with the images, and with the labels that count."""
        digest = hashlib.sha256(self.image_ids.tobytes() + self.codes.tobytes())
        return digest.hexdigest()[:16]


def find_subject(dataset: Dataset, spaces: Sequence[Space]) -> Subject:
    """The images that all the spaces hold, with their labels."""
    image_ids = reduce(np.intersect1d, [space.image_ids for space in spaces])
    notes = []
    if any(len(space) > len(image_ids) for space in spaces):
        notes.append(
            f"The spaces do not hold the same images: compared are the {len(image_ids):,} "
            "that are in all of them."
        )
    rows = np.searchsorted(dataset.image_ids, image_ids)
    labels = dataset.arrow_column("label").take(pa.array(rows)).to_pylist()
    counted = Counter(label for label in labels if label is not None)
    counts = dict(sorted(counted.items()))
    names = [name for name, count in counts.items() if count >= FEWEST]
    code = {name: number for number, name in enumerate(names)}
    codes = np.array([code.get(label, MISSING) for label in labels], np.int64)
    why_not = _why_not(counts, names)
    if not why_not:
        notes += _left_out(counts, names, len(image_ids))
    return Subject(image_ids, codes, names, notes, why_not)


def _why_not(counts: dict[str, int], names: list[str]) -> str:
    if not counts:
        return (
            "No image has a label, so which space separates them best cannot be said. Labels come "
            "from sub-folders, from a list, or by `explorer annotate`."
        )
    if len(counts) == 1:
        return f"Every label is “{next(iter(counts))}”: there is nothing to tell apart."
    if len(names) < 2:
        return (
            f"Fewer than two labels have {FEWEST} images or more: too few to tell which space "
            "separates them best."
        )
    return ""


def _left_out(counts: dict[str, int], names: list[str], images: int) -> list[str]:
    notes = []
    labelled = sum(counts.values())
    if labelled < images:
        notes.append(
            f"{labelled:,} of {images:,} images have a label: what is said of labels is said of "
            "those, and holds for the others as far as they are of the same kind."
        )
    small = [name for name in counts if name not in names]
    if small:
        left_out = sum(counts[name] for name in small)
        label = "label" if len(small) == 1 else "labels"
        notes.append(
            f"{len(small):,} {label} with fewer than {FEWEST} images ({left_out:,} in all) "
            "cannot be judged and are left out."
        )
    return notes


def graph_of(space: Space, image_ids: Ints) -> Graph:
    """The neighbour graph over some images: the stored one if it is over exactly these."""
    if space.graph_path.exists() and not space.is_stale:
        stored = space.graph()
        if np.array_equal(stored.image_ids, image_ids):
            return Graph(np.searchsorted(image_ids, stored.neighbor_ids), stored.similarities)
    return neighbour_graph(vectors_of(space, image_ids))


def vectors_of(space: Space, image_ids: Ints) -> npt.NDArray[np.float32]:
    """The vectors of some images, (n, d) float32."""
    return space.vectors(np.searchsorted(space.image_ids, image_ids))
