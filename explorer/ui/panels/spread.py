"""How a split spreads labels over its parts, as a table."""

from explorer.curate import Spread
from explorer.insight.markup import piece

NOT_THERE = "None in this part"


def spread_table(spread: Spread, title: str) -> str:
    """A row for each label, a column for each part, as HTML; what a part lacks stands out."""
    heads = [piece("th", "{}", name, scope="col") for name in (title, *spread.parts)]
    lines = [f"<tr>{''.join(heads)}</tr>"]
    for value, counts in zip(spread.values, spread.counts.tolist(), strict=True):
        lines.append(_line(value, [_cell(count) for count in counts]))
    if spread.unnamed.any():
        cells = [piece("td", "{}", f"{count:,}") for count in spread.unnamed.tolist()]
        lines.append(_line(f"(no {title.lower()})", cells))
    table = f'<table class="figures spread">{"".join(lines)}</table>'
    return f'<div class="wide tall" role="region" aria-label="Spread" tabindex="0">{table}</div>'


def _line(name: str, cells: list[str]) -> str:
    return f"<tr>{piece('th', '{}', name, scope='row')}{''.join(cells)}</tr>"


def _cell(count: int) -> str:
    if count:
        return piece("td", "{}", f"{count:,}")
    return piece("td", "0", classes="lacks", title=NOT_THERE)
