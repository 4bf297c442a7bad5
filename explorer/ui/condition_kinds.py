"""The conditions that a click makes: each can be said in SQL and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from explorer.curate import identifier, literal
from explorer.store import MY_TAGS

MOST_VALUES_NAMED = 3


@dataclass(frozen=True)
class Between:
    """Numbers from `low` to `high`, both included; None: no limit on that side."""

    column: str
    low: float | None = None
    high: float | None = None

    @property
    def sql(self) -> str:
        name = identifier(self.column)
        if self.low is None or self.high is None:
            sign, end = (">=", self.low) if self.high is None else ("<=", self.high)
            return f"{name} {sign} {literal(end or 0)}"
        return f"{name} BETWEEN {literal(self.low)} AND {literal(self.high)}"

    def words(self, title: str) -> str:
        """What it asks for, to be read after nothing else."""
        if self.high is None:
            return f"{title} at least {self.low:,.6g}"
        if self.low is None:
            return f"{title} at most {self.high:,.6g}"
        return f"{title} {self.low:,.6g} to {self.high:,.6g}"


@dataclass(frozen=True)
class Days:
    """Times from the day `first` to the day `last`, both included."""

    column: str
    first: date
    last: date

    @property
    def sql(self) -> str:
        name, after = identifier(self.column), self.last + timedelta(days=1)
        return f"{name} >= DATE '{self.first}' AND {name} < DATE '{after}'"

    def words(self, title: str) -> str:
        """What it asks for, to be read after nothing else."""
        return f"{title} {self.first} to {self.last}"


@dataclass(frozen=True)
class OneOf:
    """One of some values."""

    column: str
    values: tuple[str | int, ...]

    @property
    def sql(self) -> str:
        name, values = identifier(self.column), [literal(value) for value in self.values]
        return f"{name} = {values[0]}" if len(values) == 1 else f"{name} IN ({', '.join(values)})"

    def words(self, title: str) -> str:
        """What it asks for, to be read after nothing else."""
        return f"{title} is {listed([str(value) for value in self.values])}"


@dataclass(frozen=True)
class Contains:
    """Text that holds some other text, in capitals or not."""

    column: str
    text: str

    @property
    def sql(self) -> str:
        return f"contains(lower({identifier(self.column)}), {literal(self.text.lower())})"

    def words(self, title: str) -> str:
        """What it asks for, to be read after nothing else."""
        return f"{title} contains “{self.text}”"


@dataclass(frozen=True)
class Known:
    """Has a value, or has none. In a column of `codes` -1 is none, too."""

    column: str
    known: bool
    codes: bool = False

    @property
    def sql(self) -> str:
        name = identifier(self.column)
        if self.codes:
            return f"coalesce({name}, -1) {'<>' if self.known else '='} -1"
        return f"{name} IS {'NOT ' if self.known else ''}NULL"

    def words(self, title: str) -> str:
        """What it asks for, to be read after nothing else."""
        return f"{title}: {'any' if self.known else 'none'}"


@dataclass(frozen=True)
class ShorterSide:
    """Pictures whose shorter side has from `low` to `high` pixels, both included."""

    low: int
    high: int
    column: ClassVar[str] = "shorter side"  # not one that is stored: a name to find it by

    @property
    def sql(self) -> str:
        return f"least(width, height) BETWEEN {self.low} AND {self.high}"

    @property
    def range(self) -> str:
        """The two ends in words."""
        if not self.low:
            return f"under {self.high + 1} px"
        return f"{self.low} to {self.high} px" if self.high < 1_000_000 else f"{self.low} px and up"

    def words(self, title: str) -> str:
        """What it asks for, to be read after nothing else."""
        return f"{title.capitalize()} {self.range}"


@dataclass(frozen=True)
class Tagged:
    """Has one of some tags; or, not `holds`, has none of them."""

    names: tuple[str, ...]
    holds: bool = True
    column: ClassVar[str] = MY_TAGS

    @property
    def sql(self) -> str:
        if len(self.names) == 1:
            return f"{literal(self.names[0])} {'' if self.holds else 'NOT '}IN tagged"
        names = ", ".join(literal(name) for name in self.names)
        return f"{'' if self.holds else 'NOT '}list_has_any(tagged, [{names}])"

    def words(self, title: str) -> str:
        """What it asks for, to be read after nothing else."""
        return f"{title}: {'' if self.holds else 'not '}{listed(self.names)}"


Condition = Between | Days | OneOf | Contains | Known | ShorterSide | Tagged


def listed(names: Sequence[str]) -> str:
    """Some names in words, the first few of them.

    >>> listed("a"), listed("ab"), listed("abcde")
    ('a', 'a or b', 'a, b or 3 others')
    """
    some = list(names)
    if len(some) > MOST_VALUES_NAMED:
        some[MOST_VALUES_NAMED - 1 :] = [f"{len(some) - MOST_VALUES_NAMED + 1} others"]
    return " or ".join(filter(None, [", ".join(some[:-1]), some[-1]]))
