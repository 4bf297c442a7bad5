"""The page Export: which images, in what format, and where to."""

import csv
import io
from pathlib import Path

import streamlit as st

from explorer import curate
from explorer.curate import FORMATS, Exported, ExportOptions, Origin
from explorer.errors import ExplorerError, UsageError
from explorer.filters import expression
from explorer.insight.wording import counted
from explorer.serving.downloads import is_offered, new_download, offer
from explorer.serving.folders import EXPORT, Folders, folders
from explorer.store import Rows, choice_of
from explorer.ui import state
from explorer.ui.export_options import format_cards, options_for, preview
from explorer.ui.html import as_label, good_news, piece, show, warn
from explorer.ui.state import View

HERE, AWAY = "Into a folder", "As a download"
REPLACE = "Replace an earlier export"
CLOSED = (
    "As a download: others may see this page as well, so nothing is written to folders of the "
    "computer that runs Explorer. Whoever starts it there can allow one (`explorer serve "
    "--allow-export FOLDER`)."
)
SELECTED, BOTH, SHOWN = "What is selected", "What of it is shown", "What is shown"


def export_page(view: View) -> None:
    """The selection, or what is shown, in any format; and under a name."""
    rows, is_filtered = _chosen(view)
    if not len(rows):
        _nothing(view)
        return
    chosen = format_cards()
    with st.container(key="split"):
        write, keep = st.columns([3, 2], gap="medium")
    with write, st.container(key="card_write"):
        show("h2", "Write {} as {}", counted(len(rows), "image"), FORMATS[chosen].title)
        options = _options(view, chosen)
        if options:
            origin = _origin(view, rows, is_filtered)
            _write(view, rows, chosen, options, origin)
    with keep:
        if options:
            with st.container(key="card_preview"):
                show("h2", "What will be written")
                for name, value in preview(view, rows, chosen, options):
                    show("p", "{}: {}", name, value, classes="facts")
        with st.container(key="card_keep"):
            _keep(view, rows)


def _options(view: View, format: str) -> ExportOptions | None:
    """What the controls say; None when that cannot be done, which is told."""
    try:
        return options_for(view, format)
    except UsageError as error:
        warn(str(error))
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
            on_click=state.select,
            args=(view, view.space.image_ids, "replace", "selected all images"),
            help="Every image of this space.",
        )
        if st.button("Map", icon=":material/scatter_plot:", help="Draw around points there."):
            st.switch_page(st.session_state["_pages"]["map"])
        if st.button("Choose", icon=":material/auto_awesome:", help="A few that stand for all."):
            st.switch_page(st.session_state["_pages"]["choose"])


def _chosen(view: View) -> tuple[Rows, bool]:
    """The rows to write, and whether they are what the filter shows."""
    if view.shown is None:
        return view.rows, False
    parts = {SELECTED: view.rows, BOTH: view.keep(view.rows)}
    found = {name: rows for name, rows in parts.items() if len(rows)}
    found[SHOWN] = view.shown
    if len(found) == 1:
        return view.shown, True
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
    return found[str(name)], name == SHOWN


def _origin(view: View, rows: Rows, is_filtered: bool) -> Origin:
    """What the recipe says of where the images come from."""
    how = choice_of(view.dataset.curation, view.space.image_ids[rows])
    return Origin(expression(view.filter) if is_filtered else None, (), (how,) if how else ())


def _write(view: View, rows: Rows, format: str, options: ExportOptions, origin: Origin) -> None:
    way, allowed = AWAY, folders(EXPORT)
    if allowed.is_none:
        show("p", "{}", CLOSED, classes="hint")
    else:
        way = st.segmented_control(
            "Where to",
            [HERE, AWAY],
            default=HERE,
            required=True,
            key="export_where",
            persist_state="session",
            help="A folder on the computer that runs Explorer, or a zip file for the browser.",
        )
    if way == AWAY:
        _write_download(view, rows, format, options, origin)
    else:
        ids = view.space.image_ids[rows].tolist()
        _write_folder(view, ids, allowed, format=format, options=options, origin=origin)


def _write_folder(
    view: View,
    ids: list[int],
    allowed: Folders,
    *,
    format: str,
    options: ExportOptions,
    origin: Origin,
) -> None:
    begins = allowed.within[0] if allowed.within else Path("exports")
    # Enter in the field is the end of typing, not yet the word to write.
    with st.form("export", border=False, enter_to_submit=False):
        target = st.text_input(
            "Folder",
            str(begins / view.dataset.name),
            help=as_label(_where(allowed)),
        )
        force = st.checkbox(REPLACE, help="Nothing else is ever replaced.")
        if not st.form_submit_button("Export", type="primary"):
            return
    try:
        to = allowed.target(target)
    except UsageError as error:
        warn(str(error))
        return
    if not force and to.expanduser().exists():
        warn(f"{target} exists already. Choose another folder, or tick “{REPLACE}”.")
        return
    done = _run(view, ids, format=format, to=to, options=options, origin=origin, force=force)
    if done:
        good_news(
            f"{counted(done.images, 'image')} as {FORMATS[format].title} in {done.to}: "
            f"{counted(done.files, 'file')}, read back and compared. recipe.json repeats it."
        )


def _where(allowed: Folders) -> str:
    """What the field for the folder takes."""
    if allowed.within is None:
        begins = f"a relative path begins in {Path.cwd()}."
        return f"A new folder on the computer that runs Explorer; {begins}"
    listed = ", ".join(map(str, allowed.within))
    return f"A new folder in {listed}, on the computer that runs Explorer."


def _run(
    view: View,
    ids: list[int],
    *,
    format: str,
    to: Path,
    options: ExportOptions,
    origin: Origin,
    force: bool,
) -> Exported | None:
    """Export with a bar; None after an error, which is shown."""
    bar = st.progress(0.0, "Exporting …")

    def on_file(stage: str, done: int, total: int) -> None:
        # A message to the browser for each file would take longer than the file.
        if done == total or done % max(total // 100, 1) == 0:
            bar.progress(done / total, f"{stage}: {done:,} of {total:,}")

    try:
        done = curate.export(
            view.space,
            ids,
            format=format,
            to=to,
            options=options,
            origin=origin,
            force=force,
            on_file=on_file,
        )
    except ExplorerError as error:
        warn(str(error))
        return None
    finally:
        bar.empty()
    for note in done.notes:
        show("p", "{}", note, classes="facts")
    return done


def _write_download(
    view: View, rows: Rows, format: str, options: ExportOptions, origin: Origin
) -> None:
    ids = view.space.image_ids[rows].tolist()
    what = (view.dataset.name, view.space.id, hash(tuple(ids)), format, options)
    prepare = st.button(
        "Prepare the download",
        type="primary",
        help="Writes the export on the server and checks it; then one zip file can be downloaded.",
    )
    if prepare:
        with new_download() as place:
            done = _run(
                view,
                ids,
                format=format,
                to=place,
                options=options,
                origin=origin,
                force=False,
            )
        if done:
            url = offer(Path(done.to), f"{view.dataset.name}-{format}")
            st.session_state["_download"] = (what, url, done.files, done.bytes)
    ready = st.session_state.get("_download")
    if ready and ready[0] == what and is_offered(ready[1]):
        name = f"{view.dataset.name}-{format}.zip"
        link = piece("a", "Download {}", name, href=ready[1], download=name, classes="download")
        size = f"{counted(ready[2], 'file')}, {ready[3] / 1e6:,.1f} MB"
        st.html(f"<p>{link} <span class='facts'>{size}</span></p>")


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
                warn(str(error))
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
