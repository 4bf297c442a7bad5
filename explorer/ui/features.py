"""The page Features: what single dimensions of a space tell, and why two images are alike."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.analysis import sets_apart, standing_out, stands_out_by_chance
from explorer.insight.columns import categories, label_of
from explorer.insight.wording import counted
from explorer.search import dimension_names, sees_places
from explorer.serving.urls import thumb_template
from explorer.store import Space
from explorer.ui.heat import Heated, heat_grid, sights
from explorer.ui.html import show
from explorer.ui.likeness import likeness
from explorer.ui.panels import image_gallery, plain_item
from explorer.ui.state import View

MOST_READ = 20_000  # images: more are represented by as many, drawn at random
OFFERED = 12  # dimensions
COMPARED = 1_000  # images of a label, and as many others: enough to see a fifth of a deviation
HEATED = 12  # images with heat maps
MOST_SHOWN = 120
MOST_LABELS = 5

SECTIONS = {"One dimension": "dimension", "Why two are alike": "likeness"}
SECTION = "features_section"
DIMENSION = "features_dimension"

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Way:
    """Which dimensions to offer: what varies most, or what a photo or a label has most."""

    kind: Literal["vary", "query", "label"]
    of: str = ""

    @property
    def title(self) -> str:
        """In words."""
        if self.kind == "vary":
            return "in which images differ most"
        return f"strong in #{self.of}" if self.kind == "query" else f"strong in {self.of}"


def features_page(view: View) -> None:
    """What the extractor sees, and one of two ways to look inside."""
    sees = view.space.info.get("sees")
    if sees:
        show("p", "{}: {}", view.space.id, sees, classes="hint")
    st.session_state.setdefault(SECTION, next(iter(SECTIONS)))
    section = st.segmented_control(
        "Look at",
        list(SECTIONS),
        required=True,
        key=SECTION,
        persist_state="session",
        label_visibility="collapsed",
        help="A single dimension over all images, or all dimensions for two images.",
    )
    if SECTIONS[str(section)] == "dimension":
        _one_dimension(view)
    else:
        likeness(view, dimension_title, open_dimension)


def open_dimension(number: int) -> None:
    """Let the page show this dimension."""
    st.session_state[SECTION] = next(iter(SECTIONS))
    st.session_state[DIMENSION] = number


def dimension_title(space: Space, number: int) -> str:
    """A dimension's name, or its number."""
    names = dimension_names(space)
    return names[number] if names else f"channel {number}"


def _one_dimension(view: View) -> None:
    with st.container(key="split"):
        left, right = st.columns([2, 5], gap="medium")
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
    ways = [Way("vary"), *([Way("query", str(view.query))] if view.query is not None else [])]
    ways += [Way("label", name) for name in sorted(categories(space, "label").names)]
    way = st.selectbox(
        "Dimensions",
        ways,
        format_func=lambda way: way.title,
        key=f"features_way_{space.dataset.name}",
        help="Those in which the images differ most, those of which one photo has more than all "
        "others, or those of which the images of one label have more than can be chance.",
    )
    offered = _offered(space, way)
    if not offered:
        says = "No dimension is stronger in “{}” than one of them is by chance."
        show("p", says, way.of, classes="hint")
    if st.session_state.get(DIMENSION, -1) not in range(space.dimension):
        st.session_state[DIMENSION] = (offered or _offered(space, Way("vary")))[0]
    if offered:
        _pills(space, way, offered)
    any_key = f"any_{space.id}_{st.session_state[DIMENSION]}"
    st.selectbox(
        "Any dimension",
        list(range(space.dimension)),
        index=int(st.session_state[DIMENSION]),
        format_func=lambda number: dimension_title(space, number),
        key=any_key,
        on_change=lambda: open_dimension(st.session_state[any_key]),
        help="Type a part of its name, or its number.",
    )
    return int(st.session_state[DIMENSION])


def _pills(space: Space, way: Way, offered: list[int]) -> None:
    pills_key = f"offered_{space.id}_{way.title}_{st.session_state[DIMENSION]}"

    def choose() -> None:
        if st.session_state[pills_key] is not None:
            open_dimension(st.session_state[pills_key])

    with st.container(key="offered"):
        st.pills(
            "The first of them",
            offered,
            format_func=lambda number: dimension_title(space, number),
            key=pills_key,
            default=st.session_state[DIMENSION] if st.session_state[DIMENSION] in offered else None,
            on_change=choose,
            help="Click one to see the images that have most of it.",
        )


@lru_cache(maxsize=64)
def _offered(space: Space, way: Way) -> list[int]:
    """The dimensions that stand out most; of a label only those that could hardly be chance."""
    rows, vectors = looked_at(space)
    least = -np.inf
    if way.kind == "vary":
        scores = vectors.std(axis=0)
    elif way.kind == "query":
        scores = standing_out(vectors, rows == space.row(int(way.of)))
    else:
        named = categories(space, "label")
        chosen = named.codes[rows] == named.names.index(way.of)
        some = np.concatenate([_some(np.flatnonzero(chosen)), _some(np.flatnonzero(~chosen))])
        vectors, chosen = vectors[some], chosen[some]
        scores = standing_out(vectors, chosen)
        least = stands_out_by_chance(vectors, chosen)
    first = np.argsort(-scores, kind="stable")[:OFFERED]
    return [int(number) for number in first if scores[number] > least]


def _some(rows: Ints) -> Ints:
    return rows[:: max(1, -(-len(rows) // COMPARED))]


@lru_cache(maxsize=2)
def looked_at(space: Space) -> tuple[Ints, Floats]:
    """Rows of the space, all of them or enough, and their vectors as extracted."""
    rows = np.arange(len(space))
    if len(rows) > MOST_READ:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_READ, replace=False))
    return rows, space.vectors(rows)


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
    most = max((float(heat.max()) for heat in heats if heat is not None), default=0.0)
    words = "Where it is found: the brightest places have most of it. What lies outside of the "
    show("p", "{}", words + "heat map, the network has not seen.", classes="facts")
    photos = []
    for image_id, strength, sight, heat in zip(ids, strengths, found, heats, strict=False):
        image = view.dataset.image(image_id)
        caption = label_of(view.space, view.space.row(image_id)) or f"#{image_id}"
        note = f"{strength:.3g}" if sight else "its file cannot be read"
        photos.append(
            Heated(
                thumb_template(view.dataset).replace("{id}", str(image_id)),
                (image["width"], image["height"]),
                caption,
                note,
                heat,
                sight.field if sight else (0, 0, 1, 1),
                most,
            )
        )
    heat_grid(photos, label="Where it is found")
