"""The kinds of conditions: each says itself in SQL and in words, and which columns it reads.

A new kind is one class here and one line in `KINDS`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Protocol

from explorer.filters.parsing import parsed
from explorer.filters.quoting import identifier, literal
from explorer.store import MY_TAGS

MOST_VALUES_NAMED = 3


class Names(Protocol):
    """What people call things."""

    def title(self, column: str) -> str:
        """What a column is called."""

    def value(self, column: str, value: str | int) -> str:
        """What one of its values is called."""


class Condition(ABC):
    """A test of one image."""

    @property
    @abstractmethod
    def columns(self) -> frozenset[str] | None:
        """The columns that it reads; None: it may be any."""

    @abstractmethod
    def sql(self) -> str:
        """An expression that is true where it holds, and that AND does not tear apart."""

    @abstractmethod
    def words(self, names: Names) -> str:
        """What it asks for, to be read after nothing else."""

    def takes_the_place_of(self, other: "Condition") -> bool:
        """Does it ask the same question, so that a filter holds one of the two?"""
        return type(self) is type(other) and self.columns == other.columns


class OfOneColumn(Condition):
    """A test of one column."""

    column: str

    @property
    def columns(self) -> frozenset[str]:
        return frozenset((self.column,))


@dataclass(frozen=True)
class Range(OfOneColumn):
    """Numbers from `low` to `high`, both included; None: no limit on that side."""

    column: str
    low: float | None = None
    high: float | None = None

    def sql(self) -> str:
        name = identifier(self.column)
        if self.low is None:
            return f"{name} IS NOT NULL" if self.high is None else f"{name} <= {literal(self.high)}"
        if self.high is None:
            return f"{name} >= {literal(self.low)}"
        return f"{name} BETWEEN {literal(self.low)} AND {literal(self.high)}"

    def words(self, names: Names) -> str:
        title = names.title(self.column)
        if self.low is None:
            return (
                f"{title}: any number" if self.high is None else f"{title} at most {self.high:,.6g}"
            )
        if self.high is None:
            return f"{title} at least {self.low:,.6g}"
        return f"{title} {self.low:,.6g} to {self.high:,.6g}"


@dataclass(frozen=True)
class Days(OfOneColumn):
    """Times from the day `first` to the day `last`, both included."""

    column: str
    first: date
    last: date

    def sql(self) -> str:
        name, after = identifier(self.column), self.last + timedelta(days=1)
        return f"{name} >= DATE '{self.first}' AND {name} < DATE '{after}'"

    def words(self, names: Names) -> str:
        return f"{names.title(self.column)} {self.first} to {self.last}"


@dataclass(frozen=True)
class OneOf(OfOneColumn):
    """One of some values."""

    column: str
    values: tuple[str | int, ...]

    def sql(self) -> str:
        name, values = identifier(self.column), [literal(value) for value in self.values]
        return f"{name} = {values[0]}" if len(values) == 1 else f"{name} IN ({', '.join(values)})"

    def words(self, names: Names) -> str:
        called = [names.value(self.column, value) for value in self.values]
        return f"{names.title(self.column)} is {listed(called)}"


@dataclass(frozen=True)
class Contains(OfOneColumn):
    """Text that holds some other text, in capitals or not."""

    column: str
    text: str

    def sql(self) -> str:
        return f"contains(lower({identifier(self.column)}), {literal(self.text.lower())})"

    def words(self, names: Names) -> str:
        return f"{names.title(self.column)} contains “{self.text.lower()}”"


@dataclass(frozen=True)
class Present(OfOneColumn):
    """Has a value, or has none. In a column of `codes` -1 is none, too."""

    column: str
    present: bool
    codes: bool = False

    def sql(self) -> str:
        name = identifier(self.column)
        if self.codes:
            return f"coalesce({name}, -1) {'<>' if self.present else '='} -1"
        return f"{name} IS {'NOT ' if self.present else ''}NULL"

    def words(self, names: Names) -> str:
        return f"{names.title(self.column)}: {'any' if self.present else 'none'}"


@dataclass(frozen=True)
class ShorterSide(Condition):
    """Pictures whose shorter side has from `low` to `high` pixels, both included."""

    low: int
    high: int
    columns = frozenset(("width", "height"))

    def sql(self) -> str:
        return f"least(width, height) BETWEEN {self.low} AND {self.high}"

    @property
    def range(self) -> str:
        """The two ends in words."""
        if not self.low:
            return f"under {self.high + 1} px"
        return f"{self.low} to {self.high} px" if self.high < 1_000_000 else f"{self.low} px and up"

    def words(self, _names: Names) -> str:
        return f"Shorter side {self.range}"


@dataclass(frozen=True)
class Tagged(Condition):
    """Has one of some tags; or, not `holds`, has none of them."""

    names: tuple[str, ...]
    holds: bool = True
    columns = frozenset((MY_TAGS,))

    def sql(self) -> str:
        if len(self.names) == 1:
            return f"{literal(self.names[0])} {'' if self.holds else 'NOT '}IN tagged"
        names = ", ".join(literal(name) for name in self.names)
        return f"{'' if self.holds else 'NOT '}list_has_any(tagged, [{names}])"

    def words(self, names: Names) -> str:
        return f"{names.title(MY_TAGS)}: {'' if self.holds else 'not '}{listed(self.names)}"

    def takes_the_place_of(self, other: Condition) -> bool:
        return isinstance(other, Tagged) and self.holds == other.holds


@dataclass(frozen=True)
class UnlikeLabels(Condition):
    """Near-duplicates in a group of more than one label."""

    columns = frozenset(("duplicate_group", "label"))

    def sql(self) -> str:
        return (
            "duplicate_group IN (SELECT duplicate_group FROM images WHERE duplicate_group >= 0 "
            "GROUP BY duplicate_group HAVING count(DISTINCT label) > 1)"
        )

    def words(self, _names: Names) -> str:
        return "Duplicates with unlike labels"


@dataclass(frozen=True)
class LooksOtherwise(Condition):
    """Another label is suggested than the one it has."""

    columns = frozenset(("label", "label_suggested"))

    def sql(self) -> str:
        return "label_suggested <> label"

    def words(self, _names: Names) -> str:
        return "Looks like another label"


@dataclass(frozen=True)
class Sql(Condition):
    """Whatever somebody wrote. It may do anything, so it runs in a process of its own."""

    text: str

    @property
    def columns(self) -> frozenset[str] | None:
        return parsed(self.text).columns

    def sql(self) -> str:
        # A comment ends with its line.
        return f"({self.text}\n)" if "--" in self.text else f"({self.text})"

    def words(self, _names: Names) -> str:
        return self.text

    def takes_the_place_of(self, other: Condition) -> bool:
        return self == other


KINDS: Mapping[str, type[Condition]] = MappingProxyType(
    {
        "range": Range,
        "days": Days,
        "one_of": OneOf,
        "contains": Contains,
        "present": Present,
        "shorter_side": ShorterSide,
        "tagged": Tagged,
        "unlike_labels": UnlikeLabels,
        "looks_otherwise": LooksOtherwise,
        "sql": Sql,
    }
)


def listed(names: Sequence[str]) -> str:
    """Some names in words, the first few of them.

    >>> listed("a"), listed("ab"), listed("abcde")
    ('a', 'a or b', 'a, b or 3 others')
    """
    some = list(names)
    if len(some) > MOST_VALUES_NAMED:
        some[MOST_VALUES_NAMED - 1 :] = [f"{len(some) - MOST_VALUES_NAMED + 1} others"]
    return " or ".join(filter(None, [", ".join(some[:-1]), some[-1]]))
