"""Sources and annotations from the command line."""

import json
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.fakes import fill, image_bytes
from typer.testing import CliRunner

from explorer.cli.app import app
from explorer.store import open_dataset


@pytest.fixture
def explorer(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(4)})

    def run(*arguments, code: int = 0):
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        assert result.exit_code == code, result.output
        return result

    return run


def embedded(explorer, source) -> dict:
    done = explorer("embed", source, "--extractor", "fake", "--no-analyze", "--json")
    return json.loads(done.stdout)


def test_embed_takes_lists_archives_and_urls(explorer, tmp_path):
    (tmp_path / "photos/mine.csv").write_text("path,label\n0.jpg,x\n1.jpg,y\ngone.jpg,\n")
    done = embedded(explorer, tmp_path / "photos/mine.csv")
    assert (done["dataset"], done["embedded"], done["rejected"]) == ("mine", 2, 1)
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
        archive.writestr("a.png", image_bytes(1, "PNG"))
    assert embedded(explorer, tmp_path / "some.zip")["dataset"] == "some"
    done = embedded(explorer, f"file://{tmp_path}/photos")
    assert (done["dataset"], done["embedded"], done["ignored"]) == ("photos", 4, 1)


@pytest.mark.parametrize("source", ["nope", "s3x://bucket/photos", "http://127.0.0.1:1/list.csv"])
def test_a_source_that_is_not_there_is_one_sentence(explorer, source):
    result = explorer("embed", source, code=1)
    assert "Error:" in result.stderr
    assert "Traceback" not in result.output


def test_embed_takes_labels_from_a_table(explorer, tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("path,label,weight\n0.jpg,x,1\n1.jpg,y,2\n")
    options = ("--extractor", "fake", "--labels", table, "--json")
    done = json.loads(explorer("embed", tmp_path / "photos", *options).stdout)
    assert done["embedded"] == 4
    told = json.loads(explorer("info", "photos", "--json").stdout)
    assert told["labels"] == {"x": 1, "y": 1}
    said = explorer("embed", tmp_path / "photos", "--labels", "guess.csv", code=2).stderr
    assert "guess.csv" in said


def test_annotate(explorer, tmp_path):
    embedded(explorer, tmp_path / "photos")
    table = tmp_path / "table.csv"
    table.write_text("path,score\n0.jpg,0.5\n1.jpg,1\nnope.jpg,2\n")
    done = explorer("annotate", "photos", table, "--json")
    assert json.loads(done.stdout) == {
        "dataset": "photos",
        "columns": ["score"],
        "matched": 2,
        "changed": 2,
        "unmatched": 1,
        "first_unmatched": "nope.jpg",
        "first_unmatched_row": 4,
        "repeated": 0,
        "refused": 0,
    }
    words = explorer("annotate", "photos", table).stdout
    assert "2 of 4 images have a row, 0 have new values (score)." in " ".join(words.split())
    assert "rows that match no image: 1, the first is 'nope.jpg' (row 4)" in words
    above = ("--where", "score > 0.7", "--to", tmp_path / "out", "--json")
    found = explorer("export", "photos", *above)
    assert json.loads(found.stdout)["images"] == 1


def test_annotate_says_what_is_wrong(explorer, tmp_path):
    embedded(explorer, tmp_path / "photos")
    table = tmp_path / "table.csv"
    table.write_text("name,score\nx,1\n")
    said = explorer("annotate", "photos", table, code=1).stderr
    assert "has no column of paths" in " ".join(said.split())
    explorer("annotate", "photos", table, "--on", "colour", code=2)


def told_of(name: str) -> list[tuple[str, str | None, str | None]]:
    """The content, the label and the split of each image of a dataset, sorted."""
    columns = open_dataset(name).table(["content_hash", "label", "split"]).to_pydict()
    return sorted(zip(*columns.values(), strict=True))


def test_an_imagefolder_by_split_comes_back_as_it_went(explorer, tmp_path):
    names = [
        f"{split}/{label}/{n}.jpg" for split in ("train", "val") for label in "ab" for n in "12"
    ]
    fill(tmp_path / "set", {name: number for number, name in enumerate(names)})
    embedded(explorer, tmp_path / "set")
    assert {(label, split) for _, label, split in told_of("set")} == {
        ("a", "train"), ("a", "val"), ("b", "train"), ("b", "val"),
    }  # fmt: skip
    to = tmp_path / "again"
    explorer("export", "set", "--format", "imagefolder", "--by", "split", "--to", to)
    embedded(explorer, to)
    assert told_of("again") == told_of("set")


def test_import_takes_paths_of_other_machines(explorer, tmp_path):
    """Absolute ones, and backslashes; what fits no image is told by its row."""
    fill(tmp_path / "photos", {"sub/5.jpg": 5})
    names = [str(tmp_path / "photos/0.jpg"), "sub\\5.jpg", "C:\\else\\1.jpg"]
    vectors = pa.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    pq.write_table(pa.table({"path": names, "vector": vectors}), tmp_path / "v.parquet")
    given = ("import", "photos", "--vectors", tmp_path / "v.parquet")
    told = explorer(*given, "--images", tmp_path / "photos").stdout
    assert "2 vectors of 2 dimensions" in told
    assert "vectors that name no image: 1, the first is 'C:" in " ".join(told.split())
    pq.write_table(pa.table({"path": names[2:], "vector": vectors[2:]}), tmp_path / "w.parquet")
    given = ("import", "other", "--vectors", tmp_path / "w.parquet")
    told = explorer(*given, "--images", tmp_path / "photos", code=1).stderr
    assert "Paths can be relative to the source" in " ".join(told.split())


def test_a_zip_with_its_list_beside_it(explorer, tmp_path):
    """The list's labels and columns can be seen, filtered by and exported."""
    fill(tmp_path / "pets", {"metadata.jsonl": b""})
    with zipfile.ZipFile(tmp_path / "pets/images.zip", "w") as archive:
        for number in range(4):
            archive.writestr(f"{number}.jpg", image_bytes(number))
    rows = [{"file_name": f"{n}.jpg", "label": "ab"[n % 2], "age": n} for n in range(4)]
    (tmp_path / "pets/metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert embedded(explorer, tmp_path / "pets")["embedded"] == 4
    told = json.loads(explorer("info", "pets", "--json").stdout)
    assert told["labels"] == {"a": 2, "b": 2}
    above = ("--where", "age > 1", "--to", tmp_path / "out", "--json")
    assert json.loads(explorer("export", "pets", *above).stdout)["images"] == 2


def test_a_column_with_infinity_is_filtered_as_numbers(explorer, tmp_path):
    rows = ["0.jpg,3", "1.jpg,inf", "2.jpg,", "3.jpg,-inf"]
    (tmp_path / "photos/mine.csv").write_text("\n".join(["path,ratio", *rows]))
    embedded(explorer, tmp_path / "photos/mine.csv")
    for condition, count in (
        ("ratio > 2", 2),
        ("ratio <= 3", 2),
        ("ratio BETWEEN -10 AND 10", 1),
        ("ratio IS NULL", 1),
        ("ratio = 'inf'", 1),
    ):
        told = explorer(
            "export", "mine", "--where", condition, "--to", tmp_path / "o", "--force", "--json"
        )
        assert json.loads(told.stdout)["images"] == count, condition


@pytest.mark.parametrize("format", ["folder", "imagefolder", "coco", "huggingface", "webdataset"])
def test_an_export_that_is_embedded_again_has_all_that_people_made(explorer, tmp_path, format):
    rows = [
        {"path": f"{n}.jpg", "label": label, "split": split, "price": n / 2, "width": f"w{n}"}
        for n, (label, split) in enumerate(zip(["a:b", "007", "1.0", "NA"], "xyyx", strict=True))
    ]
    lines = [",".join(map(str, row.values())) for row in rows]
    table = tmp_path / "photos" / "list.csv"
    table.write_text("\n".join([",".join(rows[0]), *lines]))
    embedded(explorer, table)
    first = open_dataset("list")
    first.tags.add("keep", [0, 2])
    first.tags.add("=sharp", [1, 2])
    first.my_groups.make([("mine", [1, 2]), ("other", [3])])
    explorer("export", "list", "--format", format, "--by", "split", "--to", tmp_path / "out")
    done = embedded(explorer, tmp_path / "out")
    assert (done["tags"], sorted(done["groups"])) == (["keep", "=sharp"], ["mine", "other"])
    columns = ["content_hash", "label", "split", "price", "source_width", "my_tags", "my_group"]
    told = []
    for name in ("list", "out"):
        values = open_dataset(name).table(columns).to_pydict().values()
        told.append(sorted(zip(*values, strict=True)))
    assert told[0] == told[1]
    assert [row[5] for row in told[0]].count("keep|=sharp") == 1


def test_tags_of_an_export_are_taken_over_once_and_can_be_taken_away(explorer, tmp_path):
    embedded(explorer, tmp_path / "photos")
    open_dataset("photos").tags.add("keep", [0, 2])
    to = tmp_path / "out"
    explorer("export", "photos", "--format", "folder", "--flat", "--to", to)
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for path in to.iterdir():
            archive.write(path, f"out/{path.name}")
    said = explorer("embed", tmp_path / "packed.zip", "--extractor", "fake", "--no-analyze").stdout
    assert "came with tags, which are kept: keep." in said
    assert [tag.count for tag in open_dataset("packed").tags.all()] == [2]
    explorer("tag", "packed", "--undo")
    assert embedded(explorer, tmp_path / "packed.zip")["tags"] == []
    assert open_dataset("packed").tags.all() == []


def test_names_of_our_own_in_a_list_are_those_of_its_source(explorer, tmp_path):
    names = ["my_tags", "My_Group", "tagged", "tag", "embedding", "source_tag", "Width"]
    rows = "".join(f"{n}.jpg,{','.join(f'{name}{n}' for name in names)}\n" for n in range(4))
    (tmp_path / "photos" / "list.csv").write_text(f"path,{','.join(names)}\n{rows}")
    embedded(explorer, tmp_path / "photos" / "list.csv")
    dataset = open_dataset("list")
    for name in ["my_tags", "My_Group", "tagged", "embedding"]:
        assert dataset.table([f"source_{name}"])[0].to_pylist() == [f"{name}{n}" for n in range(4)]
    assert dataset.table(["source_tag", "source_tag_2"]).to_pylist()[1] == {
        "source_tag": "source_tag1",
        "source_tag_2": "tag1",
    }
    assert dataset.table(["source_Width"])[0].to_pylist()[1] == "Width1"
    found = explorer("export", "list", "--where", "'my_tags1' IN tagged", "--to", tmp_path / "o")
    assert "1 images as csv" in found.stdout
