"""A place for a photo from outside."""

from explorer.ui.components.common import own_component, show_component

TEXT = "Drop a photo here, paste one, or click to choose: what is like it? It is not kept."
HEIGHT = 68  # pixels

_drop = own_component("drop")


def photo_drop(turn: int, *, dataset: str) -> None:
    """Show it; a photo comes as the event "photo". Another `turn` makes it say TEXT again."""
    show_component(_drop, {"text": TEXT, "turn": turn}, dataset=dataset, key="drop", height=HEIGHT)
