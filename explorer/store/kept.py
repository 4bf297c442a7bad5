"""Keeping what was worked out of a space for as long as all that it was made of is the same."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from explorer.store.groups import MY_GROUP
from explorer.store.space import Space
from explorer.store.tags import MY_TAGS

P = ParamSpec("P")
T = TypeVar("T")
Function = Callable[Concatenate[Space, P], T]

# What a name or an expression says that may have to do with what people change while they look.
_CHANGEABLE = re.compile(rf"{MY_GROUP}|{MY_TAGS}|tagged|columns|images|[#*]", re.IGNORECASE)


@dataclass(frozen=True)
class _Key:
    snapshot: object
    version: tuple[int, int] | None  # of groups and tags; None where they do not matter
    space: Space = field(compare=False)


def kept(most: int) -> Callable[[Function[P, T]], Function[P, T]]:
    """`lru_cache` for a function of a space that outlives a change of groups and tags.

    After such a change there is another space (see `Dataset.recurated`); only what names one of
    their columns, or may reach it without naming it, is worked out anew then.
    """

    def decorate(function: Function[P, T]) -> Function[P, T]:
        def worked_out(key: _Key, *args: Any, **named: Any) -> T:
            return function(key.space, *args, **named)

        remembered: Callable[..., T] = lru_cache(maxsize=most)(worked_out)

        @wraps(function)
        def asked(space: Space, /, *args: P.args, **named: P.kwargs) -> T:
            changeable = any(map(_may_change, (*args, *named.values())))
            version = None
            if changeable:
                version = (space.dataset.grouping.step, space.dataset.tagging.version)
            return remembered(_Key(space.snapshot, version, space), *args, **named)

        return asked

    return decorate


def _may_change(value: object) -> bool:
    if isinstance(value, tuple):
        return any(map(_may_change, value))
    return isinstance(value, str) and _CHANGEABLE.search(value) is not None
