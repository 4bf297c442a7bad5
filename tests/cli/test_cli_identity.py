"""Photos that take the name of others, and rows that move in a file: tags stay with the picture."""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageEnhance
from support.fakes import fill, image_bytes
from typer.testing import CliRunner

from explorer.cli.app import app
from explorer.store import open_dataset


@pytest.fixture
def explorer(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        result = CliRunner().invoke(app, [*arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def embedded(explorer, source) -> dict:
    return json.loads(explorer("embed", source, "--extractor", "fake", "--no-analyze", "--json"))


def tagged(explorer, name: str) -> set[str]:
    dataset = open_dataset(name)
    ids = set(dataset.tags.ids("good").tolist())
    rows = dataset.table(["image_id", "path"]).to_pylist()
    return {row["path"] for row in rows if row["image_id"] in ids}


@pytest.mark.parametrize("seen", [True, False])
def test_a_photo_under_a_deleted_ones_name_inherits_no_tag(explorer, tmp_path, seen):
    photos = fill(tmp_path / "photos", {"0.jpg": 0, "1.jpg": 1})
    embedded(explorer, "photos")
    explorer("tag", "photos", "good", "--where", "path = '0.jpg'")
    (photos / "0.jpg").unlink()
    if seen:
        embedded(explorer, "photos")
    fill(photos, {"0.jpg": 2})
    done = embedded(explorer, "photos")
    assert (done["embedded"], done["unchanged"]) == (1, 1)
    assert tagged(explorer, "photos") == set()
    fill(photos, {"old.jpg": 0})  # the photo itself comes back
    embedded(explorer, "photos")
    assert tagged(explorer, "photos") == {"old.jpg"}


def test_a_photo_that_was_saved_again_keeps_its_tag(explorer, tmp_path):
    photos = fill(tmp_path / "photos", {"0.jpg": 0, "1.jpg": 1})
    embedded(explorer, "photos")
    explorer("tag", "photos", "good", "--where", "path = '0.jpg'")
    fill(photos, {"0.jpg": image_bytes(0, "PNG")})
    assert embedded(explorer, "photos")["embedded"] == 1
    assert tagged(explorer, "photos") == {"0.jpg"}


def test_what_was_said_of_pictures_that_are_gone_is_told(explorer, tmp_path):
    photos = fill(tmp_path / "photos", {f"{number}.jpg": number for number in range(5)})
    embedded(explorer, "photos")
    explorer("tag", "photos", "good", "--where", "path in ('0.jpg', '1.jpg', '4.jpg')")
    (photos / "0.jpg").unlink()
    fill(photos, {"1.jpg": 11, "2.jpg": 12, "4.jpg": image_bytes(4, "PNG")})
    told = explorer("embed", "photos", "--extractor", "fake", "--no-analyze")
    assert "3 removed" in told
    assert "2 of the removed had tags or groups (0.jpg, 1.jpg)." in " ".join(told.split())
    assert tagged(explorer, "photos") == {"4.jpg"}
    fill(photos, {"0.jpg": 0, "again.jpg": 1})
    done = embedded(explorer, "photos")
    assert (done["removed"], done["removed_curated"]) == (0, [])
    assert tagged(explorer, "photos") == {"0.jpg", "again.jpg", "4.jpg"}


def drawing(brightness: float, *, turned: bool = False) -> bytes:
    """A gradient: there is too little in it for a perceptual hash."""
    ramp = np.linspace(0, 255, 64)[:, None] * np.ones((1, 64))
    out = io.BytesIO()
    gray = Image.fromarray((ramp.T if turned else ramp).astype(np.uint8))
    ImageEnhance.Brightness(gray.convert("RGB")).enhance(brightness).save(out, "JPEG", quality=90)
    return out.getvalue()


@pytest.mark.parametrize(
    ("now", "kept"), [(drawing(0.99), {"0.jpg"}), (drawing(1, turned=True), set())]
)
def test_pictures_with_next_to_nothing_in_them_are_told_apart(explorer, tmp_path, now, kept):
    photos = fill(tmp_path / "photos", {"0.jpg": drawing(1), "1.jpg": 1})
    embedded(explorer, "photos")
    explorer("tag", "photos", "good", "--where", "path = '0.jpg'")
    fill(photos, {"0.jpg": now})
    embedded(explorer, "photos")
    assert tagged(explorer, "photos") == kept


def test_rows_that_move_in_a_parquet_file_take_their_tags_along(explorer):
    def write(numbers):
        images = [{"bytes": image_bytes(number), "path": None} for number in numbers]
        pq.write_table(pa.table({"image": images}), "pets.parquet")

    write([1, 2, 3])
    embedded(explorer, "pets.parquet")
    explorer("tag", "pets", "good", "--where", "path = 'pets.parquet/000001'")
    write([9, 1, 2, 3])
    done = embedded(explorer, "pets.parquet")
    assert (done["embedded"], done["moved"], done["removed"]) == (1, 3, 0)
    assert tagged(explorer, "pets") == {"pets.parquet/000002"}
    write([2, 3])
    done = embedded(explorer, "pets.parquet")
    assert (done["embedded"], done["moved"], done["removed"]) == (0, 2, 2)
    assert tagged(explorer, "pets") == {"pets.parquet/000000"}


def test_an_edited_photo_and_its_original_beside_it_are_two_images(explorer, tmp_path):
    photos = fill(tmp_path / "photos", {"a.jpg": 0, "b.jpg": 1})
    embedded(explorer, "photos")
    explorer("tag", "photos", "good", "--where", "path = 'a.jpg'")
    (photos / "a_original.jpg").write_bytes((photos / "a.jpg").read_bytes())
    with Image.open(photos / "a.jpg") as photo:
        ImageEnhance.Brightness(photo).enhance(1.2).save(photos / "a.jpg", quality=95)
    told = embedded(explorer, "photos")
    assert (told["embedded"], told["moved"], told["removed"]) == (2, 0, 0)
    paths = open_dataset("photos").table(["path"])["path"].to_pylist()
    assert sorted(paths) == ["a.jpg", "a_original.jpg", "b.jpg"]
    assert tagged(explorer, "photos") == {"a.jpg"}
