"""`style`: the look of a picture against what it shows."""

import numpy as np
import pytest
from PIL import ImageChops, ImageFilter, ImageOps

from explorer import extractors

LOOKS = {
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(4)),
    "drawn": lambda image: image.filter(ImageFilter.CONTOUR),
    "embossed": lambda image: image.filter(ImageFilter.EMBOSS),
    "posterised": lambda image: ImageOps.posterize(image, 1),
}


@pytest.fixture(scope="module")
def looks(photos):
    """Twelve photos in each of four looks: images, looks (n,) and photos (n,)."""
    chosen = list(photos.values())[::11][:12]
    images = [change(photo) for change in LOOKS.values() for photo in chosen]
    return (
        images,
        np.repeat(np.arange(len(LOOKS)), len(chosen)),
        np.tile(np.arange(len(chosen)), len(LOOKS)),
    )


def nearest(id, images):
    extractor = extractors.get(id, device="cpu", precision="fp32")
    vectors = extractor.extract(np.stack([extractor.prepare(image) for image in images]))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    similarities = vectors @ vectors.T
    np.fill_diagonal(similarities, -1)
    return similarities.argmax(axis=1)


def test_style_finds_the_look_and_content_the_thing(looks):
    images, look, thing = looks
    style, content = nearest("style", images), nearest("efficientnet-lite0", images)
    assert (look[style] == look).mean() > 0.9
    assert (thing[content] == thing).mean() > (thing[style] == thing).mean() + 0.2


def test_where_things_are_does_not_matter(photos):
    """A picture whose halves have changed places is nearer to itself than to another."""
    images = list(photos.values())[::16]
    images += [ImageChops.offset(photo, photo.width // 2, 0) for photo in images]
    half = len(images) // 2
    assert (nearest("style", images)[:half] == np.arange(half) + half).all()


def test_content_style_and_layers_are_one_forward_pass(photos):
    names = ["efficientnet-lite0", "style", *(f"efficientnet-lite0@blocks.{n}" for n in (1, 3, 5))]
    opened = {name: extractors.get(name, device="cpu", precision="fp32") for name in names}
    [forward] = extractors.forward_passes(opened)
    prepared = forward.prepare(photos["fish/fish1.jpg"])[None]
    for name, vectors in zip(forward.names, forward.extract(prepared), strict=True):
        assert vectors.shape == (1, opened[name].dimension)
        np.testing.assert_allclose(vectors, opened[name].extract(prepared), rtol=1e-3, atol=1e-4)
