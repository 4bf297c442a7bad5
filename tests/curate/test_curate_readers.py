"""Exports of images with hostile names, read back by the very calls that docs/curate.md names."""

import csv
import json
import re
import unicodedata
from pathlib import Path

import pytest
from support.fakes import analyzed, fill

from explorer import batch
from explorer.curate import FORMATS, ExportOptions, export
from explorer.curate.exports.reading import Reader
from explorer.errors import ExportError
from explorer.store import open_dataset

DOCS = Path(__file__).parents[2] / "docs" / "curate.md"
# fmt: off
NAMES = (
    "val-1.jpg", "y.test.01.jpg", "COCO_train2014_000000000009.jpg", "train.jpg", "dev 3.jpg",
    unicodedata.normalize("NFC", "é.jpg"), unicodedata.normalize("NFD", "é.jpg"),
    "a b.jpg", "#1%20.jpg", "c,d;e.jpg", "it's “so” \"so\".jpg", "-dash.jpg", "~tilde.jpg",
    "[x]*?.jpg", "a::b.jpg", "line\u2028line.jpg", "next\x85line.jpg", "tab\t.jpg", "caf\udce9.jpg",
    f"{'long' * 55}.jpg", "A.jpg", "a.jpg",
)
# fmt: on
LABELS = ("007", "NA", "null", "=1+1", "val", "a/b", "a:b", "É", "1.0", "'=x")
SPLITS = ("train", "val", "test", "holdout", None)


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    """One dataset of hostile names in two folders, hostile labels, splits and columns."""
    folder = tmp_path_factory.mktemp("hostile")
    files = {f"{where}/{name}": 50 * i + n for i, where in enumerate(("val", "x test"))
             for n, name in enumerate(NAMES)}  # fmt: skip
    dataset = analyzed(fill(folder / "photos", files), folder / "cache")
    with (folder / "said.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image_id", "label", "split", "image", "thumb_file_name", "text"])
        for i in dataset.image_ids.tolist():
            label, split = LABELS[i % len(LABELS)], SPLITS[i % len(SPLITS)]
            writer.writerow([i, f"l{label}" if i % 3 else label, split, f"i{i}", "x", f"-{i},\n"])
    batch.annotate(dataset, folder / "said.csv", on="image_id")
    return open_dataset(cache=folder / "cache").space()


@pytest.fixture
def to(tmp_path):
    return tmp_path / "out"


def rows_of(space, *columns):
    return space.table(list(columns)).to_pydict()


def documented(format: str, place: Path):
    """What the call gives that docs/curate.md names for a format."""
    code = FORMATS[format].reader.code
    assert f"`{code}`" in DOCS.read_text("utf-8")
    module = FORMATS[format].reader.function.rpartition(".")[0]
    names: dict = {}
    call = code.replace('"set', f'"{place}')
    exec(f"import {module}\nfound = {call}", names)
    return names["found"]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_takes_hostile_names_and_is_read_back(space, to, format):
    """Also by the export itself: it would raise."""
    done = export(space, space.image_ids, format=format, to=to)
    assert done.images == len(space)
    names = [path.relative_to(to).as_posix() for path in to.rglob("*")]
    for name in names:
        assert not re.search(r'[\\:*?"<>|\x00-\x1f\x85\u2028]', name)
        assert all(len(part.encode()) <= 255 for part in name.split("/"))
    folded = {unicodedata.normalize("NFC", name).casefold() for name in names}
    assert len(folded) == len(names)


def test_hugging_face_gives_every_row_column_label_and_split(space, to, tmp_path, monkeypatch):
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "hf")
    export(space, space.image_ids, format="huggingface", to=to)
    found = documented("huggingface", to)
    assert {*found} == {"train", "val", "test", "holdout", "no_split"}
    rows = {row["image_id"]: (name, row) for name, part in found.items() for row in part}
    own = rows_of(space, "image_id", "label", "split", "path", "text", "image", "thumb_file_name")
    assert sorted(rows) == own["image_id"]
    for n, image_id in enumerate(own["image_id"]):
        name, row = rows[image_id]
        assert row["image"].size == (24, 20)
        assert (row["image_"], row["thumb_file_name_"]) == (own["image"][n], "x")
        for column in ("label", "split", "path", "text"):
            assert row[column] == own[column][n]
        assert name == (own["split"][n] or "no_split")


@pytest.mark.parametrize("splits", [("train", "val"), (None, None)])
def test_hugging_face_reads_the_folder_as_images_too(space, to, tmp_path, splits):
    """`load_dataset("imagefolder", data_dir=…)`, where the splits are those that it knows."""
    import datasets

    own = rows_of(space, "image_id", "split")
    ids = [i for i, split in zip(*own.values(), strict=True) if split in splits]
    export(space, ids, format="huggingface", to=to)
    found = datasets.load_dataset("imagefolder", data_dir=str(to), cache_dir=str(tmp_path / "hf"))
    assert sorted(i for part in found.values() for i in part["image_id"]) == sorted(ids)
    assert {*found} == ({"train", "validation"} if splits[0] else {"train"})
    assert {"label", "split", "text"} <= {*found["train"].column_names}


def test_torchvision_numbers_labels_alike_in_every_split(space, to):
    export(
        space, space.image_ids, format="imagefolder", to=to, options=ExportOptions(by=("split",))
    )
    files = {row["file"]: row for row in csv.DictReader((to / "images.csv").open(encoding="utf-8"))}
    own = dict(zip(*rows_of(space, "image_id", "label").values(), strict=True))
    numbers: dict[int, set[str]] = {}
    seen = 0
    for split in ("train", "val", "test", "holdout", "no split"):
        found = documented("imagefolder", to / split)
        assert len(found.classes) == len({*own.values()})
        for path, number in found.samples:
            row = files.pop(Path(path).relative_to(to).as_posix())
            numbers.setdefault(number, set()).add(own[int(row["image_id"])])
            assert row["split"] == ("" if split == "no split" else split)
            seen += 1
    assert (seen, files) == (len(space), {})
    assert all(len(labels) == 1 for labels in numbers.values())
    assert len(numbers) == len({*own.values()})


def test_yolo_has_its_splits_under_its_own_names(space, to, tmp_path):
    table = tmp_path / "again.csv"
    names = ("training", "valid", "TEST")
    own = rows_of(space, "image_id", "label")
    with table.open("w") as file:
        file.write("image_id,split\n")
        file.writelines(f"{i},{names[i % 3]}\n" for i in own["image_id"])
    # A dataset of its own: the fixture's is shared.
    import shutil

    root = shutil.copytree(space.dataset.root, tmp_path / "cache" / "photos")
    batch.annotate(open_dataset(cache=root.parent), table, on="image_id")
    again = open_dataset(cache=root.parent).space()
    done = export(again, again.image_ids, format="yolo", to=to)
    data = json.loads((to / "data.yaml").read_text())
    assert [data[name] for name in ("train", "val", "test")] == ["train.txt", "val.txt", "test.txt"]
    assert done.notes == ()
    found = documented("yolo", to)
    wanted = [i for i in own["image_id"] if i % 3 == 0]
    assert len(found) == len(wanted)
    assert [*data["names"].values()] == found.classes


def test_tags_of_a_split_are_its_parts(space, to):
    for part, start in (("train", 0), ("val", 1)):
        space.dataset.tags.add(f"b30-{part}", space.image_ids[start::2])
    options = ExportOptions(by=("tag",), tags=("b30-train", "b30-val"))
    assert export(space, space.image_ids, format="yolo", to=to, options=options).notes == ()
    assert {path.name for path in to.iterdir() if path.is_dir()} == {"train", "val"}


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_pandas_gives_labels_and_splits_as_they_are(space, to, format):
    export(space, space.image_ids, format=format, to=to)
    found = documented(format, to)
    own = rows_of(space, "image_id", "path", "label", "split")
    for column, values in own.items():
        told = [None if value != value else value for value in found[column]]
        if format == "csv":  # where a cell that would run as a formula gets an apostrophe
            risky = re.compile(r"'*[=+\-@\t\r\n]")
            values = ["'" + v if isinstance(v, str) and risky.match(v) else v for v in values]
        assert told == values


def test_what_its_reader_would_not_read_is_not_exported(space, to):
    """A label becomes another one when all is checked, and before it is read back."""

    def spoil(stage, done, total):
        if stage == "Reading back":
            spoilt = to.parent / f".{to.name}.exporting" / "annotations.json"
            spoilt.write_text(spoilt.read_text().replace('"category_id": 1', '"category_id": 2'))

    options = ExportOptions(by=())
    with pytest.raises(ExportError, match=r"pycocotools\.coco\.COCO would not read.*are not the"):
        export(space, [0, 1, 2], format="coco", to=to, options=options, on_file=spoil)
    assert [*to.parent.iterdir()] == []
    export(space, [0, 1, 2], format="coco", to=to, options=options)


def test_a_reader_that_cannot_be_imported_here_costs_no_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken_reader.py"
    broken.write_text("raise RuntimeError('operator nms does not exist')")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not Reader(lambda reading: None, "broken_reader.read('set')").is_usable
