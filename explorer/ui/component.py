"""A component of our own: its code comes by URL, and what the user does comes as an event."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import streamlit as st

from explorer.ui.server import asset_url

Event = TypeVar("Event")


def own_component(name: str) -> Any:
    """A component whose code comes by URL: the browser keeps it, and a rerun does not move it."""
    module = asset_url(f"{name}/{name}.js")
    return st.components.v2.component(
        f"explorer.{name}",
        html='<div class="mount"></div>',
        js=(
            "export default async function (component) {\n"
            f"  const module = await import(new URL('{module}', location.origin).href);\n"
            "  return module.default(component);\n"
            "}\n"
        ),
    )


def reaction(
    key: str,
    read: Callable[[Mapping[str, Any]], Event],
    on_event: Callable[[Event], None] | None,
) -> Callable[[], None]:
    """What Streamlit calls before a run in which something happened."""

    def react() -> None:
        if on_event is not None:
            on_event(read(st.session_state[key]))

    return react
