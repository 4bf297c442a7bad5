"""JSON as the store reads and writes it: what it says is a frozen dataclass, checked when read."""

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import UnionType
from typing import TypeVar, get_args, get_origin, get_type_hints

from explorer.errors import StoreError
from explorer.store.atomic import replacing

T = TypeVar("T")

# The field of a dataclass that takes what it has no field for, so that it is written again.
MORE = "more"


def write_json(path: Path, value: object) -> None:
    """Replace a JSON file in one step."""
    with replacing(path) as temporary:
        temporary.write_text(as_json(value), "ascii")


def as_json(value: object) -> str:
    """The text of a JSON file. It is ASCII: a path may hold what UTF-8 cannot say."""
    return json.dumps(value, indent=2, default=told) + "\n"


def told(value: object) -> dict[str, object]:
    """A dataclass as `json.dumps` wants it, without the fields that need not be there and are None.

    Raises `TypeError` for what is no dataclass.
    """
    said = {
        each.name: inner
        for each in fields(value)  # type: ignore[arg-type]
        if (inner := getattr(value, each.name)) is not None or each.default is not None
    }
    return said | said.pop(MORE, {})


def read_object(path: Path) -> dict[str, object]:
    """Read a JSON object. A missing or damaged file raises `StoreError`."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise StoreError(f"{path} is missing; is this a folder that Explorer wrote?") from error
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read: {error}.") from error
    if not isinstance(value, dict):
        raise StoreError(f"{path} is damaged: it does not hold a JSON object.")
    return value


def read_json(path: Path, kind: Callable[..., T]) -> T:
    """Read a JSON object as a dataclass. A missing or damaged file raises `StoreError`."""
    value = read_object(path)
    try:
        return read_as(kind, value)
    except ValueError as error:
        raise StoreError(f"{path} is damaged: {error}.") from error


def read_as(kind: Callable[..., T], said: object) -> T:
    """What JSON says as a dataclass: fields that it leaves out have their defaults.

    What it has no field for is kept in `more`, if there is one. Raises `ValueError`, in words to be
    read after "it is damaged:".
    """
    if not isinstance(said, dict):
        raise ValueError("it is no JSON object")
    values: dict[str, object] = {}
    hints = _hints(kind)
    known = hints.keys() - {MORE}
    for each in fields(kind):  # type: ignore[arg-type]
        try:
            if each.name == MORE:
                values[MORE] = {name: said[name] for name in said if name not in known}
            elif each.name in said:
                values[each.name] = _value(said[each.name], hints[each.name])
            elif each.default is MISSING and each.default_factory is MISSING:
                raise ValueError
        except ValueError:
            raise ValueError(f"it has no proper {each.name!r}") from None
    return kind(**values)


@cache
def _hints(kind: Callable[..., object]) -> Mapping[str, object]:
    return get_type_hints(kind)


def _value(value: object, kind: object) -> object:
    """A value of JSON as one of a type. Raises `ValueError` if it is none."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin is UnionType:
        for each in inside:
            with contextlib.suppress(ValueError):
                return _value(value, each)
    elif origin is tuple and isinstance(value, list):
        return tuple(_value(each, inside[0]) for each in value)
    elif origin is Mapping and isinstance(value, dict):
        return {name: _value(each, inside[1]) for name, each in value.items()}
    elif isinstance(kind, type) and is_dataclass(kind):
        return read_as(kind, value)
    elif kind in (object, type(value)) or (kind is float and type(value) is int) or value in inside:
        return value
    raise ValueError
