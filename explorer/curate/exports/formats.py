"""The table of formats."""

from collections.abc import Callable
from dataclasses import dataclass

from explorer.curate.exports.annotations import write_coco, write_fiftyone
from explorer.curate.exports.folders import (
    write_folder,
    write_huggingface,
    write_imagefolder,
    write_yolo,
)
from explorer.curate.exports.job import Job
from explorer.curate.exports.shards import write_webdataset
from explorer.curate.exports.sheet import write_sheet
from explorer.curate.exports.tables import write_csv_table, write_jsonl, write_parquet
from explorer.curate.exports.vectors import write_npy, write_parquet_vectors, write_safetensors


@dataclass(frozen=True)
class Format:
    """One format: its name and a sentence for people, and the function that writes it.

    copies: it holds the image files; links: it may hold links to them; sorted: it can be told how
    to sort them into folders; shards: it comes in pieces.
    """

    title: str
    explains: str
    write: Callable[[Job], None]
    copies: bool = False
    links: bool = False
    sorted: bool = False
    shards: bool = False


FORMATS: dict[str, Format] = {
    "folder": Format(
        "Folder",
        "The image files, in sub-folders by label, split, cluster or tag.",
        write_folder,
        copies=True,
        links=True,
        sorted=True,
    ),
    "imagefolder": Format(
        "ImageFolder",
        "One folder per label, as torchvision and Keras read it.",
        write_imagefolder,
        copies=True,
        links=True,
        sorted=True,
    ),
    "webdataset": Format(
        "WebDataset",
        "Numbered tar files for training that reads front to back.",
        write_webdataset,
        copies=True,
        sorted=True,
        shards=True,
    ),
    "huggingface": Format(
        "Hugging Face",
        "Images and metadata.csv, for load_dataset(“imagefolder”).",
        write_huggingface,
        copies=True,
        links=True,
        sorted=True,
    ),
    "coco": Format(
        "COCO",
        "Images and annotations in JSON, the label as a box around the whole.",
        write_coco,
        copies=True,
        links=True,
        sorted=True,
    ),
    "yolo": Format(
        "YOLO",
        "Split, label, file, with lists and data.yaml, for YOLO classification.",
        write_yolo,
        copies=True,
        links=True,
        sorted=True,
    ),
    "fiftyone": Format(
        "FiftyOne",
        "data/ and labels.json, for FiftyOne to import.",
        write_fiftyone,
        copies=True,
        links=True,
    ),
    "csv": Format("CSV", "A table for spreadsheets, every column.", write_csv_table),
    "jsonl": Format("JSON lines", "A JSON object for each image.", write_jsonl),
    "parquet": Format("Parquet", "A table with its types, every column.", write_parquet),
    "parquet-vectors": Format(
        "Parquet with vectors", "The table, and the vectors in it.", write_parquet_vectors
    ),
    "npy": Format("NumPy", "The vectors alone, beside the table.", write_npy),
    "safetensors": Format("safetensors", "The vectors and ids as tensors.", write_safetensors),
    "sheet": Format(
        "Contact sheet",
        "Thumbnails in one HTML file, to show around or print.",
        write_sheet,
        sorted=True,
    ),
}
