"""probe.json of a space: what was learned from its labels, kept because learning takes minutes."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from explorer.errors import StoreError
from explorer.store.dataset import Space
from explorer.store.json_files import read_json, told
from explorer.store.manifest import write_listed_json

FILE = "probe.json"
FORMAT = 2

T = TypeVar("T")


@dataclass(frozen=True)
class _Head:
    format: int
    fingerprint: str


def read_probe(space: Space, fingerprint: str, kind: Callable[..., T]) -> T | None:
    """What was kept under this fingerprint, as the dataclass that it was; None if it is another."""
    path = space.root / FILE
    with contextlib.suppress(StoreError):  # damaged, of another format, or never made: made again
        if read_json(path, _Head) == _Head(FORMAT, fingerprint):
            return read_json(path, kind)
    return None


def write_probe(space: Space, fingerprint: str, learned: object) -> None:
    """Keep what was learned, a dataclass, instead of what was before."""
    write_listed_json(space.root / FILE, told(_Head(FORMAT, fingerprint)) | told(learned))
