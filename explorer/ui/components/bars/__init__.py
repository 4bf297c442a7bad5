"""How often each value occurs: bars that mouse and keyboard can choose."""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.ui.components.common import own_component, show_component


@dataclass(frozen=True)
class BarsData:
    """A line for each value. label: for screen readers.

    asked: those that the filter asks for: if there are any, the others are quiet.
    conditions: what a click asks for, as `filters.encode` writes it.
    """

    names: Sequence[str]
    counts: Sequence[int]
    asked: Sequence[bool]
    conditions: Sequence[str]
    label: str


_bars = own_component("bars")


def bars(data: BarsData, *, dataset: str, key: str) -> None:
    """Show them; one that is chosen comes as the event "bar", with its condition."""
    show_component(_bars, vars(data), dataset=dataset, key=key, height="content")
