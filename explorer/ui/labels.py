"""The page Labels: labels that the rest of the dataset doubts, and how each class fares."""

import numpy as np
import pandas as pd
import streamlit as st

from explorer.errors import StoreError
from explorer.store import Space
from explorer.ui.columns import numbers
from explorer.ui.components import GalleryItem
from explorer.ui.html import counted, show
from explorer.ui.panels import image_gallery, plain_item, selection_tray
from explorer.ui.state import View

MOST_SHOWN = 2000


def labels_page(view: View) -> None:
    """A ranked gallery with the suggested label on every card, beside a table of the classes."""
    space = view.space
    if "label_trouble" not in space.column_names:
        raise StoreError(
            f"There is nothing to judge: {view.dataset.name!r} has no labels, or only one. Labels "
            "come from sub-folders, from a list, or by `explorer annotate`."
        )
    trouble = numbers(space, "label_trouble")
    with st.container(key="split"):
        left, right = st.columns([2, 5], gap="medium")
    with left:
        threshold = st.slider(
            "Trouble, at least",
            0.0,
            1.0,
            0.5,
            0.01,
            key=f"label_threshold_{view.dataset.name}_{space.id}",
            help=space.column_meta("label_trouble")["explains"],
        )
        classes = class_table(space)
        chosen = st.selectbox(
            "Label",
            ["all labels", *classes["label"]],
            key=f"label_class_{view.dataset.name}",
            help="Only the images that have this label.",
        )
        st.dataframe(classes, hide_index=True, width="stretch", height=360)
    labels = space.column("label")
    wanted = trouble >= threshold
    if chosen != "all labels":
        wanted &= labels == chosen
    ranked = np.flatnonzero(wanted)
    ranked = ranked[np.argsort(-trouble[ranked], kind="stable")]
    with right:
        show("h2", "{} in doubt", counted(len(ranked), "label"))
        items = _items(space, ranked[:MOST_SHOWN])
        image_gallery(
            view,
            items,
            key="label_gallery",
            label="Labels in doubt",
            empty="No label is in doubt as much as that.",
            height=720,
        )
    selection_tray(view)


def _items(space: Space, rows: np.ndarray) -> list[GalleryItem]:
    suggested = space.column("label_suggested")
    trouble = numbers(space, "label_trouble")
    items = []
    for row in rows.tolist():
        item = plain_item(space, row)
        other = suggested[row] if suggested[row] and suggested[row] != item.caption else ""
        note = f"rather {other}?" if other else ""
        items.append(GalleryItem(item.id, item.caption, f"{trouble[row]:.2f}", "warn", note))
    return items


def class_table(space: Space) -> pd.DataFrame:
    """One row per label: images, share of them in no doubt, and what they are taken for most."""
    frame = pd.DataFrame(
        {
            "label": space.column("label"),
            "suggested": space.column("label_suggested"),
        }
    ).dropna(subset=["label"])
    frame["agrees"] = frame["suggested"] == frame["label"]
    grouped = frame.groupby("label", sort=True)
    taken_for = frame[~frame["agrees"]].groupby("label")["suggested"]
    return pd.DataFrame(
        {
            "label": list(grouped.groups),
            "images": grouped.size().to_numpy(),
            "agreement": grouped["agrees"].mean().round(2).to_numpy(),
            "taken for": [
                _commonest(taken_for.get_group(name)) if name in taken_for.groups else ""
                for name in grouped.groups
            ],
        }
    ).sort_values("agreement", kind="stable")


def _commonest(names: pd.Series) -> str:
    counts = names.value_counts()
    return f"{counts.index[0]} ({counts.iloc[0]})" if len(counts) else ""
