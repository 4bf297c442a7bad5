"""The table of formats."""

from collections.abc import Callable
from dataclasses import dataclass

from explorer.curate.exports import readers
from explorer.curate.exports.annotations import write_coco, write_fiftyone
from explorer.curate.exports.folders import (
    write_folder,
    write_huggingface,
    write_imagefolder,
    write_yolo,
)
from explorer.curate.exports.job import Job
from explorer.curate.exports.reading import Reader
from explorer.curate.exports.shards import write_webdataset
from explorer.curate.exports.sheet import write_sheet
from explorer.curate.exports.tables import write_csv_table, write_jsonl, write_parquet
from explorer.curate.exports.vectors import write_npy, write_parquet_vectors, write_safetensors

# Text stays text: pandas would make numbers of labels like 007, and nothing of "NA" and "null".
CSV = (
    'pandas.read_csv("set/images.csv", dtype={"label": "str", "split": "str"}, '
    'keep_default_na=False, na_values=[""])'
)


@dataclass(frozen=True)
class Format:
    """One format: its name and a sentence for people, what writes it, and what it is read with.

    copies: it holds the image files; links: it may hold links to them; sorted: it can be told how
    to sort them into folders; shards: it comes in pieces.
    """

    title: str
    explains: str
    write: Callable[[Job], None]
    reader: Reader
    copies: bool = False
    links: bool = False
    sorted: bool = False
    shards: bool = False


FORMATS: dict[str, Format] = {
    "folder": Format(
        "Folder",
        "The image files, in sub-folders by label, split, cluster or tag.",
        write_folder,
        Reader(readers.check_folder, CSV),
        copies=True,
        links=True,
        sorted=True,
    ),
    "imagefolder": Format(
        "ImageFolder",
        "One folder per label, as torchvision and Keras read it.",
        write_imagefolder,
        Reader(
            readers.check_imagefolder, 'torchvision.datasets.ImageFolder("set", allow_empty=True)'
        ),
        copies=True,
        links=True,
        sorted=True,
    ),
    "webdataset": Format(
        "WebDataset",
        "Numbered tar files for training that reads front to back.",
        write_webdataset,
        Reader(
            readers.check_webdataset, 'webdataset.WebDataset("set/000000.tar", shardshuffle=False)'
        ),
        copies=True,
        sorted=True,
        shards=True,
    ),
    "huggingface": Format(
        "Hugging Face",
        "A folder per split with its images and a table, for load_dataset.",
        write_huggingface,
        Reader(readers.check_huggingface, 'datasets.load_dataset("set")'),
        copies=True,
        links=True,
        sorted=True,
    ),
    "coco": Format(
        "COCO",
        "Images and annotations in JSON, the label as a box around the whole.",
        write_coco,
        Reader(readers.check_coco, 'pycocotools.coco.COCO("set/annotations.json")'),
        copies=True,
        links=True,
        sorted=True,
    ),
    "yolo": Format(
        "YOLO",
        "Split, label, file, with lists and data.yaml, for YOLO classification.",
        write_yolo,
        Reader(
            readers.check_yolo, 'torchvision.datasets.ImageFolder("set/train", allow_empty=True)'
        ),
        copies=True,
        links=True,
        sorted=True,
    ),
    "fiftyone": Format(
        "FiftyOne",
        "data/ and labels.json, for FiftyOne to import.",
        write_fiftyone,
        Reader(readers.check_fiftyone),
        copies=True,
        links=True,
    ),
    "csv": Format(
        "CSV",
        "A table for spreadsheets, every column.",
        write_csv_table,
        Reader(readers.check_table, CSV),
    ),
    "jsonl": Format(
        "JSON lines",
        "A JSON object for each image.",
        write_jsonl,
        Reader(
            readers.check_table, 'pandas.read_json("set/images.jsonl", lines=True, dtype=False)'
        ),
    ),
    "parquet": Format(
        "Parquet",
        "A table with its types, every column.",
        write_parquet,
        Reader(readers.check_table, 'pandas.read_parquet("set/images.parquet")'),
    ),
    "parquet-vectors": Format(
        "Parquet with vectors",
        "The table, and the vectors in it.",
        write_parquet_vectors,
        Reader(readers.check_parquet_vectors, 'pandas.read_parquet("set/embeddings.parquet")'),
    ),
    "npy": Format(
        "NumPy",
        "The vectors alone, beside the table.",
        write_npy,
        Reader(readers.check_npy, 'numpy.load("set/embeddings.npy", mmap_mode="r")'),
    ),
    "safetensors": Format(
        "safetensors",
        "The vectors and ids as tensors.",
        write_safetensors,
        Reader(
            readers.check_safetensors, 'safetensors.numpy.load_file("set/embeddings.safetensors")'
        ),
    ),
    "sheet": Format(
        "Contact sheet",
        "Thumbnails in one HTML file, to show around or print.",
        write_sheet,
        Reader(readers.check_sheet),
        sorted=True,
    ),
}
