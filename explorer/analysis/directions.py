"""The two main directions in which the images differ: a map that is there at once.

Principal component analysis: Hotelling, "Analysis of a complex of statistical variables into
principal components", 1933. What is far apart on it is far apart in truth, which UMAP does not
promise; but much that is far apart in truth falls together.
"""

from __future__ import annotations

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, number
from explorer.analysis.layout import pca_layout
from explorer.analysis.ranges import Settings


def _run(inputs: Inputs, settings: Settings) -> Result:  # noqa: ARG001
    layout = pca_layout(inputs.vectors())
    return Result({"pca_x": number(layout[:, 0]), "pca_y": number(layout[:, 1])})


MAIN_DIRECTIONS = Analysis(
    name="main_directions",
    version=1,
    title="Main directions",
    explains="The two directions in which the images differ most (PCA).",
    settings=Settings(),
    needs=("vectors",),
    columns=(
        Column("pca_x", "number", "Main direction", "The direction in which images differ most."),
        Column("pca_y", "number", "Second direction", "The direction that comes next."),
    ),
    run=_run,
)
