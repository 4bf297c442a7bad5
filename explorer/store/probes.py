"""probe.json of a space: what was learned from its labels, kept because learning takes minutes."""

import contextlib
from typing import Any

from explorer.errors import StoreError
from explorer.store.atomic import read_json
from explorer.store.manifest import write_listed_json
from explorer.store.space import Space

FILE = "probe.json"
FORMAT = 2
KEYS = {"format": int, "fingerprint": str, "judged": str, "right": list, "curve": list}


def read_probe(space: Space, fingerprint: str) -> dict[str, Any] | None:
    """What was kept under this fingerprint, as it was given; None where it is another one."""
    with contextlib.suppress(StoreError):  # damaged, of another format, or never made: made again
        kept = read_json(space.root / FILE, KEYS)
        if (kept["format"], kept["fingerprint"]) == (FORMAT, fingerprint):
            return kept
    return None


def write_probe(space: Space, fingerprint: str, learned: dict[str, Any]) -> None:
    """Keep what was learned, instead of what was before.

    judged: a 1 for each image that was judged and a 0 for each other one; right: the same of each
    repeat, for those judged right; accuracy: the figure, or none; curve: the points.
    """
    write_listed_json(space.root / FILE, {"format": FORMAT, "fingerprint": fingerprint, **learned})
