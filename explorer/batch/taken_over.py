"""What people made of images elsewhere, and an export brought along: tags and groups."""

from collections import defaultdict
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from explorer.batch.values import SOURCE
from explorer.errors import BadValueError
from explorer.store import BETWEEN, MY_GROUP, MY_TAGS, Dataset

MOST = 200  # names; a column with more of them says something else


def take_over(dataset: Dataset) -> tuple[list[str], list[str]]:
    """Make tags and groups of the columns `my_tags` and `my_group` that a source came with.

    Only where the dataset has never had any, so that nothing comes back that people took away. One
    step each, which can be undone. The names of the tags and of the groups that were made.
    """
    had_tags = dataset.is_curated and dataset.tags.version() > 0
    had_groups = dataset.is_curated and dataset.my_groups.version() > 0
    tags = {} if had_tags else _sets(dataset, MY_TAGS, between=BETWEEN)
    groups = {} if had_groups else _sets(dataset, MY_GROUP)
    try:
        if tags:
            dataset.tags.take_over(tags)
        if groups:
            dataset.my_groups.make([*groups.items()])
    except BadValueError:  # names that are none of ours: the column stays what it is
        return [], []
    return list(tags), list(groups)


def _sets(dataset: Dataset, column: str, between: str | None = None) -> dict[str, list[int]]:
    """The image ids by the names in a column of the source; none where it is no such column.

    The names come in an order in which all texts name them, as they were made.
    """
    name = f"{SOURCE}{column}"
    found: dict[str, list[int]] = defaultdict(list)
    if name not in dataset.column_names:
        return found
    table = dataset.table(["image_id", name])
    order: TopologicalSorter[str] = TopologicalSorter()
    for image_id, text in zip(*table.to_pydict().values(), strict=True):
        if not isinstance(text, str):
            continue
        names = text.split(between) if between else [text]
        order.add(names[0])
        for before, after in pairwise(names):
            order.add(after, before)
        for each in names:
            found[each].append(image_id)
    if len(found) > MOST:
        return {}
    with suppress(CycleError):  # not the order in which tags were made
        return {each: found[each] for each in order.static_order()}
    return found
