"""A recipe repeats its export bit by bit, or says what has changed."""

import json

import pytest
from support.fakes import analyzed, embed, fill, image_bytes, original

from explorer import batch
from explorer.curate import FORMATS, ExportOptions, Origin, export, repeat
from explorer.curate.exports.recipe import origin_of
from explorer.errors import ExportError
from explorer.filters import OneOf, Range, Sql
from explorer.store import open_dataset

FILES = {"cat/a.jpg": 1, "cat/b.jpg": 2, "dog/a.jpg": 3, "dog/b.jpg": 4}


@pytest.fixture
def dataset(tmp_path):
    return analyzed(fill(tmp_path / "photos", FILES), tmp_path / "cache")


@pytest.fixture
def to(tmp_path):
    return tmp_path / "out"


def everything(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def again(dataset):
    return open_dataset(dataset.name, cache=dataset.root.parent)


@pytest.mark.parametrize("format", FORMATS)
def test_a_recipe_repeats_its_export_bit_by_bit(dataset, to, format):
    options = ExportOptions(by=("label",), shard_size=2)
    first = export(dataset.space(), [3, 0, 2], format=format, to=to / "one", options=options)
    done = repeat(to / "one" / "recipe.json", again(dataset), to=to / "two")
    assert everything(to / "two") == everything(to / "one")
    assert (done.images, done.notes) == (3, first.notes)
    assert (done.notes == ()) == (format != "yolo")  # which has no use for such folders


def test_where_images_came_from_is_told_and_kept(dataset, to):
    asked = (OneOf("label", ("cat",)), Sql("width > 0"))
    origin = Origin(asked, (), ({"how": "diverse", "seed": 7},))
    export(dataset.space(), [0, 1], format="csv", to=to / "one", origin=origin)
    recipe = json.loads((to / "one" / "recipe.json").read_text())
    assert recipe["origin"]["filter"] == [
        {"kind": "one_of", "column": "label", "values": ["cat"]},
        {"kind": "sql", "text": "width > 0"},
    ]
    assert origin_of(recipe) == origin
    assert recipe["origin"]["chosen"][0]["seed"] == 7
    assert recipe["versions"]["numpy"]


def changed(dataset, to, match):
    """Repeat what must not be repeatable: nothing is written then."""
    with pytest.raises(ExportError, match=match):
        repeat(to / "one" / "recipe.json", again(dataset), to=to / "two")
    assert [path.name for path in to.iterdir()] == ["one"]


def test_images_that_are_gone_are_named(dataset, to):
    export(dataset.space(), dataset.image_ids, format="folder", to=to / "one")
    original(dataset, 2).unlink()
    embed(original(dataset, 0).parents[1], dataset.root.parent)
    changed(dataset, to, r"cannot be repeated: 1 of its images are gone \(ids 2\)")


def test_other_values_are_named_by_their_column(dataset, to, tmp_path):
    export(dataset.space(), dataset.image_ids, format="parquet", to=to / "one")
    table = tmp_path / "labels.csv"
    table.write_text("path,label\ncat/a.jpg,tiger\n")
    batch.annotate(dataset, table)
    changed(dataset, to, r"1 file different \(images.parquet\).*other values in .*label")


def test_an_original_that_was_written_anew_is_named(dataset, to):
    export(dataset.space(), dataset.image_ids, format="folder", to=to / "one")
    original(dataset, 2).write_bytes(image_bytes(77))
    changed(dataset, to, "dog/a.jpg cannot be exported: it has changed since it was embedded")


def test_other_tags_are_noticed(dataset, to):
    dataset.tags.add("best", [0])
    options = ExportOptions(by=("tag",))
    export(dataset.space(), dataset.image_ids, format="folder", to=to / "one", options=options)
    dataset.tags.add("best", [1])
    changed(dataset, to, "missing.*new.*What has changed: other values in my_tags")


def test_what_came_in_since_does_not_matter_but_is_told(dataset, to, tmp_path):
    space = dataset.space()
    columns = Origin((Range("width", 1, None),))
    export(space, dataset.image_ids, format="npy", to=to / "one", origin=columns)
    fill(tmp_path / "photos", {"dog/c.jpg": 9})
    embed(tmp_path / "photos", dataset.root.parent)
    done = repeat(to / "one" / "recipe.json", again(dataset), to=to / "two")
    assert done.notes == ("1 more images pass the filter by now.",)
    recipe = json.loads((to / "one" / "recipe.json").read_text())
    recipe["origin"] = {"where": "width > 0"}  # as it was written before
    (to / "two" / "recipe.json").write_text(json.dumps(recipe))
    old = repeat(to / "two" / "recipe.json", again(dataset), to=to / "three")
    assert old.notes == done.notes
    name = "embeddings.npy"
    assert (to / "one" / name).read_bytes() == (to / "two" / name).read_bytes()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda recipe: recipe.pop("files"), "is not a recipe of an export: it has no 'files'"),
        (lambda recipe: recipe.update(recipe=2), "it is of version 2"),
        (lambda recipe: recipe.update(image_ids=["../x"]), "image_ids holds more than numbers"),
        (lambda recipe: recipe.update(format="zip"), "no format 'zip'"),
        (lambda recipe: recipe["origin"].update(filter=[{"kind": "x"}]), "filter cannot be used"),
        (lambda recipe: recipe["options"].update(link="move"), "not 'move'"),
        (lambda recipe: recipe["options"].update(path="/"), "path is no option"),
    ],
)
def test_a_recipe_that_is_none_is_a_sentence(dataset, to, change, sentence):
    export(dataset.space(), [0], format="csv", to=to / "one")
    path = to / "one" / "recipe.json"
    recipe = json.loads(path.read_text())
    change(recipe)
    path.write_text(json.dumps(recipe))
    changed(dataset, to, sentence)


def test_a_file_that_is_no_json_is_a_sentence(dataset, tmp_path, to):
    (tmp_path / "r.json").write_text("no")
    for name in ("r.json", "nowhere.json"):
        with pytest.raises(ExportError, match=r"is not a recipe|cannot be read"):
            repeat(tmp_path / name, dataset, to=to)
