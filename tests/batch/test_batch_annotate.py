"""Columns that come later, joined to the images of a dataset."""

import json
import shutil

import pandas as pd
import pyarrow as pa
import pytest
from jobs import paths, times
from support.fakes import analyzed, embed, fill, image_bytes

from explorer.batch import annotate, relocate
from explorer.errors import LockedError, SourceError, UsageError
from explorer.store import Dataset, open_dataset, problems, writing


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("annotate")
    files = {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(8)} | {"b/copy of 0.jpg": 0}
    analyzed(fill(folder / "photos", files), folder / "cache")
    return folder


@pytest.fixture
def dataset(made, tmp_path) -> Dataset:
    shutil.copytree(made / "cache", tmp_path / "cache")
    return open_dataset("photos", cache=tmp_path / "cache")


@pytest.fixture
def table(tmp_path):
    def write(text: str, name: str = "table.csv"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def again(dataset: Dataset) -> Dataset:
    return Dataset(dataset.root)


def by_path(dataset: Dataset, name: str) -> dict:
    """The values of a column that are known, by path."""
    rows = again(dataset).table(["path", name]).to_pylist()
    return {row["path"]: row[name] for row in rows if row[name] is not None}


def test_columns_are_joined_by_path(dataset, table):
    report = annotate(dataset, table("path,score,who\na/0.jpg,1,P\n./b/1.jpg,2.5,\nx.jpg,3,Q\n"))
    assert (report.columns, report.matched, report.changed) == (["score", "who"], 2, 2)
    assert (report.unmatched, report.first_unmatched, report.repeated) == (1, "x.jpg", 0)
    assert by_path(dataset, "score") == {"a/0.jpg": 1.0, "b/1.jpg": 2.5}
    assert by_path(dataset, "who") == {"a/0.jpg": "P"}
    assert again(dataset).column_meta("score").kind == "number"
    assert "score" in again(dataset).space().column_names
    assert list(problems(dataset.root)) == []


def test_by_image_id_and_by_content(dataset, table):
    number = paths(dataset)["b/3.jpg"]
    annotate(dataset, table(f"image_id,x\n{number},1\n99,2\n"), on="image_id")
    assert by_path(dataset, "x") == {"b/3.jpg": 1}
    both = {"a/0.jpg", "b/copy of 0.jpg"}
    content = dataset.image(paths(dataset)["a/0.jpg"])["content_hash"]
    report = annotate(dataset, table(f"content_hash,y\n{content},7\n"), on="content_hash")
    assert by_path(dataset, "y") == dict.fromkeys(both, 7)
    assert (report.matched, report.unmatched) == (2, 0)


@pytest.mark.parametrize("name", ["table.jsonl", "table.tsv", "table.parquet"])
def test_every_kind_of_table(dataset, table, tmp_path, name):
    if name.endswith("parquet"):
        pd.DataFrame({"file": ["a/0.jpg"], "n": [3]}).to_parquet(tmp_path / name)
    elif name.endswith("jsonl"):
        table(json.dumps({"file": "a/0.jpg", "n": 3}), name)
    else:
        table("file\tn\na/0.jpg\t3\n", name)
    annotate(dataset, tmp_path / name)
    assert by_path(dataset, "n") == {"a/0.jpg": 3}


def test_a_path_may_begin_with_the_source_folder(dataset, table):
    annotate(dataset, table(f"path,n\n{dataset.source}/a/2.jpg,1\n"))
    assert by_path(dataset, "n") == {"a/2.jpg": 1}


def test_other_spellings_of_a_path(tmp_path, table):
    """Backslashes, accents apart or together, and the folder by another name."""
    files = {"Été/Bär.jpg": 0, "E\u0301/Ba\u0308r.jpg": 1, "a/c.jpg": 2}
    embed(fill(tmp_path / "photos", files), tmp_path / "cache")
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    dataset = open_dataset("photos", cache=tmp_path / "cache")
    said = ["E\u0301te\u0301\\Ba\u0308r.jpg", "É/Bär.jpg", f"{dataset.source}\\a\\c.jpg"]
    rows = [f"{path},{row}" for row, path in enumerate(said)]
    annotate(dataset, table("\n".join(["path,n", *rows])))
    assert by_path(dataset, "n") == {"Été/Bär.jpg": 0, "E\u0301/Ba\u0308r.jpg": 1, "a/c.jpg": 2}
    annotate(dataset, table(f"path,m\n{tmp_path}/link/a/c.jpg,5\n"))
    assert by_path(dataset, "m") == {"a/c.jpg": 5}


@pytest.mark.parametrize("kind", ["frame", "index", "arrow"])
def test_tables_in_memory(dataset, kind):
    """A DataFrame, one whose index names the images, an Arrow table; NaN is nothing, inf is inf."""
    frame = pd.DataFrame(
        {
            "path": ["a/0.jpg", "b/1.jpg", "a/2.jpg"],
            "x": [1.5, float("nan"), float("inf")],
            "mixed": [1, "one", None],
            "day": pd.to_datetime(["2024-01-02", None, "2024-01-03"]),
            "kind": pd.Categorical(["p", "q", "p"]),
        }
    )
    if kind == "arrow":
        table = pa.Table.from_pandas(frame.drop(columns="mixed"))
    else:
        table = frame.set_index("path") if kind == "index" else frame[frame["path"] != ""]
    report = annotate(dataset, table)
    assert (report.matched, report.unmatched) == (3, 0)
    assert by_path(dataset, "x") == {"a/0.jpg": 1.5, "a/2.jpg": float("inf")}
    assert by_path(dataset, "kind") == {"a/0.jpg": "p", "b/1.jpg": "q", "a/2.jpg": "p"}
    assert again(dataset).column_meta("day").kind == "time"
    if kind != "arrow":
        assert by_path(dataset, "mixed") == {"a/0.jpg": "1", "b/1.jpg": "one"}


def test_a_frame_about_nothing_of_ours(dataset):
    with pytest.raises(UsageError, match=r"row 1 of the table has 'x.jpg'; the dataset has 'a/0"):
        annotate(dataset, pd.DataFrame({"path": ["x.jpg"], "n": [1]}))
    with pytest.raises(UsageError, match="A list is no table"):
        annotate(dataset, [("a/0.jpg", 1)])


def test_labels_and_splits_are_replaced_and_analysed_again(dataset, table):
    before = dataset.space().figures
    rows = [f"{path},{i % 3},{'train' if i else 'val'}" for path, i in paths(dataset).items()]
    report = annotate(dataset, table("\n".join(["path,label,split", *rows])))
    assert report.changed == 9
    assert set(by_path(dataset, "label").values()) == {"0", "1", "2"}
    assert set(by_path(dataset, "split").values()) == {"train", "val"}
    assert again(dataset).space().figures != before
    assert not again(dataset).space().is_stale


def test_the_same_again_changes_nothing(dataset, table):
    path = table("path,label,score\na/0.jpg,new,1.5\n")
    annotate(dataset, path)
    before = times(dataset.root)
    report = annotate(again(dataset), path)
    assert (report.matched, report.changed) == (1, 0)
    assert times(dataset.root) == before


def test_values_are_replaced_also_by_nothing(dataset, table):
    annotate(dataset, table("path,x\na/0.jpg,1\nb/1.jpg,2\n"))
    annotate(dataset, table("path,x\na/0.jpg,\n"))
    assert by_path(dataset, "x") == {"b/1.jpg": 2}
    annotate(dataset, table("path,x\na/0.jpg,word\n"))
    assert by_path(dataset, "x") == {"a/0.jpg": "word", "b/1.jpg": "2"}


def test_columns_of_explorer_itself_are_left_alone(dataset, table):
    report = annotate(dataset, table("path,width,cluster,Map_X,my_group\na/0.jpg,-1,c,0,g\n"))
    sources = ["source_width", "source_cluster", "source_Map_X", "source_my_group"]
    assert report.columns == sources
    assert by_path(dataset, "width")["a/0.jpg"] == 24


def test_of_several_rows_on_one_image_the_first_counts(dataset, table):
    report = annotate(dataset, table("path,x\na/0.jpg,1\na/0.jpg,2\nbroken\n"))
    assert (report.matched, report.repeated, report.refused) == (1, 1, 1)
    assert by_path(dataset, "x") == {"a/0.jpg": 1}


def test_what_people_have_set_is_not_the_sources_any_more(dataset, table, tmp_path, made):
    annotate(dataset, table("path,label\na/0.jpg,mine\n"))
    report = embed(made / "photos", tmp_path / "cache")
    assert (report.unchanged, report.embedded) == (9, 0)
    assert by_path(dataset, "label")["a/0.jpg"] == "mine"
    # Not even when the file changes or moves; a new image gets what the source says.
    photos = tmp_path / "photos"
    shutil.copytree(made / "photos", photos)
    relocate(dataset, photos)
    (photos / "a/0.jpg").write_bytes(image_bytes(0, "PNG"))
    (photos / "a/2.jpg").rename(photos / "b/moved.jpg")
    fill(photos, {"b/new.jpg": 90})
    embed(photos, tmp_path / "cache")
    labels = by_path(dataset, "label")
    assert (labels["a/0.jpg"], labels["b/moved.jpg"], labels["b/new.jpg"]) == ("mine", "a", "b")


def test_a_list_goes_on_to_fill_its_other_columns(tmp_path, table):
    photos = fill(tmp_path / "p", {"0.jpg": 0, "1.jpg": 1})
    (photos / "list.csv").write_text("path,x,y\n0.jpg,1,1\n1.jpg,2,2\n")
    embed(photos / "list.csv", tmp_path / "cache")
    dataset = open_dataset("list", cache=tmp_path / "cache")
    annotate(dataset, table("path,x\n0.jpg,100\n"))
    (photos / "list.csv").write_text("path,x,y\n0.jpg,5,6\n1.jpg,7,8\n")
    embed(photos / "list.csv", tmp_path / "cache")
    assert by_path(dataset, "x") == {"0.jpg": 100, "1.jpg": 2}
    assert by_path(dataset, "y") == {"0.jpg": 6, "1.jpg": 8}


@pytest.mark.parametrize(
    ("text", "on", "error", "match"),
    [
        ("path,x\nnope.jpg,1\n", "path", UsageError, r"No row matches .* 'nope.jpg'; .* 'a/0.jpg'"),
        ("path,x\n", "path", UsageError, "No row matches an image by path"),
        ("path\na/0.jpg\n", "path", UsageError, "no column besides 'path'"),
        ("name,x\na,1\n", "path", SourceError, "no column of paths"),
        ("path,x\na/0.jpg,1\n", "image_id", UsageError, "has no column 'image_id'"),
        ("path,x\na/0.jpg,1\n", "label", UsageError, "There are: path, image_id, content_hash"),
        ("", "path", SourceError, "cannot be read"),
    ],
)
def test_what_cannot_be_joined_is_an_error_and_changes_nothing(
    dataset, table, text, on, error, match
):
    before = times(dataset.root)
    with pytest.raises(error, match=match):
        annotate(dataset, table(text), on=on)
    assert times(dataset.root) == before


def test_another_writer_is_respected(dataset, table):
    with writing(dataset.root), pytest.raises(LockedError):
        annotate(dataset, table("path,x\na/0.jpg,1\n"))
