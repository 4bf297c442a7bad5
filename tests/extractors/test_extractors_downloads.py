"""What needs the internet: the weights of others, downloaded by the real code and put to work."""

import numpy as np
import pytest

from explorer import extractors

pytestmark = pytest.mark.network


def neighbors_share_labels(id, photos):
    extractor = extractors.get(id, device="cpu", precision="fp32")
    vectors = extractor.extract(np.stack([extractor.prepare(each) for each in photos.values()]))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    similarities = vectors @ vectors.T
    np.fill_diagonal(similarities, -1)
    labels = np.array([name.split("/")[0] for name in photos])
    return (labels[similarities.argmax(axis=1)] == labels).mean()


@pytest.mark.parametrize(
    "id",
    [
        "torchvision:resnet50",
        "torchvision:mobilenet_v3_large",
        "torchvision:squeezenet1_1",
        "torchvision:densenet121",
        "torchvision:inception_v3",
        "torchvision:vgg16",
        "torchvision:vit_b_16",
        "timm:resnet18.a1_in1k",
        "timm:vit_small_patch14_dinov2.lvd142m",
        "timm:convnext_tiny.in12k_ft_in1k",
        "open-clip:ViT-B-32/laion2b_s34b_b79k",
    ],
)
def test_downloaded_weights_separate_the_sample_photos(id, photos):
    assert neighbors_share_labels(id, photos) > 0.6


def test_a_text_finds_what_it_says(photos):
    clip = extractors.get("open-clip:ViT-B-32/laion2b_s34b_b79k", device="cpu", precision="fp32")
    vectors = clip.extract(np.stack([clip.prepare(each) for each in photos.values()]))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    [text] = clip.embed_text(["a photo of a hammer"])
    assert list(photos)[(vectors @ text).argmax()].startswith("hammer/")
