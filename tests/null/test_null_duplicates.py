"""Unrelated images are no duplicates, and copies, however many, do not change what unrelated is."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from nothing import CLOUDS, Floats, gaussian
from PIL import Image
from support.fakes import analyzed, fill, image_bytes

from explorer import extractors
from explorer.analysis import (
    VERSIONS_FROM,
    Duplicates,
    DuplicateSettings,
    duplicate_kinds,
    near_duplicates,
    neighbor_graph,
    read_pictures,
    surplus_pictures,
    version_threshold,
)
from explorer.images import measure

SAMPLES = Path(__file__).parents[2] / "sample_data"


def noise_hashes(n: int) -> list[str | None]:
    """Of pictures of grains, fine and coarse."""
    random = np.random.default_rng(0)
    found = []
    for number in range(n):
        granularities = random.integers(0, 256, (8 << number % 4,) * 2, np.uint8)
        found.append(measure(np.asarray(Image.fromarray(granularities).resize((64, 64)))).hash)
    return found


def found_among(vectors: Floats, hashes: list[str | None]) -> Duplicates:
    pictures = read_pictures(hashes)
    return near_duplicates(
        neighbor_graph(vectors),
        vectors,
        threshold=version_threshold(vectors, pictures.groups()),
        quality=np.zeros(len(vectors)),
        pictures=pictures,
    )


@pytest.mark.parametrize("draw", CLOUDS)
@pytest.mark.parametrize(("n", "d"), [(20, 64), (300, 32), (1_000, 64), (1_000, 8)])
def test_what_is_drawn_at_random_has_no_copies(draw, n: int, d: int) -> None:
    assert (found_among(draw(n, d), noise_hashes(n)).group == -1).all()


def quarter(photo: Image.Image, x: int, y: int) -> Image.Image:
    width, height = photo.width // 2, photo.height // 2
    return photo.crop((x * width, y * height, (x + 1) * width, (y + 1) * height))


@pytest.mark.parametrize("extractor", ["efficientnet-lite0", "color-histogram"])
def test_different_pictures_are_not_the_same_picture(extractor: str) -> None:
    """The quarters of one photo of each label show different things, in the same colours."""
    folders = sorted(folder for folder in SAMPLES.iterdir() if folder.is_dir())
    photos = [Image.open(min(folder.glob("*.jpg"))).convert("RGB") for folder in folders]
    parts = [quarter(photo, x, y) for photo in photos for x in (0, 1) for y in (0, 1)]
    hashes = [measure(np.asarray(part.convert("L"))).hash for part in parts]
    assert len(read_pictures(hashes).row_links()) == 0
    seen = extractors.get(extractor, precision="fp32")
    found = found_among(seen.extract(np.stack([seen.prepare(part) for part in parts])), hashes)
    kinds = duplicate_kinds(found, read_pictures(hashes), bits=DuplicateSettings().bits)
    assert surplus_pictures(found, kinds).sum() == 0


SHARES = (0.0, 0.1, 0.5, 0.9, 0.99)


def with_copies(originals: Floats, share: float, *, of_one: bool) -> Floats:
    """Copies that are 0.92 to 1 like their originals, of one of them or of each alike."""
    random = np.random.default_rng(1)
    n, d = originals.shape
    count = round(n * share / (1 - share))
    which = np.zeros(count, int) if of_one else random.integers(0, n, count)
    unit = originals / np.linalg.norm(originals, axis=1, keepdims=True)
    gaps = random.uniform(0.0, 0.08, (count, 1))
    aside = random.normal(size=(count, d))
    aside -= (aside * unit[which]).sum(axis=1, keepdims=True) * unit[which]
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    made = (1 - gaps) * unit[which] + np.sqrt(1 - (1 - gaps) ** 2) * aside
    return random.permutation(np.concatenate([unit, made])).astype(np.float32)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("of_one", [True, False])
@pytest.mark.parametrize("n", [40, 100])
def test_copies_do_not_move_the_threshold(share: float, of_one: bool, n: int) -> None:
    vectors = with_copies(gaussian(n, 64), share, of_one=of_one)
    assert version_threshold(vectors) == VERSIONS_FROM


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("of_one", [True, False])
def test_nor_where_all_images_are_alike(share: float, of_one: bool) -> None:
    """Unrelated images are 0.9 alike; the pixels tell most copies apart from them."""
    random = np.random.default_rng(2)
    center = np.concatenate([gaussian(100, 64) / 8, np.full((100, 1), 3.0)], axis=1)
    alone = version_threshold(center.astype(np.float32))
    which = np.zeros(round(100 * share / (1 - share)), int)
    if not of_one:
        which = random.integers(0, 100, len(which))
    copies = center[which] + random.normal(size=(len(which), 65)) * 0.02
    vectors = np.concatenate([center, copies]).astype(np.float32)
    pictures = np.concatenate([np.arange(100), which])
    for known in (pictures, None):
        assert version_threshold(vectors, known) == pytest.approx(alone, abs=0.004)


# --- files that are equal byte for byte


def test_files_that_are_not_equal_are_in_no_exact_group(tmp_path: Path) -> None:
    """Not even where the picture is the same to the last pixel, and so to the extractor."""
    names: dict[str, int | bytes] = {
        f"{number:02}.png": image_bytes(number, "PNG") for number in range(30)
    }
    names |= {"same.bmp": image_bytes(7, "BMP"), "more.png": image_bytes(7, "PNG") + b"\0"}
    space = analyzed(fill(tmp_path / "photos", names), tmp_path / "cache").space()
    assert set(space.column("exact_group").tolist()) == {-1}
    assert space.figures.of("exact_groups") == 0


def test_planted_copies_are_in_exact_groups_and_nothing_else_is(tmp_path: Path) -> None:
    numbers = [*range(20), 3, 3, 11, 3]
    names: dict[str, int | bytes] = {f"{place:02}.jpg": n for place, n in enumerate(numbers)}
    space = analyzed(fill(tmp_path / "photos", names), tmp_path / "cache").space()
    found = zip(space.column("path").tolist(), space.column("exact_group").tolist(), strict=True)
    groups: dict[int, set[str]] = defaultdict(set)
    for path, group in found:
        if group != -1:
            groups[group].add(path)
    copies = [{"03.jpg", "20.jpg", "21.jpg", "23.jpg"}, {"11.jpg", "22.jpg"}]
    assert sorted(groups.values(), key=min) == copies
    assert space.figures.of("exact_groups") == 2
