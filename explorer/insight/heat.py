"""Heat maps as tiny pictures."""

import io
from base64 import b64encode

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.insight.palette import RAMP

STRONGEST = 0.82  # opacity of the hottest place
Floats = npt.NDArray[np.float32]


def heat_picture(heat: Floats, most: float) -> str:
    """Heat as a tiny PNG in a data URL: nothing where it is 0 or less, brightest at `most`."""
    share = np.clip(heat / max(most, 1e-12), 0, 1)
    pixels = np.empty((*share.shape, 4), np.uint8)
    stops = np.linspace(0, 1, len(RAMP))
    for channel in range(3):
        ramp = [int(color[1 + 2 * channel : 3 + 2 * channel], 16) for color in RAMP]
        pixels[..., channel] = np.interp(share, stops, ramp)
    pixels[..., 3] = np.round(255 * STRONGEST * share**0.8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return f"data:image/png;base64,{b64encode(out.getvalue()).decode()}"
