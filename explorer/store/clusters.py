"""What the clusters of a space are called: by the analysis run, and by people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.errors import NotAnalyzedError, UnknownNameError
from explorer.store.arrays import as_numpy

if TYPE_CHECKING:
    from explorer.store.space import Space


@dataclass(frozen=True)
class NamedCluster:
    """One cluster. `number` is its code in the column; `image_id` its most typical image.

    `purity` is the share of its most frequent label, None if none of its images has one; by labels
    at random it is that of as many images drawn at random, high for few. `is_given` tells that
    people have named it.
    """

    number: int
    name: str
    image_id: int
    purity: float | None
    is_given: bool = False


def named_clusters(
    space: Space, column: str, analyses: dict[str, dict[str, Any]]
) -> list[NamedCluster]:
    """The clusters in a column, by rising number, under the names that people have given them.

    `analyses` is what columns.parquet tells of them. Raises `NotAnalyzedError` when it tells of no
    clusters in that column.
    """
    groups = [
        made["groups"][column] for made in analyses.values() if column in made.get("groups", {})
    ]
    if not groups:
        raise NotAnalyzedError(
            f"The space {space.id!r} has no named clusters in {column!r} yet.",
            dataset=space.dataset.name,
        )
    given = {number: name for _, number, name in _given(space, column)}
    return [
        NamedCluster(
            each["code"],
            given.get(each["code"], each["name"]),
            each["image_id"],
            each["purity"],
            each["code"] in given,
        )
        for each in groups[0]
    ]


def rename(space: Space, column: str, cluster: NamedCluster, name: str, *, session: str) -> None:
    """Give a cluster the name that counts from now on; no name gives it its own one back."""
    earlier = {
        image_id: "" for image_id, number, _ in _given(space, column) if number == cluster.number
    }
    curation = space.dataset.curation.of(session)
    curation.rename_clusters(space.id, column, earlier | {cluster.image_id: name})


def find(clusters: list[NamedCluster], number: int) -> NamedCluster:
    """The cluster of that number. Raises `UsageError`, naming those there are."""
    for cluster in clusters:
        if cluster.number == number:
            return cluster
    there_are = ", ".join(str(cluster.number) for cluster in clusters) or "none"
    raise UnknownNameError(f"There is no cluster {number}. There are: {there_are}.")


def _given(space: Space, column: str) -> list[tuple[int, int, str]]:
    """The names that people have given: the image, the cluster that it is in now, and the name.

    In the order of their giving, without images that have left or are in no cluster now.
    """
    if not (space.dataset.root / "curation.db").exists():
        return []
    names = space.dataset.curation.cluster_names(space.id, column)
    if not names:
        return []
    ids = np.array([image_id for image_id in names if image_id in space.image_ids], np.int64)
    codes = as_numpy(space.arrow_column(column).fill_null(-1))
    numbers = codes[np.searchsorted(space.image_ids, ids)]
    return [
        (int(image_id), int(number), names[int(image_id)])
        for image_id, number in zip(ids, numbers, strict=True)
        if number >= 0
    ]
