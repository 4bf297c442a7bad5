"""Heat maps as the browser gets them."""

import io
from base64 import b64decode

import numpy as np
from PIL import Image

from explorer.insight.palette import RAMP
from explorer.ui.panels.heat import Heated, _figure, heat_picture

EVIL = '"><script>alert(1)</script>'


def pixels(url: str) -> np.ndarray:
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(b64decode(data))))


def test_more_heat_is_brighter_and_what_speaks_against_is_left_clear():
    found = pixels(heat_picture(np.array([[-3, 0, 1], [2, 3, 4]], np.float32), most=4))
    assert found.shape == (2, 3, 4)
    opacity = found[..., 3].ravel()
    assert opacity[:2].tolist() == [0, 0]
    assert (np.diff(opacity[1:].astype(int)) > 0).all()
    hottest = "#" + "".join(f"{channel:02x}" for channel in found[1, 2, :3])
    assert hottest == RAMP[-1]


def test_no_heat_at_all_is_clear():
    assert (pixels(heat_picture(np.zeros((2, 2), np.float32), most=0))[..., 3] == 0).all()


def test_names_are_text_and_the_heat_lies_on_its_field():
    heat = np.ones((1, 1), np.float32)
    photo = Heated("/x", (400, 200), EVIL, EVIL, heat, (0.25, 0.05, 0.5, 0.9), 1)
    made = _figure(photo)
    assert "<script>" not in made
    assert "left:25.00%;top:5.00%;width:50.00%;height:90.00%" in made
    assert 'class="heat"' not in _figure(Heated("/x", (4, 2), "", "", None, (0, 0, 1, 1), 1))
