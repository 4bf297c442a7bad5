"""Two photos one over the other: swipe, difference, side by side."""

from collections.abc import Mapping

from explorer.ui.components.common import own_component

HEIGHT = 460  # pixels of the photos

_compare = own_component("compare")


def photos_to_compare(first: Mapping[str, str], second: Mapping[str, str], *, key: str) -> None:
    """Show two photos, each with `url`, `name` and `facts`."""
    data = {"first": first, "second": second, "height": HEIGHT}
    _compare(data=data, key=key, height="content")
