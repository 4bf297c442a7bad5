"""A contact sheet to show around: thumbnails in one HTML file that needs nothing else."""

from base64 import b64encode
from html import escape
from itertools import groupby
from pathlib import Path

from explorer.curate.exports.job import Job

PER_SHEET = 1000  # images in a file: some ten megabytes

HEAD = Path(__file__).with_name("page.html").read_text("utf-8")


def write_sheet(job: Job) -> None:
    """contact-sheet.html, and contact-sheet-2.html … of a thousand images each."""
    by = ("label",) if job.options.by is None else job.options.by
    levels = [job.values(column) for column in by]
    headings = (
        [" · ".join(parts) for parts in zip(*levels, strict=True)]
        if levels
        else [""] * len(job.table)
    )
    order = sorted(range(len(headings)), key=lambda row: headings[row])
    sheets = -(-len(order) // PER_SHEET)
    for sheet in range(sheets):
        name = "contact-sheet.html" if sheet == 0 else f"contact-sheet-{sheet + 1}.html"
        rows = order[sheet * PER_SHEET : (sheet + 1) * PER_SHEET]
        _write_page(job, name, rows, headings, of=(sheet + 1, sheets))
        job.on_file("Writing", min((sheet + 1) * PER_SHEET, len(order)), len(order))


def _write_page(
    job: Job, name: str, rows: list[int], headings: list[str], *, of: tuple[int, int]
) -> None:
    dataset = job.space.dataset
    ids, paths = job.table["image_id"].to_pylist(), job.table["path"].to_pylist()
    title = escape(dataset.name)
    with job.open(name) as file:

        def put(text: str) -> None:
            file.write(text.encode("utf-8", "replace"))

        put(HEAD.replace("{title}", title))
        put(f"<h1>{title}</h1>\n<p>{len(ids):,} images, sheet {of[0]} of {of[1]}</p>\n")
        for heading, group in groupby(rows, key=lambda row: headings[row]):
            members = list(group)
            if heading:
                put(f"<h2>{escape(heading)} <small>{len(members):,}</small></h2>\n")
            put("<ul>\n")
            for row in members:
                put(_figure(_data(job, ids[row]), paths[row]))
            put("</ul>\n")
        put("</body>\n</html>\n")


def _figure(source: str, path: str) -> str:
    said = escape(path)
    return f'<li><img src="{source}" alt="{said}"><span title="{said}">{said}</span></li>\n'


def _data(job: Job, image_id: int) -> str:
    try:
        jpeg = job.space.dataset.thumbnail(image_id)
    except KeyError:
        return "data:,"  # shows its alternative text
    return "data:image/jpeg;base64," + b64encode(jpeg).decode()
