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

from explorer.analysis import Graph, copies_of, neighbor_graph
from explorer.store import Dataset, Space

Ints = npt.NDArray[np.int64]

MISSING = -1
FEWEST = 2
"""Images of a label, at least: one is judged by what the other shows."""


@dataclass(frozen=True)
class Subject:
    """image_ids: (n,) of all spaces, ascending; codes: (n,) of their labels, -1 where missing.

    judged: the rows whose label another image has, too. notes: what is left out and why, a sentence
    each. why_not: why nothing can be said on labels, a sentence; empty if something can.
    """

    image_ids: Ints
    codes: Ints
    judged: Ints
    notes: list[str]
    why_not: str

    @property
    def labeled(self) -> int:
        """How many rows have a label."""
        return int((self.codes != MISSING).sum())

    @property
    def labels(self) -> int:
        """How many labels are judged."""
        return len(np.unique(self.codes[self.judged]))

    @property
    def fingerprint(self) -> str:
        """Changes with the images, and with their labels."""
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
    counts = Counter(label for label in labels if label is not None)
    code = {name: number for number, name in enumerate(sorted(counts))}
    codes = np.array([code.get(label, MISSING) for label in labels], np.int64)
    judged = np.flatnonzero([counts[label] >= FEWEST for label in labels])
    why_not = _why_not(counts)
    if not why_not:
        notes += _left_out(counts, len(image_ids))
    return Subject(image_ids, codes, judged, notes, why_not)


def _why_not(counts: Counter[str]) -> str:
    if not counts:
        return (
            "No image has a label, so which space separates them best cannot be said. Labels come "
            "from sub-folders, from a list, or from a table of annotations."
        )
    if len(counts) == 1:
        return f"Every label is “{next(iter(counts))}”: there is nothing to tell apart."
    if sum(count >= FEWEST for count in counts.values()) < 2:
        return (
            f"Fewer than two labels have {FEWEST} images or more: too few to tell which space "
            "separates them best."
        )
    return ""


def _left_out(counts: Counter[str], images: int) -> list[str]:
    notes = []
    labeled = sum(counts.values())
    if labeled < images:
        notes.append(
            f"{labeled:,} of {images:,} images have a label: what is said of labels is said of "
            "those, and holds for the others as far as they are of the same kind."
        )
    single = sum(count < FEWEST for count in counts.values())
    if single:
        each = "1 label has" if single == 1 else f"{single:,} labels have"
        notes.append(f"{each} one image only, which cannot be judged and is left out.")
    return notes


def drawn(rows: Ints, most: int) -> Ints:
    """At most so many of some rows, always the same."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def of_each_label(subject: Subject, most: int) -> Ints:
    """Labelled rows, about so many at most: the same share of each label, but none too few."""
    labeled = np.flatnonzero(subject.codes != MISSING)
    share = min(1.0, most / max(len(labeled), 1))
    found = [
        drawn(rows, max(FEWEST, round(share * len(rows))))
        for rows in (np.flatnonzero(subject.codes == code) for code in np.unique(subject.codes))
        if subject.codes[rows[0]] != MISSING
    ]
    return np.sort(np.concatenate(found)) if found else labeled


def graph_of(space: Space, image_ids: Ints) -> Graph:
    """The neighbour graph over some images: the stored one if it is over exactly these."""
    if space.graph_path.exists() and not space.is_stale:
        stored = space.graph()
        if np.array_equal(stored.image_ids, image_ids):
            return Graph(np.searchsorted(image_ids, stored.neighbor_ids), stored.similarities)
    return neighbor_graph(vectors_of(space, image_ids))


def vectors_of(space: Space, image_ids: Ints) -> npt.NDArray[np.float32]:
    """The vectors of some images, (n, d) float32."""
    return space.vectors(np.searchsorted(space.image_ids, image_ids))


def copies_in(space: Space, image_ids: Ints) -> Ints:
    """(n,) codes of some images, equal for versions of one picture, as far as they are known."""
    rows = np.searchsorted(space.image_ids, image_ids)
    hashes = space.arrow_column("content_hash").take(pa.array(rows)).to_pylist()
    content = np.unique(hashes, return_inverse=True)[1].astype(np.int64)
    columns = {}
    if "duplicate_kind" in space.column_names:
        columns["duplicate_kind"] = space.column("duplicate_kind")[rows]
        groups = space.arrow_column("duplicate_group").fill_null(MISSING).take(pa.array(rows))
        columns["duplicate_group"] = groups.to_numpy().astype(np.int64)
    return copies_of(len(rows), content, columns)
