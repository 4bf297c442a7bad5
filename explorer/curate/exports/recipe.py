"""The recipe of an export: what it was made from, so that it can be made again, or not any more."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypedDict, get_origin, get_type_hints

import pyarrow as pa

from explorer.curate.exports.job import ExportOptions
from explorer.curate.exports.staging import digest
from explorer.errors import ExplorerError, ExportError
from explorer.filters import Filter, Sql, decode, encode
from explorer.store import Space, path_text

RECIPE_VERSION = 1
LIBRARIES = ("embedding-space-explorer", "numpy", "pillow", "pyarrow")
MOST_NAMED = 3


class Recipe(TypedDict):
    """What recipe.json says; the files come last, when they are there."""

    recipe: int
    dataset: dict[str, str]
    space: dict[str, str]
    origin: dict[str, Any]
    format: str
    options: dict[str, Any]
    versions: dict[str, str]
    image_ids: list[int]
    columns: dict[str, str]
    files: dict[str, str]


@dataclass(frozen=True)
class Origin:
    """Where the images of an export come from, for its recipe.

    filter: the conditions. tags: the tags. chosen: how each of the selections was chosen, with
    seeds.
    """

    filter: Filter = ()
    tags: tuple[str, ...] = ()
    chosen: tuple[Mapping[str, object], ...] = ()


def describe(
    space: Space, table: pa.Table, format: str, options: ExportOptions, origin: Origin
) -> Recipe:
    """The recipe of an export, but for its files: the same for the same, whenever it is made."""
    dataset = space.dataset
    return {
        "recipe": RECIPE_VERSION,
        "dataset": {
            "name": dataset.name,
            "source": path_text(dataset.source),
            "fingerprint": dataset.fingerprint,
        },
        "space": {"id": space.id, "fingerprint": space.fingerprint},
        "origin": asdict(origin) | {"filter": [json.loads(encode(each)) for each in origin.filter]},
        "format": format,
        "options": asdict(options),
        "versions": {"python": platform.python_version()}
        | {library: version(library) for library in LIBRARIES},
        "image_ids": table["image_id"].to_pylist(),
        "columns": {name: column_digest(table[name]) for name in table.column_names},
        "files": {},
    }


def column_digest(column: pa.ChunkedArray) -> str:
    """The hash of a column's values."""
    found = digest()
    for chunk in column.chunks:
        found.update("\n".join(map(repr, chunk.to_pylist())).encode("utf-8", "surrogatepass"))
        found.update(b"\n")
    return found.hexdigest()


def as_bytes(recipe: Recipe) -> bytes:
    """A recipe as a file: ASCII, one id to a line would be long, so lists stand in one line."""
    parts = (f"  {json.dumps(key)}: {_compact(value)}" for key, value in recipe.items())
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode("ascii")


def _compact(value: object) -> str:
    if isinstance(value, list):
        return json.dumps(value)
    return json.dumps(value, indent=2).replace("\n", "\n  ")


def read_recipe(path: Path) -> Recipe:
    """A recipe file, checked. Raises `ExportError` when it is none."""
    try:
        recipe: Recipe = json.loads(path.read_text("utf-8"))
        said: Mapping[str, object] = recipe
        if not isinstance(said, dict):
            raise TypeError("it should be a JSON object")
        for key, kind in get_type_hints(Recipe).items():
            if key != "versions" and not isinstance(said[key], get_origin(kind) or kind):
                raise TypeError(f"{key} is not what it should be")
        if recipe["recipe"] != RECIPE_VERSION:
            raise ValueError(f"it is of version {recipe['recipe']}")
        if not all(isinstance(each, int) for each in recipe["image_ids"]):
            raise TypeError("image_ids holds more than numbers")
    except OSError as error:
        raise ExportError(f"{path} cannot be read: {error.strerror}.") from error
    except KeyError as error:
        raise ExportError(f"{path} is not a recipe of an export: it has no {error}.") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise ExportError(f"{path} is not a recipe of an export: {error}.") from error
    return recipe


def options_of(recipe: Recipe) -> ExportOptions:
    """The options that a recipe names. Raises `ExportError` when they are none."""
    told = recipe["options"]
    try:
        if unknown := told.keys() - {each.name for each in fields(ExportOptions)}:
            raise ValueError(f"{min(unknown)} is no option")
        by = told["by"]
        return ExportOptions(
            by=None if by is None else tuple(map(str, by)),
            tags=tuple(map(str, told["tags"])),
            link=told["link"],
            shard_size=int(told["shard_size"]),
        )
    except (LookupError, ValueError, TypeError, ExplorerError) as error:
        raise ExportError(f"The recipe's options cannot be used: {error}.") from error


def origin_of(recipe: Recipe) -> Origin:
    """Where the images of a recipe came from. Raises `ExportError` when it names no filter."""
    told = recipe["origin"]
    try:
        conditions = [decode(json.dumps(each)) for each in told.get("filter", ())]
    except (ExplorerError, TypeError) as error:
        raise ExportError(f"The recipe's filter cannot be used: {error}") from error
    if before := told.get("where"):  # recipes of before hold it in SQL
        conditions.append(Sql(str(before)))
    return Origin(tuple(conditions), tuple(told.get("tags", ())), tuple(told.get("chosen", ())))


def differences(old: Recipe, new: Recipe) -> list[str]:
    """What is not any more as a recipe says, in sentences: of the data, then of the programs."""
    found = []
    columns = [name for name, was in old["columns"].items() if new["columns"].get(name) != was]
    if columns:
        found.append(f"other values in {_named(columns)}")
    if old["space"].get("fingerprint") != new["space"]["fingerprint"]:
        found.append("images or vectors were added, changed or removed")
    was, now = old.get("versions", {}), new["versions"]
    found += [
        f"{each} is {now[each]}, was {was.get(each)}" for each in now if was.get(each) != now[each]
    ]
    return found


def file_differences(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """Which files of an export are not the same, in sentences."""
    sets = {
        "missing": sorted(old.keys() - new.keys()),
        "new": sorted(new.keys() - old.keys()),
        "different": sorted(name for name in old.keys() & new.keys() if old[name] != new[name]),
    }
    return [
        f"{len(names):,} {'file' if len(names) == 1 else 'files'} {what} ({_named(names)})"
        for what, names in sets.items()
        if names
    ]


def _named(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
