"""Conditions as JSON: how a link, a recipe and a session keep them."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from types import MappingProxyType
from typing import get_type_hints

from explorer.errors import BadValueError
from explorer.filters.conditions import KINDS, Condition

LONGEST = 1 << 16  # characters
_KIND_OF = {made: kind for kind, made in KINDS.items()}
_LARGEST = 1 << 63


def encode(condition: Condition) -> str:
    """A condition as a line of JSON.

    >>> from explorer.filters.conditions import OneOf
    >>> encode(OneOf("label", ("cat",)))
    '{"kind":"one_of","column":"label","values":["cat"]}'
    """
    told = {each.name: getattr(condition, each.name) for each in fields(condition)}  # type: ignore[arg-type]
    values = {name: value for name, value in told.items() if value is not None}
    kind = {"kind": _KIND_OF[type(condition)]}
    return json.dumps(kind | values, ensure_ascii=False, separators=(",", ":"), default=str)


def decode(text: str) -> Condition:
    """The condition that a text says. Raises `UsageError` when it says none."""
    try:
        if len(text) > LONGEST:
            raise ValueError("it is too long")
        told = json.loads(text)
        made = KINDS[told.pop("kind")]
        hints = get_type_hints(made)
        known = {each.name for each in fields(made)}  # type: ignore[arg-type]
        if unknown := told.keys() - known:
            raise ValueError(f"it has no {min(unknown)}")
        condition = made(**{name: _read(name, hints[name], told[name]) for name in told})
        condition.sql()  # what cannot be said in SQL is none
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        raise BadValueError(f"{text[:200]!r} is no condition of a filter: {error}.") from error
    except RecursionError as error:
        raise BadValueError("A condition of the filter is nested too deep.") from error
    return condition


def _read(name: str, kind: object, value: object) -> object:
    """What the value of a field says. Raises ValueError, in words to be read after "it"."""
    try:
        return _READ[kind](value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"its {name} cannot be {str(value)[:50]!r}") from error


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _whole(value: object) -> int:
    if type(value) is not int or abs(value) >= _LARGEST:
        raise TypeError
    return value


def _number(value: object) -> float | None:
    if isinstance(value, float) and math.isfinite(value):
        return value
    return None if value is None else _whole(value)


def _value(value: object) -> str | int:
    return _text(value) if isinstance(value, str) else _whole(value)


def _several(read: Callable[[object], object]) -> Callable[[object], tuple[object, ...]]:
    def read_all(values: object) -> tuple[object, ...]:
        if not isinstance(values, list) or not values:
            raise TypeError
        return tuple(map(read, values))

    return read_all


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # half of a character can be neither shown nor sent
    return value


_READ: Mapping[object, Callable[[object], object]] = MappingProxyType(
    {
        str: _text,
        bool: _truth,
        int: _whole,
        float | None: _number,
        date: lambda value: date.fromisoformat(str(_text(value))),
        tuple[str, ...]: _several(_text),
        tuple[str | int, ...]: _several(_value),
    }
)
