"""The page Export: name the selection, write it out."""

import csv
import io
from pathlib import Path

import streamlit as st

from explorer import curate
from explorer.errors import ExplorerError
from explorer.ui.bits import Rows
from explorer.ui.html import counted, good_news, show, warn
from explorer.ui.panels import selection_tray
from explorer.ui.state import View

FORMATS = {
    "folder": "Folder of copies, one sub-folder per label",
    "csv": "CSV table",
    "parquet": "Parquet table",
}


def export_page(view: View) -> None:
    """The selection, or what is shown, as a tag, as a download, or written into a folder."""
    rows = _chosen(view)
    if not len(rows):
        show(
            "p",
            "Nothing is selected yet. Draw around points on the map, tick photos in a gallery, "
            "select a whole cluster, or set a filter; then come back.",
            classes="hint",
        )
        return
    with st.container(key="split"):
        write, keep = st.columns([3, 2], gap="medium")
    with write, st.container(key="card_write"):
        _write(view, rows)
    with keep, st.container(key="card_keep"):
        _keep(view, rows)
    selection_tray(view)


def _chosen(view: View) -> Rows:
    """The rows to write: the selection, what the filter shows, or what is both."""
    if view.shown is None:
        return view.rows
    parts = {"The selection": view.rows, "Of it what is shown": view.keep(view.rows)}
    found = {name: rows for name, rows in parts.items() if len(rows)}
    found["What is shown"] = view.shown
    if len(found) == 1:
        return view.shown
    name = st.segmented_control(
        "Which images",
        list(found),
        default=next(iter(found)),
        required=True,
        format_func=lambda name: f"{name} ({len(found[name]):,})",
        key=f"export_which_{len(found)}",
        persist_state="session",
        help="What is shown are the images that pass the filter above.",
    )
    return found[str(name)]


def _write(view: View, rows: Rows) -> None:
    show("h2", "Write {} into a folder", counted(len(rows), "image"))
    with st.form("export", border=False):
        chosen = st.radio(
            "Format",
            list(FORMATS),
            format_func=lambda name: FORMATS[name],
            key="export_format",
            help="Tables hold every column; the folder holds the table too.",
        )
        target = st.text_input(
            "Folder",
            str(Path("exports") / view.dataset.name),
            help="A new folder on the computer that runs Explorer; a relative path begins in "
            f"{Path.cwd()}.",
        )
        force = st.checkbox("Replace an earlier export", help="Nothing else is ever replaced.")
        if not st.form_submit_button("Export", type="primary"):
            return
    bar = st.progress(0.0, "Exporting …")
    try:
        done = curate.export(
            view.space,
            view.space.image_ids[rows].tolist(),
            format=chosen,
            to=target,
            force=force,
            on_file=lambda done, total: bar.progress(done / total, f"{done:,} of {total:,}"),
        )
    except ExplorerError as error:
        bar.empty()
        warn(str(error))
        return
    bar.empty()
    good_news(f"{counted(done.images, 'image')} as {done.format} in {done.to}")


def _keep(view: View, rows: Rows) -> None:
    show("h2", "Keep it")
    st.download_button(
        "Download the list (CSV)",
        _listed(view, rows),
        file_name=f"{view.dataset.name}-selection.csv",
        mime="text/csv",
        on_click="ignore",
        width="stretch",
        help="Image ids and paths.",
    )
    with st.form("tag", border=False, clear_on_submit=True):
        name = st.text_input(
            "Tag it", placeholder="a name for this selection", help="A tag is a selection kept."
        )
        if st.form_submit_button("Save as tag", width="stretch"):
            try:
                view.dataset.curation.tag(name, view.space.image_ids[rows].tolist())
                good_news(f"Kept as {name.strip()!r}: explorer export --tag finds it.")
            except ExplorerError as error:
                warn(str(error))
    tags = view.dataset.curation.tags()
    if tags:
        listed = ", ".join(f"{tag} ({count:,})" for tag, count in tags.items())
        show("p", "Tags: {}", listed, classes="facts")


def _listed(view: View, rows: Rows) -> bytes:
    table = view.space.table(["image_id", "path", "label"]).take(rows)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.column_names)
    writer.writerows([curate.guarded(value) for value in row.values()] for row in table.to_pylist())
    return text.getvalue().encode("utf-8")
