"""Names and values as SQL takes them."""

import re
from functools import lru_cache

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def identifier(name: str) -> str:
    """A column's name as an expression takes it.

    >>> identifier("label"), identifier("my column"), identifier("order")
    ('label', '"my column"', '"order"')
    """
    if _PLAIN.fullmatch(name) and name.lower() not in _reserved():
        return name
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | int | float) -> str:
    """A value as an expression takes it.

    >>> literal("it's"), literal(3), literal(0.25), literal(2.0)
    ("'it''s'", '3', '0.25', '2')
    """
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(int(value) if value == int(value) else float(value))


@lru_cache(maxsize=1)
def _reserved() -> frozenset[str]:
    """The words that SQL keeps for itself."""
    import duckdb  # not before it is needed: it takes a while

    found = duckdb.execute(
        "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
    )
    return frozenset(word for (word,) in found.fetchall())
