"""Copies as they come about in real folders: found by what the pixels say, and only they go."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from support.fakes import analyzed, embed

from explorer import batch
from explorer.curate import ChooseSettings, choose, leaks_of
from explorer.store import Dataset, Space, open_dataset

SAMPLES = Path(__file__).parents[2] / "sample_data"
TURN = Image.Transpose
KINDS = {
    "half": lambda image: image.resize((image.width // 2, image.height // 2)),
    "mirrored": lambda image: image.transpose(TURN.FLIP_LEFT_RIGHT),
    "quarter": lambda image: image.transpose(TURN.ROTATE_90),
    "turned": lambda image: image.transpose(TURN.ROTATE_180),
}


def drawing(number: int) -> Image.Image:
    random = np.random.default_rng(number)
    image = Image.new("RGB", (240, 180), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(8):
        x, y = (sorted(random.integers(0, side, 2).tolist()) for side in image.size)
        draw.rectangle((x[0], y[0], x[1] + 2, y[1] + 2), outline="black", width=3)
        draw.line((x[0], y[1], x[1], y[0]), fill=(200, 30, 30), width=4)
    return image


def texture(number: int) -> Image.Image:
    granularities = np.random.default_rng(number).integers(0, 256, (24, 24, 3), np.uint8)
    return Image.fromarray(granularities).resize((240, 240), Image.Resampling.BICUBIC)


def originals() -> dict[str, Image.Image]:
    photos = sorted(SAMPLES.glob("*/*.jpg"))[::16]
    made = {f"photo{i}": Image.open(path).convert("RGB") for i, path in enumerate(photos)}
    made |= {f"drawing{i}": drawing(i) for i in range(6)}
    return made | {f"texture{i}": texture(i) for i in range(6)}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Originals of three sorts in test, and a version of each kind of each of them in train.

    The extractor is one that is lost when a thing is turned: only the pixels tell.
    """
    folder = tmp_path_factory.mktemp("copies")
    (folder / "images").mkdir()
    splits = []
    for name, image in originals().items():
        versions = {"original": image} | {kind: make(image) for kind, make in KINDS.items()}
        for kind, version in versions.items():
            version.save(folder / "images" / f"{name}-{kind}.jpg", quality=85)
            splits.append((f"{name}-{kind}.jpg", "test" if kind == "original" else "train"))
    embed(folder / "images", folder / "cache", extractors=["edges-hog"])
    made = open_dataset(cache=folder / "cache")
    with (folder / "splits.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("path", "split"), *splits])
    batch.annotate(made, folder / "splits.csv")
    batch.analyze(made)
    return open_dataset(cache=folder / "cache")


def names(space: Space, ids: np.ndarray) -> list[str]:
    return [Path(space.dataset.relative_path(each)).stem for each in ids.tolist()]


@pytest.mark.parametrize("kind", KINDS)
def test_half_size_mirrored_and_turned_copies_are_found(copied: Dataset, kind: str) -> None:
    space = copied.space()
    named = names(space, space.image_ids)
    group = dict(zip(named, space.column("duplicate_group").tolist(), strict=True))
    said = dict(zip(named, space.column("duplicate_kind").tolist(), strict=True))
    found = [
        name for name in originals() if group[f"{name}-original"] == group[f"{name}-{kind}"] != -1
    ]
    assert len(found) >= 0.97 * len(originals())
    # What is kept has no kind, and the one that is kept may be turned itself.
    kinds = {"same picture", "mirrored or turned", None}
    assert all(said[f"{name}-{kind}"] in kinds for name in found)


def test_of_each_picture_one_is_left_and_of_each_group_there_is_one_picture(
    copied: Dataset,
) -> None:
    space = copied.space()
    left = names(space, choose(space, ChooseSettings("unique")).image_ids)
    pictures = {name.split("-")[0] for name in left}
    assert pictures == set(originals())
    assert len(left) <= 1.05 * len(pictures)
    assert len(left) == len(space) - (space.column("duplicate_surplus") == 1).sum()


def test_a_wrong_threshold_hides_no_leak(copied: Dataset) -> None:
    space = copied.space()
    assert (space.column("split_leak") == 1).mean() >= 0.97
    texts = space.table(["split"])["split"].to_pylist()
    splits = np.array([0 if text == "train" else 1 for text in texts])
    assert (leaks_of(space, splits, 1.0) >= 0).mean() >= 0.97
    leaks = choose(space, ChooseSettings("leaks", threshold=1.0))
    assert len(leaks.image_ids) >= 0.97 * (splits == 1).sum()
    chosen = choose(space, ChooseSettings("split", threshold=1.0, by="image_id"))
    assert "0 images leak" in chosen.notes[0]
    part_of = {name: part for part, ids in chosen.parts.items() for name in names(space, ids)}
    for name in originals():
        assert len({part_of[f"{name}-{kind}"] for kind in ("original", *KINDS)}) == 1, name


INKS = {"white": 255, "black": 0, "grey": 128}


def on_nothing(number: int, ink: int) -> bytes:
    """Lines in one grey on transparency."""
    image = Image.new("LA", (200, 160), (ink, 0))
    draw, random = ImageDraw.Draw(image), np.random.default_rng(number)
    for _ in range(6):
        ends = [int(random.integers(side)) for side in (200, 160, 200, 160)]
        draw.line(ends, fill=(ink, 255), width=int(random.integers(3, 9)))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("ink", [*INKS, "all"])
def test_drawings_on_transparency_are_neither_blank_nor_copies(tmp_path: Path, ink: str) -> None:
    inks = list(INKS.values()) * 4 if ink == "all" else [INKS[ink]] * 12
    (tmp_path / "icons").mkdir()
    for number, gray in enumerate(inks):
        shape = number // 3 if ink == "all" else number
        (tmp_path / "icons" / f"{number}.png").write_bytes(on_nothing(shape, gray))
    space = analyzed(tmp_path / "icons", tmp_path / "cache").space()
    assert "blank" not in space.column("picture_fault").tolist()
    assert len(choose(space, ChooseSettings("unique")).image_ids) == 12
