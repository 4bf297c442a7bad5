"""What the Overview shows of a space, as data and as one HTML page."""

import base64
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from explorer.errors import ConflictError
from explorer.filters import Filter, encode, expression
from explorer.insight.finding import Finding
from explorer.insight.findings import findings
from explorer.insight.markup import piece
from explorer.insight.summary import Quality, facts, quality
from explorer.store import Dataset, Space, replacing

BEGINS = "<!doctype html><!-- a report of Explorer -->"
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;
color-scheme:light dark;background:Canvas;color:CanvasText}
dl{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:1rem 0}dt{opacity:.7}dd{margin:0}
dl div dd{font-size:1.25rem;font-weight:600}article{border-top:1px solid #8884;padding:1rem 0}
h3{margin:0}img{height:96px;border-radius:4px;margin:.25rem .25rem 0 0}code{overflow-wrap:anywhere}
"""


@dataclass(frozen=True)
class Report:
    """What there is in a space, how well it sees, and what is worth looking at, worst first."""

    space: Space
    facts: list[tuple[str, str]]
    quality: list[Quality]
    findings: list[Finding]


def report(dataset: Dataset, space: str | None = None, *, conditions: Filter = ()) -> Report:
    """What the Overview shows of the images that pass the filter.

    space: an extractor; by default the first. Raises `UsageError` for an unknown one.
    """
    seen = dataset.space(space)
    return Report(seen, facts(seen, conditions), quality(seen), findings(seen, conditions))


def address(space: Space, finding: Finding) -> str:
    """Where a finding is to be looked at: page and query of the app's address."""
    asked = [("dataset", space.dataset.name), ("space", space.id)]
    asked += [("filter", encode(each)) for each in finding.filter]
    page = "" if finding.page == "overview" else finding.page
    return f"{page}?{urlencode(asked)}"


def as_json(found: Report) -> dict[str, object]:
    """What `explorer report --json` prints; the images that show a finding best by their ids."""
    space = found.space
    return {
        "dataset": space.dataset.name,
        "space": space.id,
        "facts": dict(found.facts),
        "quality": [vars(each) for each in found.quality],
        "findings": [
            {
                "kind": each.kind,
                "title": each.title,
                "says": each.says,
                "weight": round(each.weight, 4),
                "image_ids": space.image_ids[each.rows].tolist(),
                "where": expression(each.filter) or None,
                "address": address(space, each),
            }
            for each in found.findings
        ],
    }


def write_html(found: Report, file: Path) -> None:
    """Write the report as one page that needs nothing else: its photos are in it.

    Replaces an earlier report. Raises `UsageError` when another file is in its place.
    """
    if file.exists() and not (file.is_file() and _is_report(file)):
        raise ConflictError(
            f"{file} is no report of Explorer and stays as it is: name another file."
        )
    with replacing(file) as temporary:
        temporary.write_text(_page(found), "utf-8", "replace")


def _is_report(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(BEGINS)) == BEGINS.encode()


def _page(found: Report) -> str:
    space = found.space
    name = f"{space.dataset.name} in {space.id}"
    figures = "".join(
        f"<div>{piece('dt', '{}', name)}{piece('dd', '{}', value)}</div>"
        for name, value in found.facts
    )
    sees = "".join(
        piece("h3", "{}", each.title) + piece("p", "{}", each.sentence) for each in found.quality
    )
    looks = "".join(_article(space, each) for each in found.findings)
    return (
        f"{BEGINS}<html lang='en'><meta charset='utf-8'>"
        "<meta http-equiv='Content-Security-Policy' "
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
        f"{piece('title', '{}', name)}<style>{_STYLE}</style>{piece('h1', '{}', name)}"
        f"<dl>{figures}</dl><h2>How well this space sees</h2>{sees}<h2>Worth looking at</h2>"
        f"{looks or piece('p', 'Nothing stands out.')}</html>\n"
    )


def _article(space: Space, finding: Finding) -> str:
    ids = space.image_ids[finding.rows].tolist()
    photos = "".join(_photo(space, image_id) for image_id in ids)
    where = expression(finding.filter)
    asked = piece("code", "{}", where) if where else ""
    says = piece("h3", "{}", finding.title) + piece("p", "{}", finding.says)
    return f"<article>{says}<div>{photos}</div>{asked}</article>"


def _photo(space: Space, image_id: int) -> str:
    jpeg = base64.b64encode(space.dataset.thumbnail(image_id)).decode()
    return piece("img", src=f"data:image/jpeg;base64,{jpeg}", alt=f"#{image_id}")
