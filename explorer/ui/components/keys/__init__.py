"""Keys that work everywhere on the page."""

from collections.abc import Mapping, Sequence

from explorer.ui.components.common import own_component, show_component

_keys = own_component("keys")


def page_keys(tags: Sequence[Mapping[str, object]], *, dataset: str) -> None:
    """Listen to them; the digits mean these tags, each with id, name and colour."""
    show_component(_keys, {"tags": tags}, dataset=dataset, key="page_keys")
