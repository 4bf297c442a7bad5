"""A photo in which a part can be chosen, by a box that is drawn in it."""

from explorer.search import Crop
from explorer.ui.components.common import own_component, show_component

_crop = own_component("crop")


def photo_with_box(source: str, alt: str, crop: Crop | None, *, dataset: str) -> None:
    """Show the photo at a URL; another box comes as the event "crop"."""
    data = {"src": source, "alt": alt, "crop": crop.sides if crop else None}
    show_component(_crop, data, dataset=dataset, key="crop_photo")
