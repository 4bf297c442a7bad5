"""What an export can be told on its page: the format's card, its options, and what comes of it."""

from typing import Literal, cast

import streamlit as st

from explorer.curate import FORMATS, ExportOptions
from explorer.insight.exporting import TAG, sortable
from explorer.ui.elements import one_of
from explorer.ui.html import as_label, show
from explorer.ui.state import now
from explorer.ui.view import View

FAMILIES = {
    "Image files": (
        "folder",
        "imagefolder",
        "webdataset",
        "huggingface",
        "coco",
        "yolo",
        "fiftyone",
        "sheet",
    ),
    "Tables and vectors": ("csv", "jsonl", "parquet", "parquet-vectors", "npy", "safetensors"),
}
LINKS = {"copy": "Copies", "hard": "Hard links", "symbolic": "Symbolic links"}


def format_cards() -> str:
    """The formats as cards; the chosen one."""
    chosen = now().format
    for number, (family, names) in enumerate(FAMILIES.items()):
        show("h3", "{}", family)
        with st.container(key=f"formats_{number}"):
            for name in names:
                with st.container(key=f"format_on_{name}" if name == chosen else f"format_{name}"):
                    st.button(
                        FORMATS[name].title,
                        key=f"choose_format_{name}",
                        type="tertiary",
                        on_click=setattr,
                        args=(now(), "format", name),
                        help=f"Export as {FORMATS[name].title}.",
                    )
                    show("p", "{}", FORMATS[name].explains, classes="facts")
    return chosen


def options_for(view: View, format: str) -> ExportOptions:
    """The controls that a format has. Raises `UsageError` for what cannot be written."""
    about = FORMATS[format]
    by, link, shard_size = None, "copy", ExportOptions().shard_size
    if about.sorted:
        by = _sorting(view, format)
    if about.links:
        link = one_of(
            "Image files",
            list(LINKS),
            default="copy",
            format_func=LINKS.__getitem__,
            key="export_link",
            persist_state="session",
            help="Copies stand alone. Links take no room, and lead to the originals: hard ones "
            "only on the same disk, symbolic ones only as long as the originals stay there.",
        )
    if about.shards:
        shard_size = int(
            st.number_input(
                "Images in a shard",  # no bounds: a number in red would leave the one before
                value=shard_size,
                step=500,
                help="Shards of some hundred megabytes are read best.",
            )
        )
    return ExportOptions(
        by=by, link=cast(Literal["copy", "hard", "symbolic"], link), shard_size=shard_size
    )


def _sorting(view: View, format: str) -> tuple[str, ...] | None:
    columns = sortable(view.space)
    if view.dataset.tagging.sets:
        columns.append(TAG)
    titles = {name: view.space.column_meta(name).title for name in columns if name != TAG}
    start = ["label"] if format in ("folder", "sheet") and "label" in columns else []
    chosen = st.multiselect(
        "Sort by",
        columns,
        start,
        format_func=lambda name: as_label(titles.get(name, "Tag")),
        key=f"export_by_{view.dataset.name}_{view.space.id}_{format in ('folder', 'sheet')}",
        placeholder="as the format does",
        help="A folder for each value, the first outermost; for shards and lists: one set for each "
        "value, such as train and val.",
    )
    return tuple(chosen)
