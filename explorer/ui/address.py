"""The address in the browser: a mirror of what a window looks at, so that any view is a link."""

import contextlib
from collections.abc import Callable
from typing import Any

import streamlit as st

from explorer.errors import ExplorerError
from explorer.filters import Condition, Sql, decode, encode, expression
from explorer.search import MOST_LESS, Crop
from explorer.serving.windows import tell
from explorer.ui.state import now

SELECTION = "selection"  # in a link: the key of a selection that was kept
WHERE = "where"  # in the links of before: a condition in SQL


def _number(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"“{text}” is no number of an image.")
    return int(text)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(part) for part in text.split(",") if part.isdecimal()))


def _joined(ids: tuple[int, ...]) -> str:
    return ",".join(map(str, ids))


def _share(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= (share := float(text)) <= MOST_LESS:
            return share
    raise ValueError(f"“less={text}” is no number from 0 to {MOST_LESS:g}.")


# How each is read from the address, and written.
ADDRESS: dict[str, tuple[Callable[[str], object], Callable[[Any], str]]] = {
    **dict.fromkeys(("dataset", "space", "words", "color", "layout"), (str, str)),
    "image": (_number, str),
    "crop": (Crop.read, str),
    "like": (_numbers, _joined),
    "unlike": (_numbers, _joined),
    "less": (_share, "{:g}".format),
}


def read_url() -> None:
    """Begin with what the address asks for. What cannot be read is told, and left out."""
    state, asked = now(), st.query_params
    state.is_opened, state.link = True, asked.get(SELECTION)
    for name, (read, _) in ADDRESS.items():
        if text := asked.get(name):
            try:
                setattr(state, name, read(text))
            except (ExplorerError, ValueError) as error:
                tell(str(error))
    found = [_condition(text) for text in asked.get_all("filter")]
    if old := tuple(map(Sql, asked.get_all(WHERE))):
        found.append(Sql(expression(old)))
    state.filter = tuple(each for each in found if each)


def _condition(text: str) -> Condition | None:
    try:
        return decode(text)
    except ExplorerError as error:
        tell(f"A filter in the address was left out: {error}")
        return None


def write_url() -> None:
    """Mirror the state in the address."""
    state = now()
    wanted = {
        name: [write(value)]
        for name, (_, write) in ADDRESS.items()
        if (value := getattr(state, name)) not in (None, "", ())
    }
    if conditions := [*state.filter, *state.waiting]:
        wanted["filter"] = list(map(encode, conditions))
    if {key: st.query_params.get_all(key) for key in st.query_params} != wanted:
        st.query_params.from_dict(wanted)
