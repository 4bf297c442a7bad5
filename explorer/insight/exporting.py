"""What an export of some images comes to."""

from collections import Counter

import numpy as np

from explorer.curate import FORMATS, ExportOptions
from explorer.insight.clustering import GRANULARITIES
from explorer.insight.columns import MISSING_CODE, categories, is_category, numbers
from explorer.store import MY_TAGS, Rows, Space

SORTED_BY = ("label", "split", "my_group", "format")

MOST_FOLDERS = 8

TAG = "tag"


def sortable(space: Space) -> list[str]:
    """The columns that make sense as folders, those that people think of first."""
    there = [name for name in (*SORTED_BY, *GRANULARITIES) if name in space.column_names]
    others = [
        name
        for name in space.dataset.column_names
        if name not in ("path", "content_hash", MY_TAGS, *there) and is_category(space, name)
    ]
    known = [name for name in [*there, *others] if name in space.column_names]
    return [name for name in known if 0 < len(categories(space, name).names) <= 1000]


def preview(space: Space, rows: Rows, format: str, options: ExportOptions) -> list[tuple[str, str]]:
    """What will be written, as pairs of name and value."""
    about = FORMATS[format]
    found = [("Images", f"{len(rows):,}")]
    size = float(np.nansum(numbers(space, "bytes")[rows], dtype=np.float64))
    if about.copies:
        told = f"{size / 1e6:,.1f} MB" if options.link == "copy" else "links only"
        found.append(("Image files", told))
    if format in ("npy", "safetensors", "parquet-vectors"):
        megabytes = len(rows) * space.dimension * 4 / 1e6
        found.append(("Vectors", f"{len(rows):,} × {space.dimension:,}, {megabytes:,.1f} MB"))
    if about.shards:
        found.append(("Shards", f"about {-(-len(rows) // options.shard_size):,}"))
    labels = categories(space, "label").codes[rows]
    if missing := int((labels == MISSING_CODE).sum()):
        found.append(("Without a label", f"{missing:,}"))
    for column in options.by or ():
        if column != TAG:
            title = space.column_meta(column).title.lower()
            found.append((f"By {title}", values_in_words(space, column, rows)))
    beside = "lists of what is in it, and recipe.json, which repeats the export"
    return [*found, ("Beside them", beside)]


def values_in_words(space: Space, column: str, rows: Rows) -> str:
    """How often some rows have each value of a column, the commonest first."""
    known = categories(space, column)
    counts = Counter(known.codes[rows].tolist())
    named = [
        (known.names[code] if code < len(known.names) else "none", count)
        for code, count in counts.most_common()
    ]
    listed = ", ".join(f"{name} ({count:,})" for name, count in named[:MOST_FOLDERS])
    more = len(named) - MOST_FOLDERS
    return f"{listed} and {more:,} more" if more > 0 else listed
