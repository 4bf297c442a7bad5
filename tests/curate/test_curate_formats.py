"""Every format, read back by what people read it with."""

import csv
import io
import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from support.fakes import analyzed, fill, image_bytes, original

from explorer import batch
from explorer.curate import FORMATS, ExportOptions, export
from explorer.errors import ExportError, UsageError
from explorer.store import open_dataset

EVIL = "=1+cmd|'x'!A0"
FILES = {
    "cat/a.jpg": 1,
    "cat/b.png": 2,
    "cat/deep/a.jpg": 3,
    "dog/a.jpg": 4,
    "dog/<b>&amp;.jpg": 5,
    f"{EVIL}/=1+1.jpg": 6,
}
SPLITS = ["train", "train", "val", "train", "val", "train"]


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    folder = tmp_path_factory.mktemp("formats")
    files = FILES | {"cat/b.png": image_bytes(2, "PNG")}
    source = fill(folder / "photos", files)
    dataset = analyzed(source, folder / "cache")
    table = folder / "splits.csv"
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "split"])
        writer.writerows(zip(dataset.table(["path"])["path"].to_pylist(), SPLITS, strict=True))
    batch.annotate(dataset, table)
    opened = open_dataset(cache=folder / "cache")
    opened.tags.add("best", [0, 3])
    return opened.space()


@pytest.fixture
def to(tmp_path):
    return tmp_path / "out"


def write(space, to, format, **options):
    return export(space, space.image_ids, format=format, to=to, options=ExportOptions(**options))


def truth(space, column):
    return dict(
        zip(space.image_ids.tolist(), space.table([column])[column].to_pylist(), strict=True)
    )


def contents(space):
    return sorted(original(space.dataset, i).read_bytes() for i in space.image_ids.tolist())


def test_torchvision_reads_an_imagefolder(space, to):
    write(space, to, "imagefolder")
    from torchvision.datasets import ImageFolder

    found = ImageFolder(to)
    assert found.classes == ["_=1+cmd_'x'!A0", "cat", "dog"]
    assert sorted(Path(path).read_bytes() for path, _ in found.samples) == contents(space)
    assert sorted(found.targets) == [0, 1, 1, 1, 2, 2]
    assert all(picture.size == (24, 20) for picture, _ in found)


def test_torchvision_reads_each_split_of_an_imagefolder(space, to):
    write(space, to, "imagefolder", by=("split",))
    from torchvision.datasets import ImageFolder

    train, val = (ImageFolder(to / part, allow_empty=True) for part in ("train", "val"))
    assert (len(train), len(val)) == (4, 2)
    assert train.class_to_idx == val.class_to_idx == {"_=1+cmd_'x'!A0": 0, "cat": 1, "dog": 2}
    labels, splits = truth(space, "label"), truth(space, "split")
    assert sorted(val.targets) == sorted(
        val.class_to_idx[label] for each, label in labels.items() if splits[each] == "val"
    )


def test_webdataset_reads_the_shards(space, to):
    write(space, to, "webdataset", by=(), shard_size=4)
    import webdataset

    classes = json.loads((to / "classes.json").read_text())
    shards = sorted(str(path) for path in to.glob("*.tar"))
    assert [Path(shard).name for shard in shards] == ["000000.tar", "000001.tar"]
    loaded = list(webdataset.WebDataset(shards, shardshuffle=False).decode("pil"))
    assert [int(each["__key__"]) for each in loaded] == space.image_ids.tolist()
    labels = truth(space, "label")
    for each in loaded:
        picture = next(value for value in each.values() if isinstance(value, Image.Image))
        assert picture.size == (24, 20)
        assert classes[each["cls"]] == each["json"]["label"] == labels[int(each["__key__"])]


def test_webdataset_shards_can_be_by_split_and_embedded_again(space, to, tmp_path):
    write(space, to, "webdataset", by=("split",), shard_size=3)
    names = sorted(path.name for path in to.glob("*.tar"))
    assert names == ["train-000000.tar", "train-000001.tar", "val-000000.tar"]
    settings = batch.EmbedSettings(extractors=("fake",), analyze=False)
    report = batch.embed(f"{to}/*.tar", name="shards", cache=tmp_path / "c", settings=settings)
    assert (report.embedded, report.rejected) == (6, 0)
    again = open_dataset("shards", cache=tmp_path / "c").table(["content_hash"])
    assert {*again["content_hash"].to_pylist()} == {*truth(space, "content_hash").values()}


@pytest.mark.parametrize("by", [(), ("split",)])
def test_hugging_face_datasets_reads_its_folder(space, to, tmp_path, by):
    write(space, to, "huggingface", by=by)
    code = (
        "import datasets, sys\n"
        "found = datasets.load_dataset(sys.argv[1])\n"
        "for split, rows in sorted(found.items()):\n"
        "    for row in rows:\n"
        "        print(split, row['image_id'], row['image'].size, row['label'], sep='\\t')\n"
    )
    away = {"HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, to],
        env=os.environ | away,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    wanted = truth(space, "split" if by else "label")
    for split, image_id, size, label in rows:
        assert size == "(24, 20)"
        assert label == truth(space, "label")[int(image_id)]
        assert split == (wanted[int(image_id)] if by else "train")
    assert sorted(int(row[1]) for row in rows) == space.image_ids.tolist()


def test_pycocotools_reads_coco(space, to):
    write(space, to, "coco", by=())
    from pycocotools.coco import COCO

    coco = COCO(to / "annotations.json")
    names = {each["id"]: each["name"] for each in coco.loadCats(coco.getCatIds())}
    labels = truth(space, "label")
    for image in coco.loadImgs(coco.getImgIds()):
        with Image.open(to / image["file_name"]) as picture:
            assert picture.size == (image["width"], image["height"])
        (annotation,) = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
        assert names[annotation["category_id"]] == labels[image["id"]]
        assert annotation["bbox"] == [0, 0, 24, 20]
    assert sorted(coco.getImgIds()) == space.image_ids.tolist()


def test_coco_of_each_split_has_the_same_categories(space, to):
    write(space, to, "coco", by=("split",))
    parts = {
        name: json.loads((to / f"annotations-{name}.json").read_text()) for name in ("train", "val")
    }
    assert [len(part["images"]) for part in parts.values()] == [4, 2]
    assert parts["train"]["categories"] == parts["val"]["categories"]
    assert all((to / each["file_name"]).exists() for each in parts["val"]["images"])


def test_yolo_has_the_folders_and_lists_that_its_trainers_read(space, to):
    write(space, to, "yolo")
    import yaml

    data = yaml.safe_load((to / "data.yaml").read_text())
    assert data["nc"] == len(data["names"]) == 3
    from torchvision.datasets import ImageFolder  # Ultralytics reads splits by this very class

    listed = []
    for split in ("train", "val"):
        lines = (to / data[split]).read_text().splitlines()
        assert {to / line for line in lines} == {
            Path(path) for path, _ in ImageFolder(to / split, allow_empty=True).samples
        }
        listed += lines
    assert sorted((to / line).read_bytes() for line in listed) == contents(space)
    assert {Path(line).parent.name for line in listed} == {*data["names"].values()}


def test_fiftyone_finds_what_its_documentation_says(space, to):
    """labels.json: classes, and for each file's name without ending a place in them."""
    write(space, to, "fiftyone")
    told = json.loads((to / "labels.json").read_text())
    assert sorted(told) == ["classes", "labels"]
    files = {path.stem: path for path in (to / "data").iterdir()}
    assert files.keys() == told["labels"].keys()
    labels, hashes = truth(space, "label"), contents(space)
    for name, place in told["labels"].items():
        assert told["classes"][place] == labels[int(name)]
    assert sorted(path.read_bytes() for path in files.values()) == hashes


def test_pandas_and_duckdb_read_the_tables(space, to):
    for format in ("csv", "jsonl", "parquet", "parquet-vectors"):
        write(space, to / format, format)
    frames = {
        "csv": pd.read_csv(to / "csv" / "images.csv"),
        "jsonl": pd.read_json(to / "jsonl" / "images.jsonl", lines=True),
        "parquet": pd.read_parquet(to / "parquet" / "images.parquet"),
    }
    for frame in frames.values():
        assert frame.columns.tolist() == space.column_names
        assert frame["image_id"].tolist() == space.image_ids.tolist()
        np.testing.assert_allclose(frame["map_x"], space.column("map_x"), rtol=1e-6)
    assert frames["csv"]["label"].tolist().count("'" + EVIL) == 1
    assert frames["jsonl"]["label"].tolist().count(EVIL) == 1
    for path in ("csv/images.csv", "jsonl/images.jsonl", "parquet/images.parquet"):
        assert duckdb.sql(f"SELECT count(*), max(width) FROM '{to / path}'").fetchall() == [(6, 24)]
    vectors = duckdb.sql(
        f"SELECT embedding FROM '{to}/parquet-vectors/embeddings.parquet' ORDER BY image_id"
    ).fetchnumpy()["embedding"]
    np.testing.assert_array_equal(np.stack(vectors), space.embeddings())


def test_numpy_and_safetensors_read_the_vectors(space, to):
    from safetensors.numpy import load_file

    write(space, to / "npy", "npy")
    write(space, to / "st", "safetensors")
    found = np.load(to / "npy" / "embeddings.npy", mmap_mode="r", allow_pickle=False)
    np.testing.assert_array_equal(found, space.embeddings())
    tensors = load_file(to / "st" / "embeddings.safetensors")
    np.testing.assert_array_equal(tensors["embeddings"], space.embeddings())


class Sheet(HTMLParser):
    def __init__(self):
        super().__init__()
        self.images, self.tags, self.text = [], set(), ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_data(self, data):
        self.text += data


def test_a_contact_sheet_needs_nothing_else_and_shows_names_as_text(space, to):
    write(space, to, "sheet")
    sheet = Sheet()
    sheet.feed((to / "contact-sheet.html").read_text("utf-8"))
    assert len(sheet.images) == 6
    assert not sheet.tags & {"script", "link", "b", "iframe"}
    assert "dog/<b>&amp;.jpg" in [each["alt"] for each in sheet.images]
    assert EVIL in sheet.text
    for each in sheet.images:
        header, _, data = each["src"].partition(",")
        assert header == "data:image/jpeg;base64"
        import base64

        assert Image.open(io.BytesIO(base64.b64decode(data))).size == (24, 20)


# --- how images are sorted, and links


def folders(to):
    return sorted({str(p.relative_to(to).parent) for p in to.rglob("*.jpg")})


@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        ((), ["."]),
        (("split",), ["train", "val"]),
        (("tag",), ["best", "untagged"]),
        (("split", "label"), ["train/_=1+cmd_'x'!A0", "train/cat", "train/dog", "val/dog"]),
    ],
)
def test_a_folder_is_sorted_as_asked_for(space, to, by, wanted):
    write(space, to, "folder", by=by)
    assert folders(to)[:4] == wanted
    assert len(list(to.rglob("*.jpg")) + list(to.rglob("*.png"))) == 6


def test_clusters_are_folders_by_name(sample_cache, to):
    space = open_dataset("sample_data", cache=sample_cache).space()
    write(space, to, "folder", by=("cluster",))
    found = {path.name: len(list(path.iterdir())) for path in to.iterdir() if path.is_dir()}
    clusters = {
        each.name: int((space.column("cluster") == each.number).sum()) for each in space.clusters()
    }
    assert found.pop("no cluster", 0) == int((space.column("cluster") < 0).sum())
    assert found == clusters


def test_a_column_that_is_not_there_is_a_sentence(space, to):
    with pytest.raises(UsageError, match=r"no column 'colour' to sort by\. There are: image_id"):
        write(space, to, "folder", by=("colour",))


@pytest.mark.parametrize("link", ["hard", "symbolic"])
def test_links_lead_to_the_originals(space, to, link):
    write(space, to, "imagefolder", link=link)
    for path in [*to.rglob("*.jpg"), *to.rglob("*.png")]:
        assert path.is_symlink() == (link == "symbolic")
        assert path.samefile(next(o for o in originals(space) if o.samefile(path)))
    # Replacing an export of links leaves the originals alone.
    export(space, [0], format="csv", to=to, force=True)
    assert len(contents(space)) == 6


def originals(space):
    return [original(space.dataset, i) for i in space.image_ids.tolist()]


def test_what_lies_in_an_archive_cannot_be_linked(space, to, tmp_path):
    write(space, to, "webdataset")
    settings = batch.EmbedSettings(extractors=("fake",))
    batch.embed(f"{to}/*.tar", name="shards", cache=tmp_path / "c", settings=settings)
    shards = open_dataset("shards", cache=tmp_path / "c").space()
    with pytest.raises(ExportError, match="cannot be linked to: it is no file of its own"):
        write(shards, tmp_path / "linked", "folder", link="symbolic")
    assert write(shards, tmp_path / "copied", "folder").images == 6


@pytest.mark.parametrize("format", ["imagefolder", "yolo"])
def test_images_without_a_label_are_not_given_one(tmp_path, to, format):
    space = analyzed(fill(tmp_path / "p", {"a.jpg": 1, "b/c.jpg": 2}), tmp_path / "c").space()
    with pytest.raises(ExportError, match=r"2 of the images have no label.*label IS NOT NULL"):
        write(space, to, format)
    for other in ("coco", "fiftyone", "webdataset", "huggingface"):
        assert write(space, to / other, other).images == 2


def test_what_torchvision_would_pass_over_is_told(tmp_path, to):
    files = {"a/x.jfif": 1, "b/y.gif": image_bytes(2, "GIF")}
    space = analyzed(fill(tmp_path / "p", files), tmp_path / "c").space()
    export(space, [0], format="imagefolder", to=to)
    assert (to / "a" / "x.jfif.jpg").exists()
    with pytest.raises(ExportError, match=r"b/y.gif is a GIF, which torchvision would pass over"):
        export(space, [1], format="imagefolder", to=to / "gif")


def test_labels_that_look_alike_as_folders_stay_apart(tmp_path, to):
    space = analyzed(fill(tmp_path / "p", {"a:b/1.jpg": 1, "a*b/1.jpg": 2}), tmp_path / "c").space()
    write(space, to, "imagefolder")
    assert folders(to) == ["a_b", "a_b-2"]


def test_every_format_explains_itself_and_gives_the_same_bytes_again(space, to):
    for name, format in FORMATS.items():
        assert format.explains.endswith(".")
        for turn in ("one", "two"):
            write(space, to / turn / name, name)
        one, two = (
            {
                str(p.relative_to(to / turn)): p.read_bytes()
                for p in (to / turn / name).rglob("*.*")
                if p.is_file()
            }
            for turn in ("one", "two")
        )
        assert one == two
