"""What SQL that somebody wrote reads, as DuckDB's own parser tells it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from explorer.errors import LimitError
from explorer.filters.duck import Refused
from explorer.filters.quoting import literal
from explorer.filters.sandbox import SANDBOX
from explorer.store import MY_TAGS, TAGGED


@dataclass(frozen=True)
class Parsed:
    """columns: what it reads, in small letters; None: it may be any.

    tags: where it asks for a tag by its name, as (first byte, bytes) in UTF-8.
    """

    columns: frozenset[str] | None = None
    tags: tuple[tuple[int, int], ...] = ()


def parsed(expression: str) -> Parsed:
    """What an expression reads. One that cannot be parsed may read any column."""
    try:
        return _parsed(expression)
    except (Refused, LimitError):  # whoever runs it is told why
        return Parsed()


@lru_cache(maxsize=256)
def _parsed(expression: str) -> Parsed:
    columns, tags = SANDBOX.parse(expression)
    if columns is None:
        return Parsed(None, tags)
    names = frozenset(map(str.casefold, columns))
    return Parsed(names | {MY_TAGS} if TAGGED in names else names, tags)


def with_tags_renamed(expression: str, name_now: Callable[[str], str]) -> str:
    """An expression that asks for the tags it names by what they are called now."""
    text = expression.encode("utf-8", "surrogatepass")
    for start, size in sorted(parsed(expression).tags, reverse=True):
        said = text[start : start + size].decode()
        if not said.startswith("'"):
            continue  # written in another way, such as $$so$$: nothing says how it is to be read
        now = literal(name_now(said[1:-1].replace("''", "'")))
        text = text[:start] + now.encode("utf-8", "surrogatepass") + text[start + size :]
    return text.decode("utf-8", "surrogatepass")
