"""Keeping what was worked out of a space for as long as all that it was made of is the same."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

from explorer.store.dataset import Space
from explorer.store.groups import MY_GROUP
from explorer.store.tags import MY_TAGS

P = ParamSpec("P")
T = TypeVar("T")
Function = Callable[Concatenate[Space, P], T]

_CURATED = {MY_GROUP, MY_TAGS}  # what people change while they look


@dataclass(frozen=True)
class _Key:
    """What an answer depends on. version: of groups and tags; None where they do not matter."""

    snapshot: object
    version: tuple[int, int] | None
    space: Space = field(compare=False)


def cached_per_snapshot(most: int) -> Callable[[Function[P, T]], Function[P, T]]:
    """`lru_cache` for a function of a space that outlives a change of groups and tags.

    After such a change there is another space (see `Dataset.recurated`); only what reads one of
    their columns is worked out anew then. A text among the arguments is the name of a column; what
    has `columns`, such as the condition of a filter, says itself which it reads (None: any).
    """

    def decorate(function: Function[P, T]) -> Function[P, T]:
        def worked_out(key: _Key, *args: P.args, **named: P.kwargs) -> T:
            return function(key.space, *args, **named)

        remembered: Callable[..., T] = lru_cache(maxsize=most)(worked_out)

        @wraps(function)
        def asked(space: Space, /, *args: P.args, **named: P.kwargs) -> T:
            version = None
            if any(map(_reads_curated, (*args, *named.values()))):
                version = (space.dataset.grouping.version, space.dataset.tagging.version)
            return remembered(_Key(space.snapshot, version, space), *args, **named)

        return asked

    return decorate


def _reads_curated(value: object) -> bool:
    if isinstance(value, tuple):
        return any(map(_reads_curated, value))
    if isinstance(value, str):
        return value in _CURATED
    columns = getattr(value, "columns", ())
    return columns is None or not _CURATED.isdisjoint(columns)
