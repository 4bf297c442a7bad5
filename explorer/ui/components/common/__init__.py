"""What all components share: their code comes by URL, what the user does comes as an event."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer.serving.assets import asset_url
from explorer.serving.delivery import events_url
from explorer.serving.windows import events_shown


def own_component(name: str) -> Any:
    """A component whose code comes by URL: the browser keeps it, and a rerun does not move it."""
    module = asset_url(f"{name}/{name}.js")
    return st.components.v2.component(
        f"explorer.{name}",
        html='<div class="mount"></div>',
        js=(
            "export default async function (component) {\n"
            "  const place = component.parentElement;\n"
            "  place.newest = component;\n"
            f"  const module = await import(new URL('{module}', location.origin).href);\n"
            "  // Of two that waited for the code the older one can come second.\n"
            "  if (place.newest === component) return module.default(component);\n"
            "}\n"
        ),
    )


def show_component(
    component: Any, data: Mapping[str, object], *, dataset: str, key: str, **layout: Any
) -> None:
    """Show a component whose events change what is done to a dataset.

    They come by `delivery.py`. What it tells Streamlit is only that a new picture is wanted.
    """
    to = {"url": events_url(), "dataset": dataset, "shown": dict(events_shown())}
    component(data={**data, "to": to}, key=key, on_picture_change=_nothing, **layout)


def _nothing() -> None:
    """That the script runs is all that was asked for."""
