"""What single dimensions of a space tell, and why two images are alike."""

import numpy as np
import streamlit as st

from explorer.analysis import sets_apart
from explorer.insight.columns import categories
from explorer.insight.dimensions import (
    MOST_READ,
    DimensionChoice,
    Floats,
    Ints,
    dimension_title,
    looked_at,
    offered,
)
from explorer.insight.wording import counted
from explorer.search import sees_places
from explorer.store import Space
from explorer.ui.elements import one_of, split
from explorer.ui.frame import show_page
from explorer.ui.html import show
from explorer.ui.page_parts import FEATURES_PART, LIKENESS, ONE_DIMENSION, open_dimension
from explorer.ui.panels.galleries import image_gallery, plain_item
from explorer.ui.panels.heat import heat_grid, sights
from explorer.ui.panels.likeness import likeness
from explorer.ui.state import begin_with, now, value_of
from explorer.ui.view import View

HEATED = 12  # images with heat maps
MOST_SHOWN = 120
MOST_LABELS = 5


def features_page(view: View) -> None:
    """What the extractor sees, and one of two ways to look inside."""
    sees = view.space.info.sees
    if sees:
        show("p", "{}: {}", view.space.id, sees, classes="hint")
    begin_with(FEATURES_PART, ONE_DIMENSION)
    section = one_of(
        "Look at",
        [ONE_DIMENSION, LIKENESS],
        key=FEATURES_PART,
        persist_state="session",
        label_visibility="collapsed",
        help="A single dimension over all images, or all dimensions for two images.",
    )
    if section == ONE_DIMENSION:
        _one_dimension(view)
    else:
        likeness(view)


def _one_dimension(view: View) -> None:
    left, right = split(2, 5)
    with left:
        number = _choose(view)
    rows, vectors = looked_at(view.space)
    passed = view.mask[rows]
    rows, values = rows[passed], vectors[passed, number]
    order = np.argsort(-values, kind="stable")[:MOST_SHOWN]
    best, strengths = rows[order], values[order]
    with left:
        _labels(view.space, rows, values)
        if len(looked_at(view.space)[0]) < len(view.space):
            drawn = f"{MOST_READ:,}"
            show("p", "Among {} images drawn at random.", drawn, classes="facts")
    with right:
        show("h2", "Most “{}”", dimension_title(view.space, number))
        if sees_places(view.space):
            _heats(view, best[:HEATED], strengths, number)
            show("h3", "The strongest {}", counted(len(best), "image"))
        items = [
            plain_item(view.space, int(row), f"{strength:.3g}")
            for row, strength in zip(best, strengths, strict=True)
        ]
        image_gallery(view, items, key="strongest", label="Strongest", height=420, size=120)


def _choose(view: View) -> int:
    """Which dimension: one of those that stand out, or any."""
    space = view.space
    ways = [DimensionChoice("vary")]
    if view.query is not None:
        ways.append(DimensionChoice("query", str(view.query)))
    ways += [DimensionChoice("label", name) for name in sorted(categories(space, "label").names)]
    way = st.selectbox(
        "Dimensions",
        ways,
        format_func=lambda way: way.title,
        key=f"features_way_{space.dataset.name}",
        help="Those in which the images differ most, those of which one photo has more than all "
        "others, or those of which the images of one label have more than can be chance.",
    )
    found = offered(space, way)
    if not found:
        says = "No dimension is stronger in “{}” than one of them is by chance."
        show("p", says, way.of, classes="hint")
    if now().dimension not in range(space.dimension):
        now().dimension = (found or offered(space, DimensionChoice("vary")))[0]
    if found:
        _pills(space, way, found)
    any_key = f"any_{space.id}_{now().dimension}"
    st.selectbox(
        "Any dimension",
        list(range(space.dimension)),
        index=now().dimension,
        format_func=lambda number: dimension_title(space, number),
        key=any_key,
        on_change=lambda: open_dimension(value_of(any_key)),
        help="Type a part of its name, or its number.",
    )
    return now().dimension


def _pills(space: Space, way: DimensionChoice, found: list[int]) -> None:
    pills_key = f"offered_{space.id}_{way.title}_{now().dimension}"

    def choose() -> None:
        if (number := value_of(pills_key)) is not None:
            open_dimension(number)

    with st.container(key="offered"):
        st.pills(
            "The first of them",
            found,
            format_func=lambda number: dimension_title(space, number),
            key=pills_key,
            default=now().dimension if now().dimension in found else None,
            on_change=choose,
            help="Click one to see the images that have most of it.",
        )


def _labels(space: Space, rows: Ints, values: Floats) -> None:
    """Which labels have most of it, on average, of those that have more than can be chance."""
    named = categories(space, "label")
    if not named.names:
        return
    codes = named.codes[rows]
    means = {
        name: float(values[codes == code].mean())
        for code, name in enumerate(named.names)
        if any(each.effect > 0 for each in sets_apart({"": values}, codes == code))
    }
    first = sorted(means, key=lambda name: -means[name])[:MOST_LABELS]
    show("h3", "Labels that have most of it")
    says = " · ".join(f"{name} {means[name]:.3g}" for name in first)
    show("p", "{}", says or "None has more of it than can be chance.", classes="facts")
    show("p", "All images: {}", f"{float(values.mean()):.3g} on average.", classes="facts")


def _heats(view: View, rows: Ints, strengths: Floats, number: int) -> None:
    """Where in the strongest images it is found."""
    ids = [int(view.space.image_ids[row]) for row in rows]
    found = sights(view, ids)
    heats = [sight.maps[..., number] if sight else None for sight in found]
    words = "Where it is found: the brightest places have most of it. What lies outside of the "
    show("p", "{}", words + "heat map, the network has not seen.", classes="facts")
    notes = [
        f"{strength:.3g}" if sight else "its file cannot be read"
        for strength, sight in zip(strengths, found, strict=False)
    ]
    heat_grid(view, ids, found, heats, notes, label="Where it is found")


show_page(
    "Features",
    "Look inside the extractor: what each dimension stands for, and where it is found.",
    features_page,
)
