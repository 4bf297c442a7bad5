"""The page Outliers: the images that stand apart, the oddest first."""

import numpy as np
import streamlit as st

from explorer.errors import StoreError
from explorer.ui.charts import histogram
from explorer.ui.columns import numbers
from explorer.ui.html import counted, show
from explorer.ui.panels import image_gallery, plain_item, selection_tray
from explorer.ui.state import View

VIEWS = (
    "outlier_score",
    "isolation",
    "local_sparsity",
    "centre_distance",
    "mahalanobis",
    "pca_residual",
    "odd_for_label",
)


def outliers_page(view: View) -> None:
    """A ranked gallery above a threshold that is dragged beside its histogram."""
    space = view.space
    views = [name for name in VIEWS if name in space.column_names]
    if not views:
        raise StoreError(
            f"The outliers of {space.id!r} have not been computed. "
            f"Run `explorer analyze {view.dataset.name}`."
        )
    with st.container(key="split"):
        left, right = st.columns([2, 5], gap="medium")
    with left:
        name = st.selectbox(
            "Odd in which way",
            views,
            format_func=lambda each: space.column_meta(each)["title"],
            key="outlier_view",
            help="Each measure finds what others miss; what it finds and misses stands below it.",
        )
        show("p", "{}", space.column_meta(name)["explains"], classes="hint")
        values = numbers(space, name)
        known = values[np.isfinite(values)]
        if not len(known):
            raise StoreError("There are too few images to tell which of them stand apart.")
        low, high = float(known.min()), float(known.max())
        threshold = low
        if low < high:
            step = (high - low) / 200
            threshold = st.slider(
                "Show from",
                low,
                high,
                float(np.percentile(known, 90)),
                step,
                format="%.3f",
                key=f"outlier_threshold_{view.dataset.name}_{space.id}_{name}",
                help="Only images with at least this score are shown.",
            )
        st.plotly_chart(histogram(known, threshold), width="stretch", key="outlier_histogram")
    ranked = np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")
    ranked = ranked[values[ranked] >= threshold]
    with right:
        show("h2", "{}, the oddest first", counted(len(ranked), "image"))
        items = [plain_item(space, int(row), f"{values[row]:.3f}") for row in ranked[:2000]]
        image_gallery(view, items, key="outliers", label="Outliers", height=720)
    selection_tray(view)
