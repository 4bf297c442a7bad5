"""Reading conditions: which SQL is one that a click has made."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from explorer.ui.condition_kinds import (
    Between,
    Condition,
    Contains,
    Days,
    Known,
    OneOf,
    ShorterSide,
    Tagged,
)

NAME = r'([A-Za-z_]\w*|"(?:[^"]|"")+")'
NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
TEXT = r"'(?:[^']|'')*'"
VALUE = rf"(?:{TEXT}|{NUMBER})"


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


def _tagged_one(name: str, negated: str | None) -> Condition:
    return Tagged((str(_value(name)),), holds=not negated)


def _tagged_some(negated: str | None, names: str) -> Condition:
    return Tagged(tuple(str(_value(each)) for each in re.findall(TEXT, names)), holds=not negated)


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
        (rf"({TEXT}) (NOT )?IN tagged", _tagged_one),
        (rf"(NOT )?list_has_any\(tagged, \[({TEXT}(?:, {TEXT})*)\]\)", _tagged_some),
        (rf"{NAME} IS NULL", lambda name: Known(_name(name), False)),
        (rf"{NAME} IS NOT NULL", lambda name: Known(_name(name), True)),
        (rf"coalesce\({NAME}, -1\) = -1", lambda name: Known(_name(name), False, codes=True)),
        (rf"coalesce\({NAME}, -1\) <> -1", lambda name: Known(_name(name), True, codes=True)),
    )
)
