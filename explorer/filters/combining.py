"""A filter: conditions that all must hold, and how one is changed."""

from dataclasses import replace

from explorer.filters.conditions import Condition, OneOf, Sql, Tagged
from explorer.filters.parsing import with_tags_renamed
from explorer.store import MY_GROUP, Space

Filter = tuple[Condition, ...]


def expression(conditions: Filter) -> str:
    """A filter as the one expression that the command line takes.

    >>> expression((OneOf("label", ("cat",)), Sql("width > 1 OR height > 1")))
    "label = 'cat' AND (width > 1 OR height > 1)"
    """
    if len(conditions) == 1 and isinstance(conditions[0], Sql):
        return conditions[0].text
    return " AND ".join(condition.sql() for condition in conditions)


def added(conditions: Filter, condition: Condition) -> Filter:
    """A filter with one more condition, which takes the place of one of its kind on its column."""
    kept = (each for each in conditions if not condition.takes_the_place_of(each))
    return conditions if condition in conditions else (*kept, condition)


def without(conditions: Filter, *columns: str) -> Filter:
    """A filter without what it asks of exactly these columns, but for what is written in SQL."""
    return tuple(
        each for each in conditions if isinstance(each, Sql) or each.columns != frozenset(columns)
    )


def toggled(conditions: Filter, condition: Condition) -> Filter:
    """A filter that asks for a condition, too, or no longer, if it did.

    One value of a column is asked for beside others of it.
    """
    if not isinstance(condition, OneOf):
        rest = tuple(each for each in conditions if each != condition)
        return rest if len(rest) < len(conditions) else added(conditions, condition)
    column = condition.column
    asked = next(
        (each for each in conditions if isinstance(each, OneOf) and each.column == column),
        OneOf(column, ()),
    )
    now = tuple(each for each in asked.values if each not in condition.values)
    now += tuple(each for each in condition.values if each not in asked.values)
    rest = tuple(each for each in conditions if each != asked)
    return added(rest, OneOf(column, now)) if now else rest


def with_names_now(space: Space, condition: Condition) -> Condition:
    """A condition that follows the groups and tags that it names, whatever they are called now."""
    dataset = space.dataset
    tags = dataset.tagging.names

    def group(name: str | int) -> str | int:
        known = name in dataset.grouping.names
        return name if known else dataset.my_groups.name_now(str(name)) or name

    def tag(name: str) -> str:
        return name if name in tags else dataset.tags.name_now(name) or name

    match condition:
        case OneOf(column, values) if column == MY_GROUP:
            return replace(condition, values=tuple(dict.fromkeys(map(group, values))))
        case Tagged(names):
            return replace(condition, names=tuple(dict.fromkeys(map(tag, names))))
        case Sql(text):
            return Sql(with_tags_renamed(text, tag))
    return condition
