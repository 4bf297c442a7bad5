"""What pages are put together with: columns, a choice, one page of a long list, a chart."""

from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

T = TypeVar("T")


def split(
    *shares: int, key: str = "split", gap: Literal["small", "medium", "large"] = "medium"
) -> Sequence[DeltaGenerator]:
    """Columns side by side, and one below the other where there is no room for that."""
    with st.container(key=key):
        return st.columns(shares, gap=gap)


def one_of(label: str, options: Sequence[str], **how: Any) -> str:
    """The option that is chosen: always one. `how` is what `st.segmented_control` takes."""
    return str(st.segmented_control(label, options, required=True, **how))


def one_page(found: Sequence[T], *, size: int, key: str) -> Sequence[T]:
    """What is on the page that is chosen of a list, `size` to a page."""
    pages = -(-len(found) // size)
    page = st.pagination(pages, key=f"{key}_{pages}") if pages > 1 else 1
    return found[(page - 1) * size : page * size]


def show_chart(figure: go.Figure, *, key: str) -> None:
    """A chart without plotly's own buttons."""
    st.plotly_chart(figure, key=key, config={"displayModeBar": False})
