"""Which images, in what format, and where to."""

import csv
import io

import streamlit as st

from explorer import curate
from explorer.curate import FORMATS, ExportOptions, Origin
from explorer.errors import ExplorerError, UsageError
from explorer.insight.exporting import preview
from explorer.insight.wording import counted
from explorer.serving.hints import with_hint
from explorer.store import Rows, choice_of
from explorer.ui.elements import one_of, split
from explorer.ui.frame import show_page
from explorer.ui.html import good_news, show, warn
from explorer.ui.panels.export_options import format_cards, options_for
from explorer.ui.panels.export_writing import write_export
from explorer.ui.state import go_to
from explorer.ui.view import View

SELECTED, BOTH, SHOWN = "What is selected", "What of it is shown", "What is shown"


def export_page(view: View) -> None:
    """The selection, or what is shown, in any format; and under a name."""
    rows, is_filtered = _chosen(view)
    if not len(rows):
        _nothing(view)
        return
    chosen = format_cards()
    write, keep = split(3, 2)
    with write, st.container(key="card_write"):
        show("h2", "Write {} as {}", counted(len(rows), "image"), FORMATS[chosen].title)
        options = _options(view, chosen)
        if options:
            origin = _origin(view, rows, is_filtered)
            write_export(view, rows, chosen, options, origin)
    with keep:
        if options:
            with st.container(key="card_preview"):
                show("h2", "What will be written")
                for name, value in preview(view.space, rows, chosen, options):
                    show("p", "{}: {}", name, value, classes="facts")
        with st.container(key="card_keep"):
            _keep(view, rows)


def _options(view: View, format: str) -> ExportOptions | None:
    """What the controls say; None when that cannot be done, which is told."""
    try:
        return options_for(view, format)
    except UsageError as error:
        warn(with_hint(error))
        return None


def _nothing(view: View) -> None:
    """Nothing is selected: take all, or go where images are selected."""
    show(
        "p",
        "Nothing is selected yet. Take all images, draw around points on the map, let some be "
        "chosen, or set a filter above: what it shows can be written, too.",
        classes="hint",
    )
    with st.container(horizontal=True, key="export_nothing"):
        st.button(
            f"Select all {counted(len(view.space), 'image')}",
            type="primary",
            on_click=view.select,
            args=(view.space.image_ids, "replace", "selected all images"),
            help="Every image of this space.",
        )
        if st.button("Map", icon=":material/scatter_plot:", help="Draw around points there."):
            go_to("map")
        if st.button("Choose", icon=":material/auto_awesome:", help="A few that stand for all."):
            go_to("choose")


def _chosen(view: View) -> tuple[Rows, bool]:
    """The rows to write, and whether they are what the filter shows."""
    if view.shown is None:
        return view.rows, False
    parts = {SELECTED: view.rows, BOTH: view.keep(view.rows)}
    found = {name: rows for name, rows in parts.items() if len(rows)}
    found[SHOWN] = view.shown
    if len(found) == 1:
        return view.shown, True
    name = one_of(
        "Which images",
        list(found),
        default=next(iter(found)),
        format_func=lambda name: f"{name} ({len(found[name]):,})",
        key=f"export_which_{len(found)}",
        persist_state="session",
        help="What is shown are the images that pass the filter above.",
    )
    return found[name], name == SHOWN


def _origin(view: View, rows: Rows, is_filtered: bool) -> Origin:
    """What the recipe says of where the images come from."""
    how = choice_of(view.dataset.curation, view.space.image_ids[rows])
    return Origin(view.filter if is_filtered else (), (), (how,) if how else ())


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
        name = st.text_input("New tag", placeholder="a name", help="A tag is a selection kept.")
        if st.form_submit_button("Make a tag", width="stretch"):
            try:
                view.tags.add(name, view.space.image_ids[rows])
                good_news(f"Tagged {name.strip()!r}: explorer export --tag finds it.")
            except ExplorerError as error:
                warn(with_hint(error))
    tags = view.dataset.tags.all()
    if tags:
        listed = ", ".join(f"{tag.name} ({tag.count:,})" for tag in tags)
        show("p", "Tags: {}", listed, classes="facts")


def _listed(view: View, rows: Rows) -> bytes:
    table = view.space.table(["image_id", "path", "label"]).take(rows)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.column_names)
    writer.writerows([curate.guarded(value) for value in row.values()] for row in table.to_pylist())
    return text.getvalue().encode("utf-8")


show_page(
    "Export",
    "Hand images over, in the form that the next tool reads, checked and repeatable.",
    export_page,
)
