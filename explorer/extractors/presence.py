"""Vectors of what an image may lack altogether: edges, text, a face."""

import numpy as np
import numpy.typing as npt


def with_absence(
    vectors: npt.NDArray[np.float32], presence: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Vectors (b, d + 1) float32 of length 1, whose last dimension says that there is nothing.

    `vectors` are (b, d), of any length; `presence` (b,) tells from 0 to 1 how surely there is
    something. So images that lack it are alike, and unlike all that have it. (A vector of zeros
    would have no cosine to anything.)
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    share = np.where(lengths[:, 0] > 0, np.clip(presence, 0, 1), 0)[:, None]
    found = vectors / np.maximum(lengths, 1e-12) * np.sqrt(share)
    whole: npt.NDArray[np.float32] = np.hstack([found, np.sqrt(1 - share)]).astype(np.float32)
    return whole
