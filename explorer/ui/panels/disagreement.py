"""What two spaces disagree on: images whose neighbours differ most, and both rows of neighbours."""

import numpy as np

from explorer.insight.columns import caption_of
from explorer.insight.spaces import shared_neighbors
from explorer.probe import OVERLAP
from explorer.search import Examples, by_examples
from explorer.store import Space
from explorer.ui.charts.comparison import overlap_chart
from explorer.ui.components.gallery import GalleryItem
from explorer.ui.elements import show_chart, split
from explorer.ui.html import show
from explorer.ui.panels.galleries import image_gallery, plain_item
from explorer.ui.view import View

MOST_SHOWN = 200


def disagreement(view: View, pair: tuple[Space, Space]) -> None:
    """How far they agree, on which images they do least, and both rows of neighbours of one."""
    ids, overlap = shared_neighbors(*pair)
    others = max(len(ids) - 1, 1)
    passed = np.isin(ids, view.space.image_ids[view.mask])
    ids, overlap = ids[passed], overlap[passed]
    show("h2", "What they disagree on")
    known = np.isfinite(overlap)
    if not known.any():
        show("p", "There are too few images to have neighbours.", classes="empty")
        return
    left, right = split(2, 5)
    with left:
        share = float(overlap[known].mean())
        width = min(OVERLAP, others)
        show("p", "{} of the nearest {} in common", f"{share:.0%}", width, classes="big")
        show("p", "By chance it would be {}.", f"{width / others:.1%}", classes="facts")
        show_chart(overlap_chart(overlap[known].tolist(), width), key="overlap")
        show("p", "Images by how many of their neighbours both agree on.", classes="facts")
        show("p", "The badges say which share that is; the least comes first.", classes="facts")
    with right:
        order = np.argsort(overlap, kind="stable")[:MOST_SHOWN]
        items = [
            plain_item(view.space, view.space.row(int(ids[place])), f"{overlap[place]:.0%}")
            for place in order
        ]
        image_gallery(view, items, key="disagreed", label="Disagreed on", height=250, size=104)
    first = int(ids[order[0]]) if view.query is None else view.query
    if first in ids:
        _both_rows(view, pair, first)


def _both_rows(view: View, pair: tuple[Space, Space], image_id: int) -> None:
    """The neighbours of an image through both spaces, one row above the other."""
    show("h3", "Neighbours of #{} through each; what both agree on is marked", image_id)
    asked = Examples(like=(image_id,))
    found = [by_examples(space, asked, OVERLAP) for space in pair]
    shared = set(found[0][0].tolist()) & set(found[1][0].tolist())
    for space, (ids, similarities) in zip(pair, found, strict=True):
        show("p", "{}", space.id, classes="facts")
        items = [plain_item(space, space.row(image_id), "asked")]
        items += [
            GalleryItem(
                other,
                caption_of(space, other),
                f"{similarity:.2f}",
                "good" if other in shared else "",
                "in both" if other in shared else "",
            )
            for other, similarity in zip(ids.tolist(), similarities.tolist(), strict=True)
        ]
        image_gallery(
            view,
            items,
            key=f"row_{space.id}",
            label=f"Neighbours in {space.id}",
            height=132,
            size=84,
            toolbar=False,
            strip=True,
        )
