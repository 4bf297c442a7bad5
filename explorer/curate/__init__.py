"""Keeping: filters over the columns, and exports of what was chosen."""

from explorer.curate.export import FORMATS, Exported, export, guarded
from explorer.curate.filters import identifier, literal, where
from explorer.curate.vectors import VECTOR_FORMATS

__all__ = [
    "FORMATS",
    "VECTOR_FORMATS",
    "Exported",
    "export",
    "guarded",
    "identifier",
    "literal",
    "where",
]
