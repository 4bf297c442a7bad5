"""Texts on a page: what is shown, what is wrong, what has been done."""

import re

import streamlit as st

from explorer.insight.markup import piece


def show(tag: str, text: str = "", *values: object, classes: str = "") -> None:
    """Put one element on the page (see `piece`)."""
    st.html(piece(tag, text, *values, classes=classes))


def warn(text: str) -> None:
    """Tell what is wrong. The text may hold what others wrote: it is shown to the letter."""
    st.html(piece("p", "{}", text, classes="problem", role="alert"))


def good_news(text: str) -> None:
    """Tell what has been done, to the letter, too."""
    st.html(piece("p", "{}", text, classes="problem done", role="status"))


def as_label(text: str) -> str:
    r"""Text as the label of a widget, which Streamlit takes for Markdown: here it stays text.

    A word joiner, which nobody sees, keeps `:fire:` and `-->` from becoming signs.

    >>> print(as_label("_a_ [b]"))
    \_a\_ \[b\]
    """
    escaped = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
    return re.sub(r"(?<=[:<>=~-])", "\u2060", escaped)
