"""What the clusters of a space are called: by the analysis run, and by people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.errors import UnknownNameError
from explorer.store.arrays import Values
from explorer.store.metadata import ClusterMeta

GivenName = tuple[int, int, str]


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


def named_clusters(found: Sequence[ClusterMeta], given: Sequence[GivenName]) -> list[NamedCluster]:
    """The clusters of the analysis run, in its order, under the names that people have given."""
    names = {number: name for _, number, name in given}
    return [
        NamedCluster(
            each.code,
            names.get(each.code, each.name),
            each.image_id,
            each.purity,
            each.code in names,
        )
        for each in found
    ]


def find(clusters: list[NamedCluster], number: int) -> NamedCluster:
    """The cluster of that number. Raises `UsageError`, naming those there are."""
    for cluster in clusters:
        if cluster.number == number:
            return cluster
    there_are = ", ".join(str(cluster.number) for cluster in clusters) or "none"
    raise UnknownNameError(f"There is no cluster {number}. There are: {there_are}.")


def given_names(
    names: Mapping[int, str], image_ids: npt.NDArray[np.int64], codes: Values
) -> list[GivenName]:
    """The names that people have given: the image, the cluster that it is in now, and the name.

    In the order of their giving, without images that have left or are in no cluster now.
    `image_ids` are those of a space, `codes` their clusters, -1 for none.
    """
    ids = np.array([image_id for image_id in names if image_id in image_ids], np.int64)
    numbers = codes[np.searchsorted(image_ids, ids)]
    return [
        (int(image_id), int(number), names[int(image_id)])
        for image_id, number in zip(ids, numbers, strict=True)
        if number >= 0
    ]
