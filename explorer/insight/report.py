"""What the Overview shows of a space, as data and as one HTML page."""

import base64
import os
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from explorer.curate.exports.sheet import HEAD
from explorer.errors import ConflictError
from explorer.filters import Filter, encode, expression
from explorer.insight.finding import Finding
from explorer.insight.findings import findings
from explorer.insight.markup import piece
from explorer.insight.summary import Quality, facts, quality
from explorer.store import Dataset, Space, replacing

REPORT = "<!-- a report of Explorer -->\n"  # what it ends with


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
    return f"{finding.page}?{urlencode(asked)}"


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
        opened.seek(-min(len(REPORT), file.stat().st_size), os.SEEK_END)
        return opened.read() == REPORT.encode()


def _page(found: Report) -> str:
    name = f"{found.space.dataset.name} in {found.space.id}"
    told = [
        *(piece("p", "{}: {}", title, value) for title, value in found.facts),
        piece("h2", "How well this space sees"),
        *(piece("p", "{}: {}", each.title, each.sentence) for each in found.quality),
        *(_article(found.space, each) for each in found.findings),
    ]
    if not found.findings:
        told.append(piece("p", "Nothing stands out."))
    head = HEAD.replace("{title}", escape(name)) + piece("h1", "{}", name)
    return f"{head}{''.join(told)}</body>\n</html>\n{REPORT}"


def _article(space: Space, finding: Finding) -> str:
    ids = space.image_ids[finding.rows].tolist()
    photos = "".join(_photo(space, image_id) for image_id in ids)
    where = expression(finding.filter)
    asked = piece("p", "{}", where) if where else ""
    says = piece("h2", "{}", finding.title) + piece("p", "{}", finding.says)
    return f"{says}<ul>{photos}</ul>{asked}"


def _photo(space: Space, image_id: int) -> str:
    try:
        jpeg = base64.b64encode(space.dataset.thumbnail(image_id)).decode()
    except KeyError:  # it is gone; `explorer verify` tells of it
        return f"<li>{piece('span', '#{}', image_id)}</li>"
    return f"<li>{piece('img', src=f'data:image/jpeg;base64,{jpeg}', alt=f'#{image_id}')}</li>"
