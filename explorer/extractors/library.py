"""The registry with our own extractors in it: whoever asks for any finds them there."""

from explorer.extractors import (
    clip,
    color,
    edges,
    efficientnet,
    faces,
    model_files,
    style,
    text_layout,
    texture,
    timm_models,
    torchvision_models,
)
from explorer.extractors.registry import (
    available,
    families,
    get,
    info,
    layers,
    load_file,
    register,
    register_family,
)
