"""The map of a space for notebooks."""

import numpy as np
import plotly.express as px
import plotly.graph_objects as go

from explorer.errors import NotAnalyzedError
from explorer.store import Space


def plot(space: Space, color: str = "label") -> go.Figure:
    """A plotly scatter of the map, coloured by a column; hover names the image.

    Raises `NotAnalyzedError` without a map.
    """
    if "map_x" not in space.column_names:
        raise NotAnalyzedError(
            f"The space {space.id!r} has no map yet.", dataset=space.dataset.name
        )
    frame = space.table(["image_id", "path", "map_x", "map_y", color]).to_pandas()
    if space.column_meta(color).kind == "category":
        frame[color] = frame[color].astype("string").fillna("none")
    figure = px.scatter(
        frame.sort_values(color, kind="stable"),
        x="map_x",
        y="map_y",
        color=color,
        hover_data={"image_id": True, "path": True, "map_x": False, "map_y": False},
        render_mode="webgl",
        template="plotly_white",
        title=f"{space.dataset.name} through {space.id}",
    )
    figure.update_traces(marker_size=float(np.clip(2000 / max(len(space), 1), 3, 8)))
    # Distances mean something only when both axes have one scale; the numbers themselves do not.
    figure.update_yaxes(scaleanchor="x", visible=False)
    figure.update_xaxes(visible=False)
    return figure
