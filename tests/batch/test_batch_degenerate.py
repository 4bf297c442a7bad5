"""Next to nothing, nothing but copies, nothing but NaN: said as it is, and never a crash."""

import io
import json
import math

import numpy as np
import pytest
from PIL import Image
from support.fakes import Fake, embed, fill, picture
from typer.testing import CliRunner

from explorer import batch
from explorer.cli.app import app
from explorer.errors import ExtractorError
from explorer.extractors import ExtractorInfo, register
from explorer.store import Dataset, Space, open_dataset, problems

BROKEN = 77  # the number of the picture that the broken extractor fails on


class Broken(Fake):
    """Gives NaN for one picture."""

    def extract(self, batch: np.ndarray) -> np.ndarray:
        vectors = super().extract(batch)
        one = super().extract(self.prepare(picture(BROKEN))[None])[0]
        vectors[np.abs(vectors - one).max(axis=1) < 1e-6, 3] = np.nan
        return vectors


INFO = ExtractorInfo(
    id="broken", dimension=8, input_size=8, sees="Nothing sound.", licence="Apache-2.0"
)
register(INFO)(lambda device, precision: Broken(INFO))


def png(image: Image.Image) -> bytes:
    """A file whose pixels are those of the image."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def told(name: str, cache) -> dict:
    """What `explorer analyze` and then `explorer info` say; both must succeed."""
    runner = CliRunner()
    for command in (["analyze", name], ["info", name], ["info", name, "--json"]):
        done = runner.invoke(app, [*command, "--cache", str(cache)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    space = json.loads(done.stdout)["spaces"]["fake"]
    assert space["stale"] is False
    return space


def looked_at(tmp_path, numbers: dict[str, int | bytes]) -> tuple[dict, Space]:
    """What is told of a dataset of these pictures, and its one space."""
    embed(fill(tmp_path / "photos", numbers), tmp_path / "cache")
    figures = told("photos", tmp_path / "cache")
    dataset = open_dataset("photos", cache=tmp_path / "cache")
    assert list(problems(dataset.root)) == []
    space = dataset.space()
    for name in space.column_names:
        assert len(space.column(name)) == len(space)
    assert np.isfinite(space.column("map_x")).all()
    return figures, space


def test_not_one_image_that_can_be_read(tmp_path):
    figures, space = looked_at(tmp_path, {"a.jpg": b"no image", "b.jpg": b""})
    assert len(space) == 0
    assert (figures["count"], figures["clusters"], figures["outliers"]) == (0, 0, 0)
    assert figures["duplicate_groups"] is figures["map_trustworthiness"] is None
    assert space.cluster_names() == []


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_handful_of_images(tmp_path, count):
    figures, space = looked_at(tmp_path, {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(count)})
    assert figures["count"] == count
    assert (figures["clusters"], figures["outliers"]) == (0, 0)
    assert (figures["map_trustworthiness"] is None) == (count < 3)
    alone = np.isnan(space.column("outlier_score"))
    assert alone.tolist() == [count == 1] * count
    assert np.isfinite(space.column("sharpness")).all()


def test_nothing_but_copies(tmp_path):
    figures, space = looked_at(tmp_path, {f"{i:02d}.jpg": 3 for i in range(40)})
    assert (figures["duplicate_groups"], figures["outliers"]) == (1, 0)
    assert space.column("duplicate_kind").tolist() == [None] + ["exact copy"] * 39
    assert set(space.column("exact_group").tolist()) == {0}
    np.testing.assert_allclose(space.column("outlier_score"), 0, atol=1e-6)
    np.testing.assert_allclose(space.column("mahalanobis"), 0, atol=1e-3)
    assert {name.partition(" ")[0] for name in space.cluster_names()} <= {"Cluster"}


def test_two_far_islands(tmp_path):
    def island(number: int) -> bytes:
        shade = np.random.default_rng(number).integers(0, 40, (20, 24, 3))
        return png(
            Image.fromarray((shade + [200, 0, 0][:: 1 if number % 2 else -1]).astype(np.uint8))
        )

    files = {f"{i:02d}.png": island(i) for i in range(40)}
    _, space = looked_at(tmp_path, files)
    codes = space.column("cluster_fewest")
    for codes_of_one in (codes[::2], codes[1::2]):
        assert (codes_of_one >= 0).sum() > 10
    assert not set(codes[::2].tolist()) & set(codes[1::2].tolist()) - {-1}


def test_one_class(tmp_path):
    source = fill(tmp_path / "photos", {f"only/{i:02d}.jpg": i for i in range(12)})
    settings = batch.EmbedSettings(extractors=("fake",), labels="folder", analyze=False)
    batch.embed(source, cache=tmp_path / "cache", settings=settings)
    figures = told("photos", tmp_path / "cache")
    assert figures["knn_accuracy"] == 1
    space = Dataset(tmp_path / "cache" / "photos").space()
    assert set(space.column("label_suggested").tolist()) == {"only"}
    assert set(space.column("label_issue").tolist()) == {0}


def test_no_number_in_a_figure_is_infinite(tmp_path):
    for count in (1, 2, 3, 11):
        _, space = looked_at(tmp_path / str(count), {f"{i}.jpg": i % 2 for i in range(count)})
        for figures in space.figures.by_analysis.values():
            assert not any(math.isinf(figure) for figure in figures.values())


@pytest.mark.parametrize("place", [0, 9, 20])
def test_an_extractor_that_gives_nan_is_named_with_the_image(tmp_path, place):
    numbers = list(range(20))
    numbers.insert(place, BROKEN)
    files = {f"{row:02d}.png": png(picture(number)) for row, number in enumerate(numbers)}
    source = fill(tmp_path / "photos", files)
    sentence = rf"The extractor 'broken' failed on '{place:02d}\.png': .* NaN"
    with pytest.raises(ExtractorError, match=sentence):
        embed(source, tmp_path / "cache", extractors=("fake", "broken"))
    assert list(problems(tmp_path / "cache" / "photos"))[1:] == []
    (source / f"{place:02d}.png").unlink()
    assert embed(source, tmp_path / "cache", extractors=("fake", "broken")).rejected == 0
    assert list(problems(tmp_path / "cache" / "photos")) == []


def test_a_dataset_that_shrinks_to_one_image_and_to_none(tmp_path):
    numbers = {f"{i}.jpg": i for i in range(12)}
    looked_at(tmp_path, numbers)
    for path in list((tmp_path / "photos").iterdir())[1:]:
        path.unlink()
    figures, _ = looked_at(tmp_path, {})
    assert (figures["count"], figures["clusters"]) == (1, 0)
    figures, _ = looked_at(tmp_path, dict.fromkeys(numbers, b"spoilt"))
    assert figures["count"] == 0
