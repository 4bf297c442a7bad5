"""Embedding again: what is new, changed, moved, gone and back."""

import os

import numpy as np
import pyarrow.parquet as pq
import pytest
from jobs import accounted, meaning, part_bytes, paths, times
from PIL import Image
from support.fakes import Fake, embed, fill, image_bytes, original, picture

from explorer.store import open_dataset, problems


@pytest.fixture
def source(tmp_path):
    return fill(tmp_path / "photos", {f"{'ab'[i % 2]}/{i:02d}.jpg": i for i in range(20)})


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def run(source, cache):
    """Embed, check the account against the files that are there, and open the dataset."""

    def go(**more):
        report = embed(source, cache, **more)
        assert accounted(report) == sum(len(files) for _, _, files in os.walk(source))
        dataset = open_dataset("photos", cache=cache)
        assert len(dataset) == report.embedded + report.unchanged + report.moved
        assert list(problems(dataset.root)) == []
        for extractor in more.get("extractors", ("fake",)):
            check_vectors(dataset.space(extractor))
        return report, dataset

    return go


def check_vectors(space) -> None:
    """Every vector is that of the file's present content."""
    from explorer.images import decode

    for i, vector in zip(space.image_ids.tolist(), space.embeddings(), strict=True):
        image = decode(original(space.dataset, i).read_bytes()).image
        extractor = Fake(type("Info", (), {"id": space.id, "sees": ""}))
        np.testing.assert_array_equal(vector, extractor.extract(extractor.prepare(image)[None])[0])


def age(path, seconds: float = 100) -> None:
    """Make a file older, so that a change to it is one by its time, too."""
    before = path.stat().st_mtime_ns
    os.utime(path, ns=(before, before - int(seconds * 1e9)))


def test_the_first_run_embeds_everything(run, source):
    report, dataset = run()
    assert (report.embedded, report.rejected, report.ignored) == (20, 0, 0)
    assert report.spaces == {"fake": {"dimension": 8, "count": 20}}
    assert dataset.image_ids.tolist() == list(range(20))
    row = dataset.image(0)
    data = (source / "a/00.jpg").read_bytes()
    assert (row["path"], row["label"], row["bytes"]) == ("a/00.jpg", "a", len(data))
    assert (row["width"], row["height"], row["format"]) == (24, 20, "JPEG")
    assert row["mtime"].value == (source / "a/00.jpg").stat().st_mtime_ns


def test_a_second_run_does_nothing(run):
    _, dataset = run()
    before = times(dataset.root)
    report, _ = run()
    assert (report.unchanged, report.embedded) == (20, 0)
    assert report.images_per_second == 0
    assert times(dataset.root) == before


def test_new_files_are_added_and_the_old_ones_left_alone(run, source):
    _, before = run()
    fill(source, {"a/00a.jpg": 100, "c/new.png": image_bytes(101, "PNG")})
    report, dataset = run()
    assert (report.embedded, report.unchanged) == (2, 20)
    assert paths(dataset).items() >= paths(before).items()
    assert {paths(dataset)["a/00a.jpg"], paths(dataset)["c/new.png"]} == {20, 21}
    assert dataset.image(21)["format"] == "PNG"


def test_a_changed_file_keeps_its_id_and_its_tags(run, source):
    age(source / "a/02.jpg")
    _, dataset = run()
    number = paths(dataset)["a/02.jpg"]
    dataset.tags.add("mine", [number])
    thumbnail = dataset.thumbnail(number)
    picture(2).transpose(Image.Transpose.ROTATE_90).save(source / "a/02.jpg", quality=60)
    report, dataset = run()
    assert (report.embedded, report.unchanged, report.removed) == (1, 19, 0)
    assert paths(dataset)["a/02.jpg"] == number
    assert dataset.tags.ids("mine").tolist() == [number]
    assert dataset.thumbnail(number) != thumbnail


def test_another_picture_in_the_place_of_one_is_a_new_image(run, source):
    """Put there in one go, or after a run that has seen that the first was gone."""
    age(source / "a/02.jpg")
    _, dataset = run()
    dataset.tags.add("mine", dataset.image_ids.tolist())
    fill(source, {"a/02.jpg": 500})
    report, dataset = run()
    assert (report.embedded, report.unchanged, report.removed) == (1, 19, 1)
    assert paths(dataset)["a/02.jpg"] == 20
    (source / "b/01.jpg").unlink()
    run()
    fill(source, {"b/01.jpg": 501})
    report, dataset = run()
    assert (report.embedded, report.unchanged, report.removed) == (1, 19, 0)
    assert paths(dataset)["b/01.jpg"] == 21
    assert not {20, 21} & set(dataset.tags.ids("mine").tolist())


def test_a_picture_that_was_gone_comes_back_under_another_name(run, source):
    _, dataset = run()
    number = paths(dataset)["a/04.jpg"]
    data = (source / "a/04.jpg").read_bytes()
    fill(source, {"a/04.jpg": 500})
    run()
    fill(source, {"b/back.jpg": data})
    report, dataset = run()
    assert (report.moved, report.embedded, report.unchanged) == (1, 0, 20)
    assert paths(dataset)["b/back.jpg"] == number


@pytest.mark.parametrize("by", [1, -1, 7])
def test_files_that_are_numbered_anew_keep_their_pictures_ids(run, source, by):
    """Every name has another picture now: the first or the last of them is gone, one is new."""
    _, dataset = run()
    names = sorted(paths(dataset))
    before = {(source / name).read_bytes(): number for name, number in paths(dataset).items()}
    contents = [(source / name).read_bytes() for name in names]
    moved = [*contents[by:], *contents[:by]]
    for name, data in zip(names, moved, strict=True):
        (source / name).write_bytes(data)
        age(source / name, -50)
    fill(source, {names[3]: 600})
    report, dataset = run()
    assert (report.moved, report.embedded, report.removed) == (19, 1, 1)
    for name, number in paths(dataset).items():
        assert number == before.get((source / name).read_bytes(), 20)


def test_a_file_that_was_only_touched_is_not_embedded_again(run, source):
    age(source / "a/02.jpg")
    _, dataset = run()
    embeddings = dataset.root / "spaces"
    before = times(embeddings)
    (source / "a/02.jpg").touch()
    report, dataset = run()
    assert (report.embedded, report.unchanged) == (0, 20)
    assert times(embeddings) == before
    assert dataset.image(1)["mtime"].value == (source / "a/02.jpg").stat().st_mtime_ns
    before = times(dataset.root)
    run()
    assert times(dataset.root) == before


def test_a_moved_file_keeps_its_id_tags_and_vector(run, source):
    _, dataset = run()
    number = paths(dataset)["a/04.jpg"]
    dataset.tags.add("mine", [number])
    before = times(dataset.root / "spaces")
    (source / "new").mkdir()
    (source / "a/04.jpg").rename(source / "new/name.jpg")
    report, dataset = run()
    assert (report.moved, report.unchanged, report.embedded, report.removed) == (1, 19, 0, 0)
    assert paths(dataset)["new/name.jpg"] == number
    assert dataset.image(number)["label"] == "new"
    assert dataset.tags.ids("mine").tolist() == [number]
    assert times(dataset.root / "spaces") == before


def test_a_whole_folder_that_is_renamed_is_moved(run, source):
    _, dataset = run()
    (source / "a").rename(source / "z")
    report, again = run()
    assert (report.moved, report.unchanged, report.embedded, report.removed) == (10, 10, 0, 0)
    assert again.image_ids.tolist() == dataset.image_ids.tolist()


def test_a_file_that_is_gone_is_kept_in_mind(run, source):
    run()
    (source / "a/04.jpg").unlink()
    report, again = run()
    assert (report.removed, report.unchanged) == (1, 19)
    assert "a/04.jpg" not in paths(again)
    gone = again.every_image.filter(~again.every_image["present"].to_numpy()).to_pylist()
    assert [row["path"] for row in gone] == ["a/04.jpg"]
    assert len(again.space()) == 19
    report, _ = run()
    assert report.removed == 0


def test_a_file_that_comes_back_is_the_image_it_was(run, source):
    _, dataset = run()
    number = paths(dataset)["a/04.jpg"]
    dataset.tags.add("mine", [number])
    data = (source / "a/04.jpg").read_bytes()
    (source / "a/04.jpg").unlink()
    run()
    (source / "a/04.jpg").write_bytes(data)
    report, again = run()
    assert (report.embedded, report.unchanged) == (0, 20)
    assert paths(again)["a/04.jpg"] == number
    assert again.tags.ids("mine").tolist() == [number]


def test_two_files_that_swap_names_stay_the_images_they_were(run, source):
    age(source / "a/00.jpg", 100)
    age(source / "b/01.jpg", 200)
    _, dataset = run()
    (source / "a/00.jpg").rename(source / "swap")
    (source / "b/01.jpg").rename(source / "a/00.jpg")
    (source / "swap").rename(source / "b/01.jpg")
    report, again = run()
    assert (report.moved, report.unchanged, report.removed) == (2, 18, 0)
    swapped = {"a/00.jpg": "b/01.jpg", "b/01.jpg": "a/00.jpg"}
    assert paths(again) == {swapped.get(name, name): i for name, i in paths(dataset).items()}


def test_copies_of_a_file_that_is_gone_are_one_moved_and_the_rest_new(run, source):
    _, dataset = run()
    number = paths(dataset)["a/04.jpg"]
    data = (source / "a/04.jpg").read_bytes()
    (source / "a/04.jpg").unlink()
    fill(source, {"a/x1.jpg": data, "a/x2.jpg": data, "b/x3.jpg": data})
    report, again = run()
    assert (report.moved, report.embedded, report.removed) == (1, 2, 0)
    assert {paths(again)[name] for name in ("a/x1.jpg", "a/x2.jpg", "b/x3.jpg")} == {number, 20, 21}


def test_several_copies_that_move_are_all_moved(run, source):
    data = image_bytes(77)
    fill(source, {"a/x1.jpg": data, "a/x2.jpg": data})
    _, dataset = run()
    for name in ("x1", "x2"):
        (source / f"a/{name}.jpg").rename(source / f"b/{name}.jpg")
    report, again = run()
    assert (report.moved, report.embedded, report.removed) == (2, 0, 0)
    assert again.image_ids.tolist() == dataset.image_ids.tolist()


def test_a_second_extractor_embeds_its_own_space_only(run, source):
    _, dataset = run()
    before = times(dataset.root)
    report, dataset = run(extractors=("fake-2",))
    assert (report.embedded, report.unchanged) == (20, 0)
    assert dataset.space_ids == ["fake", "fake-2"]
    new = {name for name in times(dataset.root) if name not in before}
    assert all(name.startswith("spaces/fake-2/") for name in new)
    assert times(dataset.root).items() >= before.items()
    report, _ = run(extractors=("fake", "fake-2"))
    assert report.unchanged == 20


def test_two_extractors_at_once_are_the_same_as_one_after_the_other(source, tmp_path):
    embed(source, tmp_path / "both", extractors=("fake", "fake-2"))
    for extractor in ("fake", "fake-2"):
        embed(source, tmp_path / "each", extractors=(extractor,))
    assert meaning(tmp_path / "both/photos") == meaning(tmp_path / "each/photos")


def test_an_extractor_that_was_left_out_catches_up(run, source):
    run(extractors=("fake", "fake-2"))
    fill(source, {"a/new.jpg": 90})
    embed(source, source.parent / "cache", spaces=())
    report, _ = run(extractors=("fake", "fake-2"))
    assert (report.embedded, report.unchanged) == (1, 20)


def test_labels_follow_the_folders_even_where_the_files_stay(tmp_path, cache):
    source = fill(tmp_path / "photos", {f"a/{i}.jpg": i for i in range(3)})
    embed(source, cache)
    assert open_dataset(cache=cache).table(["label"])["label"].null_count == 3
    fill(source, {"b/3.jpg": 3})  # now there are two folders, so they are labels
    report = embed(source, cache)
    assert (report.embedded, report.unchanged) == (1, 3)
    assert open_dataset(cache=cache).table(["label"])["label"].to_pylist() == ["a", "a", "a", "b"]
    before = times(cache / "photos")
    assert embed(source, cache).unchanged == 4
    assert times(cache / "photos") == before


def test_names_of_every_kind_are_kept_apart_and_found_again(tmp_path, cache):
    names = ["new\nline.jpg", "quo\"te'.jpg", "été.jpg", "\\xff.jpg", "a,b;c.jpg", "%41.jpg"]
    names += [os.fsdecode(b"\xff.jpg"), os.fsdecode(b"sub/\xe9\xff.jpg"), "sub/=1+1.jpg"]
    source = fill(tmp_path / "photos", {name: i for i, name in enumerate(names)})
    assert embed(source, cache).embedded == len(names)
    dataset = open_dataset(cache=cache)
    assert {dataset.relative_path(i) for i in dataset.image_ids.tolist()} == set(names)
    for i in dataset.image_ids.tolist():
        assert original(dataset, i).read_bytes() == image_bytes(
            names.index(dataset.relative_path(i))
        )
    assert embed(source, cache).unchanged == len(names)


def test_a_source_whose_own_name_is_not_text_can_be_embedded(tmp_path, cache):
    source = fill(tmp_path / os.fsdecode(b"caf\xe9"), {"a.jpg": 1})
    name = embed(source, cache).dataset
    assert open_dataset(name, cache=cache).source == str(source)
    assert embed(source, cache).unchanged == 1


@pytest.mark.parametrize("seconds", [-(10**9), 0, 2**33, 10_413_792_000])
def test_a_file_of_any_age_is_embedded_once(tmp_path, cache, seconds):
    source = fill(tmp_path / "photos", {"a.jpg": 1, "bad.jpg": b"?"})
    for path in source.iterdir():
        os.utime(path, (seconds, seconds))
    report = embed(source, cache)
    assert (report.embedded, report.rejected) == (1, 1)
    before = times(cache / "photos")
    report = embed(source, cache)
    assert (report.unchanged, report.rejected) == (1, 1)
    assert times(cache / "photos") == before


def test_pictures_of_any_shape_are_embedded(tmp_path, cache):
    import io

    files = {}
    for width, height in ((1, 1), (1, 3000), (3000, 1), (255, 257), (2, 2)):
        out = io.BytesIO()
        picture(1).resize((width, height)).save(out, "PNG")
        files[f"{width}x{height}.png"] = out.getvalue()
    assert embed(fill(tmp_path / "photos", files), cache).embedded == len(files)


def test_the_first_parts_are_small_and_the_same_images_make_the_same_parts(tmp_path):
    source = fill(tmp_path / "many", {f"{i:03d}.jpg": i for i in range(300)})
    for name in ("one", "two"):
        embed(source, tmp_path / name, part_size=100)
    parts = sorted((tmp_path / "one/many/images").iterdir())
    assert [pq.read_metadata(part).num_rows for part in parts] == [32, 64, 100, 100, 4]
    assert part_bytes(tmp_path / "one/many") == part_bytes(tmp_path / "two/many")
