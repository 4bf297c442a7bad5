"""Keeping: filters over the columns, and exports of what was chosen."""

from explorer.curate.export import FORMATS, Exported, export, guarded
from explorer.curate.filters import where

__all__ = ["FORMATS", "Exported", "export", "guarded", "where"]
