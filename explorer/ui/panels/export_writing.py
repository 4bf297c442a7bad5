"""Writing an export: into a folder, or as a download."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from explorer import curate
from explorer.curate import FORMATS, Exported, ExportOptions, Origin
from explorer.errors import ExplorerError, UsageError
from explorer.insight.markup import piece
from explorer.insight.wording import counted
from explorer.serving.downloads import is_offered, new_download, offer
from explorer.serving.folders import EXPORT, Folders, folders
from explorer.serving.hints import with_hint
from explorer.store import Rows
from explorer.ui.elements import one_of
from explorer.ui.html import as_label, good_news, show, warn
from explorer.ui.state import Download, now
from explorer.ui.view import View

HERE = "Into a folder"
AWAY = "As a download"
REPLACE = "Replace an earlier export"
CLOSED = (
    "As a download: others may see this page as well, so nothing is written to folders of the "
    "computer that runs Explorer. Whoever starts it there can allow one (`explorer serve "
    "--allow-export FOLDER`)."
)

Export = Callable[..., Exported]
"""`curate.export` of the images that are chosen, which is still to be told where to."""


def write_export(
    view: View, rows: Rows, format: str, options: ExportOptions, origin: Origin
) -> None:
    way, allowed = AWAY, folders(EXPORT)
    if allowed.is_none:
        show("p", "{}", CLOSED, classes="hint")
    else:
        way = one_of(
            "Where to",
            [HERE, AWAY],
            default=HERE,
            key="export_where",
            persist_state="session",
            help="A folder on the computer that runs Explorer, or a zip file for the browser.",
        )
    ids = view.space.image_ids[rows].tolist()
    export = partial(curate.export, view.space, ids, format=format, options=options, origin=origin)
    if way == AWAY:
        what = (view.dataset.name, view.space.id, hash(tuple(ids)), format, options)
        _write_download(f"{view.dataset.name}-{format}", what, export)
    else:
        _write_folder(view.dataset.name, allowed, export)


def _write_folder(name: str, allowed: Folders, export: Export) -> None:
    begins = allowed.within[0] if allowed.within else Path("exports")
    # Enter in the field is the end of typing, not yet the word to write.
    with st.form("export", border=False, enter_to_submit=False):
        target = st.text_input("Folder", str(begins / name), help=as_label(_where(allowed)))
        force = st.checkbox(REPLACE, help="Nothing else is ever replaced.")
        if not st.form_submit_button("Export", type="primary"):
            return
    try:
        to = allowed.target(target)
    except UsageError as error:
        warn(with_hint(error))
        return
    if not force and to.expanduser().exists():
        warn(f"{target} exists already. Choose another folder, or tick “{REPLACE}”.")
        return
    done = _run(partial(export, to=to, force=force))
    if done:
        good_news(
            f"{counted(done.images, 'image')} as {FORMATS[done.format].title} in {done.to}: "
            f"{counted(done.files, 'file')}, read back and compared. recipe.json repeats it."
        )


def _where(allowed: Folders) -> str:
    """What the field for the folder takes."""
    if allowed.within is None:
        begins = f"a relative path begins in {Path.cwd()}."
        return f"A new folder on the computer that runs Explorer; {begins}"
    listed = ", ".join(map(str, allowed.within))
    return f"A new folder in {listed}, on the computer that runs Explorer."


def _run(export: Export) -> Exported | None:
    """Export with a bar; None after an error, which is shown."""
    bar = st.progress(0.0, "Exporting …")

    def on_file(stage: str, done: int, total: int) -> None:
        # A message to the browser for each file would take longer than the file.
        if done == total or done % max(total // 100, 1) == 0:
            bar.progress(done / total, f"{stage}: {done:,} of {total:,}")

    try:
        done = export(on_file=on_file)
    except ExplorerError as error:
        warn(with_hint(error))
        return None
    finally:
        bar.empty()
    for note in done.notes:
        show("p", "{}", note, classes="facts")
    return done


def _write_download(name: str, what: object, export: Export) -> None:
    """name: of the zip file; what: whatever makes it another one."""
    prepare = st.button(
        "Prepare the download",
        type="primary",
        help="Writes the export on the server and checks it; then one zip file can be downloaded.",
    )
    if prepare:
        with new_download() as place:
            done = _run(partial(export, to=place))
        if done:
            url = offer(Path(done.to), name)
            now().download = Download(what, url, done.files, done.bytes)
    ready = now().download
    if ready and ready.of == what and is_offered(ready.url):
        file = f"{name}.zip"
        link = piece("a", "Download {}", file, href=ready.url, download=file, classes="download")
        size = f"{counted(ready.files, 'file')}, {ready.bytes / 1e6:,.1f} MB"
        st.html(f"<p>{link} <span class='facts'>{size}</span></p>")
