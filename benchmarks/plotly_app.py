"""The map as one would write it with Streamlit's own chart, for benchmarks/app.py."""

import sys
from pathlib import Path
from typing import Any

import plotly.express as px
import streamlit as st

from explorer import open_dataset


@st.cache_resource
def load(name: str, cache: str) -> Any:
    space = open_dataset(name, cache=Path(cache)).space()
    return space.table(["map_x", "map_y", "label"]).to_pandas()


points = load(sys.argv[1], sys.argv[2])
figure = px.scatter(points, x="map_x", y="map_y", color="label", render_mode="webgl", height=620)
chosen = st.plotly_chart(figure, on_select="rerun", selection_mode="lasso", key="map")
st.text(f"Selected: {len(chosen['selection']['points'])}")
