"""probe.json of a space: what was learned from its labels, kept because learning takes minutes."""

import contextlib
from typing import Any

from explorer.errors import StoreError
from explorer.store.atomic import read_json, write_json
from explorer.store.space import Space

FILE = "probe.json"
KEYS = {"fingerprint": str, "scores": list, "curve": list}


def read_probe(space: Space, fingerprint: str) -> dict[str, Any] | None:
    """What was kept under this fingerprint: `scores` and `curve`; None where it is another one."""
    with contextlib.suppress(StoreError):  # damaged, or never made: it is made again
        kept = read_json(space.root / FILE, KEYS)
        if kept["fingerprint"] == fingerprint:
            return kept
    return None


def write_probe(
    space: Space, fingerprint: str, *, scores: list[float], curve: list[dict[str, float]]
) -> None:
    """Keep what was learned, instead of what was before."""
    learned = {"fingerprint": fingerprint, "scores": scores, "curve": curve}
    write_json(space.root / FILE, learned)
