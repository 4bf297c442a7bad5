"""`style`: how an image looks, whatever it shows, from the early layers of the default backbone."""

import dataclasses

from explorer.extractors.backbone import NetworkExtractor
from explorer.extractors.base import Extractor, Options
from explorer.extractors.efficientnet import LITES
from explorer.extractors.registry import register
from explorer.extractors.taps import Tap

_LITE0 = LITES[0]
# The Gram matrix of a layer forgets where things are; that of an early one, what they are.
_TAP = Tap(("blocks.0", "blocks.1", "blocks.2"), "gram")

INFO = dataclasses.replace(
    _LITE0.info(""),
    id="style",
    dimension=1256,
    sees="The look: texture, brushwork, grain, blur, palette; ignores what is shown and where.",
)


@register(INFO)
def _build(*, device: str, precision: str) -> Extractor:
    options = Options(device=device, precision=precision)
    return NetworkExtractor(
        _LITE0.backbone("", options), _TAP, id=INFO.id, sees=INFO.sees, options=options
    )
