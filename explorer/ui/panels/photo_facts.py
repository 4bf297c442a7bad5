"""All that is known of a photo, and what its camera wrote."""

import streamlit as st

from explorer.images import read_exif
from explorer.serving.registry import original_bytes
from explorer.ui.html import show
from explorer.ui.view import View


def photo_facts(view: View) -> None:
    """All that is known of the query, and what its camera wrote."""
    assert view.query is not None
    known = view.space.image(view.query)
    columns = {view.space.column_meta(name).title: value for name, value in known.items()}
    with st.expander("All columns"):
        _table({title: _text(value) for title, value in columns.items()})
    with st.expander("EXIF", on_change="rerun", key=f"exif_{view.query}") as opened:
        if opened.open:
            entries = read_exif(original_bytes(view.dataset, view.query))
            if entries:
                _table(entries)
            else:
                show("p", "The file holds none.", classes="hint")


def _table(values: dict[str, str]) -> None:
    st.dataframe(
        {"column": list(values), "value": list(values.values())}, hide_index=True, width="stretch"
    )


def _text(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
