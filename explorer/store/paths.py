"""File names as text. POSIX names are bytes; Parquet strings are UTF-8."""

import os

import pyarrow as pa


def path_text(path: str) -> str:
    r"""`path` for people and for Parquet: bytes that are not UTF-8 become `\xNN`.

    >>> path_text("caf\udce9.jpg")
    'caf\\xe9.jpg'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def path_columns(paths: list[str]) -> dict[str, pa.Array]:
    """The columns `path` (text) and `path_bytes` (the exact bytes, only where the text is not)."""
    texts = [path_text(path) for path in paths]
    exact = [
        None if text == path else os.fsencode(path) for path, text in zip(paths, texts, strict=True)
    ]
    return {"path": pa.array(texts, pa.string()), "path_bytes": pa.array(exact, pa.binary())}


def exact_paths(table: pa.Table) -> list[str]:
    """The paths as the file system spells them (see `path_columns`)."""
    texts = table["path"].to_pylist()
    exact = table["path_bytes"].to_pylist()
    return [
        text if raw is None else os.fsdecode(raw) for text, raw in zip(texts, exact, strict=True)
    ]
