"""The conditions that a filter is made of: SQL, and for those made by clicking, words.

A filter is a tuple of SQL conditions that all have to be true. That is all that is kept, in the URL
too; what a click made is recognised by its form, so that it can be said in words and changed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from explorer.curate import identifier, literal

Where = tuple[str, ...]

NAME = r'([A-Za-z_]\w*|"(?:[^"]|"")+")'
NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
TEXT = r"'(?:[^']|'')*'"
VALUE = rf"(?:{TEXT}|{NUMBER})"
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
        named = [str(value) for value in self.values]
        if len(named) > MOST_VALUES_NAMED:
            named[MOST_VALUES_NAMED - 1 :] = [f"{len(named) - MOST_VALUES_NAMED + 1} others"]
        return f"{title} is {' or '.join(filter(None, [', '.join(named[:-1]), named[-1]]))}"


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


Condition = Between | Days | OneOf | Contains | Known | ShorterSide

# What some conditions are called that no form of the above says.
NAMED = {
    "duplicate_group IN (SELECT duplicate_group FROM images WHERE duplicate_group >= 0 "
    "GROUP BY duplicate_group HAVING count(DISTINCT label) > 1)": "Duplicates with unlike labels",
}
[UNLIKE_LABELS] = NAMED


def read(sql: str) -> Condition | None:
    """The condition that has this SQL; None for what people wrote in another form."""
    for form, made in FORMS:
        if match := form.fullmatch(sql):
            try:
                condition = made(*match.groups())
            except ValueError:  # a day that does not exist
                return None
            return condition if condition.sql == sql else None
    return None


def column_of(sql: str) -> str | None:
    """The column that a condition is about, if it is of a known form."""
    condition = read(sql)
    return condition.column if condition else None


def in_words(sql: str, title_of: Callable[[str], str], name_of: Callable[[str, Any], str]) -> str:
    """A condition for people to read; SQL in any other form stays SQL.

    `title_of` a column is what people call it, `name_of` a column and one of its values likewise.
    """
    condition = read(sql)
    if condition is None:
        return NAMED.get(sql, sql)
    if isinstance(condition, OneOf):
        named = tuple(name_of(condition.column, value) for value in condition.values)
        condition = OneOf(condition.column, named)
    return condition.words(title_of(condition.column))


def as_one(where: Where) -> str:
    """A filter as the one expression that the command line takes.

    >>> as_one(("width > 1", "label = 'a' OR label = 'b'"))
    "width > 1 AND (label = 'a' OR label = 'b')"
    """
    if len(where) == 1:
        return where[0]
    # A comment ends with its line.
    parts = [
        f"({sql}\n)" if "--" in sql else f"({sql})" if _is_loose(sql) else sql for sql in where
    ]
    return " AND ".join(parts)


def _is_loose(sql: str) -> bool:
    """May AND tear it apart? Nothing that a click made, nor a single comparison."""
    return read(sql) is None and re.fullmatch(rf"{NAME} [<>=]+ {VALUE}", sql) is None


def added(where: Where, condition: Condition | str) -> Where:
    """A filter with one more condition, which takes the place of one of its kind on its column."""
    if isinstance(condition, str):
        return where if condition in where else (*where, condition)
    kept = [sql for sql in where if not _is_alike(read(sql), condition)]
    return (*kept, condition.sql)


def _is_alike(one: Condition | None, other: Condition) -> bool:
    return type(one) is type(other) and one is not None and one.column == other.column


def without(where: Where, column: str) -> Where:
    """A filter without what it asks of a column by clicking."""
    return tuple(sql for sql in where if column_of(sql) != column)


def toggled(where: Where, column: str, value: str | int) -> Where:
    """A filter with one value of a column asked for, too; or no longer, if it was."""
    asked = next((each for each in map(read, where) if _is_alike(each, OneOf(column, ()))), None)
    values = asked.values if isinstance(asked, OneOf) else ()
    now = tuple(each for each in values if each != value)
    if value not in values:
        now = (*values, value)
    rest = tuple(sql for sql in where if asked is None or sql != asked.sql)
    return added(rest, OneOf(column, now)) if now else rest


def _name(quoted: str) -> str:
    return quoted[1:-1].replace('""', '"') if quoted.startswith('"') else quoted


def _number(text: str) -> float:
    return float(text) if re.search(r"[.e]", text) else int(text)


def _value(text: str) -> str | int:
    return text[1:-1].replace("''", "'") if text.startswith("'") else int(text)


def _between(name: str, low: str, high: str) -> Condition:
    return Between(_name(name), _number(low), _number(high))


def _shorter_side(low: str, high: str) -> Condition:
    return ShorterSide(int(low), int(high))


def _at_least(name: str, low: str) -> Condition:
    return Between(_name(name), low=_number(low))


def _at_most(name: str, high: str) -> Condition:
    return Between(_name(name), high=_number(high))


def _days(name: str, first: str, _: str, after: str) -> Condition:
    last = date.fromisoformat(after) - timedelta(days=1)
    return Days(_name(name), date.fromisoformat(first), last)


def _one(name: str, value: str) -> Condition:
    return OneOf(_name(name), (_value(value),))


def _one_of(name: str, values: str) -> Condition:
    return OneOf(_name(name), tuple(_value(each) for each in re.findall(VALUE, values)))


def _contains(name: str, text: str) -> Condition:
    return Contains(_name(name), str(_value(text)))


FORMS: tuple[tuple[re.Pattern[str], Callable[..., Condition]], ...] = tuple(
    (re.compile(form, re.DOTALL), made)
    for form, made in (
        (rf"{NAME} BETWEEN ({NUMBER}) AND ({NUMBER})", _between),
        (r"least\(width, height\) BETWEEN (\d+) AND (\d+)", _shorter_side),
        (rf"{NAME} >= ({NUMBER})", _at_least),
        (rf"{NAME} <= ({NUMBER})", _at_most),
        (rf"{NAME} >= DATE '([\d-]+)' AND {NAME} < DATE '([\d-]+)'", _days),
        (rf"{NAME} = ({TEXT}|-?\d+)", _one),
        (rf"{NAME} IN \(({VALUE}(?:, {VALUE})*)\)", _one_of),
        (rf"contains\(lower\({NAME}\), ({TEXT})\)", _contains),
        (rf"{NAME} IS NULL", lambda name: Known(_name(name), False)),
        (rf"{NAME} IS NOT NULL", lambda name: Known(_name(name), True)),
        (rf"coalesce\({NAME}, -1\) = -1", lambda name: Known(_name(name), False, codes=True)),
        (rf"coalesce\({NAME}, -1\) <> -1", lambda name: Known(_name(name), True, codes=True)),
    )
)
