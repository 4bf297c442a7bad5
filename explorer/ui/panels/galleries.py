"""Parts that several pages show: galleries, and the query with its neighbours."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

import numpy as np
import streamlit as st

from explorer.insight.columns import caption_of, label_of
from explorer.insight.markup import piece
from explorer.insight.wording import counted
from explorer.serving.urls import image_url, thumb_template
from explorer.store import Rows, Space, Values
from explorer.ui import selecting
from explorer.ui.components.gallery import Action, GalleryData, GalleryItem, gallery
from explorer.ui.html import show
from explorer.ui.view import View

# A gallery draws only what is on the screen, but its list travels as a whole.
MOST_IN_GALLERY = 2000


def image_gallery(
    view: View,
    items: Iterable[GalleryItem],
    *,
    key: str,
    label: str,
    empty: str = "There is nothing to show here.",
    height: int = 520,
    size: int = 144,
    toolbar: bool = True,
    strip: bool = False,
    actions: Sequence[Action] = (),
    of: int = 0,
) -> None:
    """A gallery whose clicks make the query, whose ticks select, and whose digits tag.

    of: how many there are, where `items` may be the first of them only; then that is told.
    """
    shown = list(islice(items, MOST_IN_GALLERY))
    ids = np.array([item.id for item in shown], np.int64)
    data = GalleryData(
        shown,
        thumb_template(view.dataset),
        label,
        view.dataset.name,
        ticked=ids[view.selects(ids)].tolist(),
        empty=empty,
        size=size,
        toolbar=toolbar,
        actions=actions,
        tags=selecting.gallery_tags(view, ids),
        strip=strip,
    )
    gallery(data, key=key, height=height)
    if of > len(shown):
        show("p", "The first {} of {} are shown.", f"{len(shown):,}", f"{of:,}", classes="facts")


def select_button(view: View, rows: Rows, *, help: str, purpose: str = "") -> None:
    """Adds some rows to the selection; `purpose` ends the button's words, such as " to drop"."""
    st.button(
        f"Select {counted(len(rows), 'image')}{purpose}",
        disabled=not len(rows),
        on_click=view.select,
        args=(view.space.image_ids[rows], "add"),
        width="stretch",
        help=help,
    )


def plain_item(space: Space, row: int, badge: str = "", note: str = "") -> GalleryItem:
    """A row as a gallery item, captioned with its label or else its id."""
    image_id = int(space.image_ids[row])
    return GalleryItem(image_id, caption_of(space, image_id), badge, note=note)


def plain_items(view: View, rows: Rows) -> list[GalleryItem]:
    """Rows as gallery items, as many as a gallery takes, in their order."""
    return [plain_item(view.space, row) for row in rows[:MOST_IN_GALLERY].tolist()]


def neighbor_items(view: View, ids: Values, similarities: Values) -> list[GalleryItem]:
    """Neighbours as gallery items: badge the similarity, tone whether the label is the same."""
    space = view.space
    mine = label_of(space, view.query_row) if view.query_row is not None else ""
    items = []
    for image_id, similarity in zip(ids.tolist(), similarities.tolist(), strict=True):
        label = label_of(space, space.row(image_id))
        other = bool(mine and label and label != mine)
        items.append(
            GalleryItem(
                image_id,
                label or f"#{image_id}",
                f"{similarity:.2f}",
                "warn" if other else "",
                f"#{image_id}, not {mine}" if other else f"#{image_id}",
            )
        )
    return items


def framed_photo(source: str, alt: str) -> None:
    """A photo to look at."""
    photo = piece("img", src=source, alt=alt)
    st.html(f'<figure class="photo">{photo}</figure>')


def query_photo(view: View, draw: Callable[[str, str], None] = framed_photo) -> None:
    """The query, large (`draw` gets its URL and what it is), with what is known of it."""
    assert view.query is not None
    image = view.dataset.image(view.query)
    with st.container(key="query_photo"):
        draw(image_url(view.dataset, view.query), f"Image {view.query}: {image['path']}")
        show("p", "{}", image["path"], classes="path")
        facts = [f"#{view.query}", image["label"] or "no label"]
        facts += [f"{image['width']} × {image['height']}", image["format"]]
        show("p", "{}", " · ".join(facts), classes="facts")
