"""A strategy, what it chose on the map, and how well that covers all."""

import dataclasses

import numpy as np
import streamlit as st

from explorer import curate
from explorer.curate import STRATEGIES, ChooseSettings, Chosen, Spread
from explorer.errors import ExplorerError
from explorer.filters import expression
from explorer.insight.exporting import sortable, values_in_words
from explorer.insight.markup import piece
from explorer.insight.wording import counted
from explorer.serving.hints import with_hint
from explorer.store import Rows, remember_choice
from explorer.ui.elements import one_of, split
from explorer.ui.frame import show_page
from explorer.ui.html import as_label, good_news, show, warn
from explorer.ui.panels.choose_form import asked_for
from explorer.ui.panels.galleries import image_gallery, plain_items
from explorer.ui.panels.map import draw_map
from explorer.ui.state import now
from explorer.ui.view import View

PAYS = (
    "This serves the worst served better than chance and pays for it on average: it also takes "
    "images that few others are like. “Representative” serves the average."
)


def choosing_page(view: View) -> None:
    """The settings beside what came of them."""
    left, right = split(2, 5)
    with left, st.container(key="card_choose"):
        asked = asked_for(view)
        # Never disabled: a click that comes with the number that mends the form would be lost.
        clicked = st.button(
            "Choose",
            type="primary",
            width="stretch",
            help="Shows what it would choose. Your selection stays.",
        )
        if clicked and asked is not None:
            _choose(view, *asked)
    found = now().chosen
    with right:
        if found is None or found[0] != (view.dataset.name, view.space.id):
            show("h2", "Nothing chosen yet")
            show(
                "p",
                "A few images that stand for all, without copies, or a split that does not leak: "
                "say how, then choose. What is chosen shows on the map, and how well it covers the "
                "dataset against as many images at random.",
                classes="hint",
            )
            return
        _result(view, found[1])


def _choose(view: View, settings: ChooseSettings, among: Rows, given: list[str]) -> None:
    curation = view.dataset.curation
    tagged = [view.tags.ids(tag) for tag in given]
    already = np.unique(np.concatenate(tagged)) if tagged else np.empty(0, np.int64)
    try:
        with st.spinner("Choosing …"):
            chosen = curate.choose(
                view.space, settings, among=view.space.image_ids[among], given=already
            )
    except ExplorerError as error:
        warn(with_hint(error))
        return
    how = {"dataset": view.dataset.name, "space": view.space.id, "given": given}
    how |= {"where": expression(view.filter) or None} | dataclasses.asdict(settings)
    for ids in (chosen.image_ids, *chosen.parts.values()):
        remember_choice(curation, ids, how)
    now().chosen = ((view.dataset.name, view.space.id), chosen)


def _result(view: View, chosen: Chosen) -> None:
    strategy = STRATEGIES[chosen.settings.how].title.lower()
    images = counted(len(chosen.image_ids), "image")
    show("p", "{} chosen: {}", images, strategy, classes="big")
    _coverage(chosen)
    for note in chosen.notes:
        show("p", "{}", note, classes="facts")
    if chosen.spread and chosen.spread.values:
        title = as_label(view.space.column_meta(chosen.spread.column).title)
        st.html(_spread_table(chosen.spread, title))
    part = _part(chosen)
    rows = np.searchsorted(view.space.image_ids, part)
    if "label" in sortable(view.space):
        show("p", "By label: {}", values_in_words(view.space, "label", rows), classes="facts")
    with st.container(horizontal=True, vertical_alignment="bottom", key="chosen_actions"):
        for label, mode, says in (
            ("Make it the selection", "replace", "What is selected now is let go."),
            ("Add to the selection", "add", "What is selected now stays."),
        ):
            st.button(
                label, on_click=view.select, args=(part, mode), help=says, disabled=not len(part)
            )
        _tagging(view, chosen, part)
    # The map shows what was chosen as it shows a selection; a lasso begins from it.
    shown = dataclasses.replace(view, selection=np.sort(part), query=None)
    draw_map(shown, key="chosen_map", height=460, selected="chosen")
    items = plain_items(view, rows)
    image_gallery(
        view, items, key="chosen_gallery", label="Chosen", height=320, size=112, of=len(rows)
    )


def _part(chosen: Chosen) -> Rows:
    """All that was chosen, or one part of a split."""
    if not chosen.parts:
        return chosen.image_ids
    name = one_of(
        "Part",
        list(chosen.parts),
        default=next(iter(chosen.parts)),
        format_func=lambda name: f"{as_label(name)} ({len(chosen.parts[name]):,})",
        help="The part that is shown below.",
    )
    return chosen.parts[name]


def _coverage(chosen: Chosen) -> None:
    """Chosen against random, as two pairs of bars."""
    covers = chosen.coverage
    if covers is None:
        return
    figures = (
        ("On average", covers.mean, covers.random_mean),
        ("The worst served", covers.worst, covers.random_worst),
    )
    rows = "".join(
        piece("dt", "{}", name)
        + f"<dd>{_bar(own, 'own', 'chosen')}{_bar(other, 'other', 'at random')}</dd>"
        for name, own, other in figures
    )
    st.html(
        piece("h3", "How like an image is the nearest chosen one")
        + f'<dl class="coverage">{rows}</dl>'
    )
    if covers.mean < covers.random_mean and covers.worst > covers.random_worst:
        show("p", PAYS, classes="facts")


def _bar(value: float, kind: str, said: str) -> str:
    width = f"{max(min(value, 1), 0):.1%}"
    return (
        f'<span class="bar {kind}"><i style="width: {width}"></i></span>'
        f"<span>{value:.3f} {said}</span>"
    )


def _tagging(view: View, chosen: Chosen, part: Rows) -> None:
    with st.popover("Make a tag", help="A tag is a selection kept; all parts of a split at once."):
        name = st.text_input("Name", help="A new name; of a split NAME-train, NAME-val …")
        if not st.button("Make", type="primary", help="Of what was chosen."):
            return
    parts = {f"{name.strip()}-{part}": ids for part, ids in chosen.parts.items()}
    wanted = parts or {name.strip(): part}
    known = {tag.name for tag in view.tags.all()}
    if taken := [tag for tag in wanted if tag in known]:
        warn(f"There is a tag {taken[0]!r} already. Take another name.")
        return
    try:
        for tag, ids in wanted.items():
            view.tags.add(tag, ids)
    except ExplorerError as error:
        warn(with_hint(error))
        return
    good_news(f"Tagged {', '.join(wanted)}.")


def _spread_table(spread: Spread, title: str) -> str:
    """A row for each label, a column for each part, as HTML; what a part lacks stands out."""
    heads = [piece("th", "{}", name, scope="col") for name in (title, *spread.parts)]
    lines = [f"<tr>{''.join(heads)}</tr>"]
    for value, counts in zip(spread.values, spread.counts.tolist(), strict=True):
        lines.append(_spread_line(value, [_spread_cell(count) for count in counts]))
    if spread.unnamed.any():
        cells = [piece("td", "{}", f"{count:,}") for count in spread.unnamed.tolist()]
        lines.append(_spread_line(f"(no {title.lower()})", cells))
    table = f'<table class="figures spread">{"".join(lines)}</table>'
    return f'<div class="wide tall" role="region" aria-label="Spread" tabindex="0">{table}</div>'


def _spread_line(name: str, cells: list[str]) -> str:
    return f"<tr>{piece('th', '{}', name, scope='row')}{''.join(cells)}</tr>"


def _spread_cell(count: int) -> str:
    if count:
        return piece("td", "{}", f"{count:,}")
    return piece("td", "0", classes="lacks", title="None in this part")


show_page(
    "Choose", "A few images that stand for all, without copies, or a fair split.", choosing_page
)
