"""Where images come from: one door to folders, lists, archives, and all of them behind URLs."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from explorer.errors import SourceError
from explorer.images import archives
from explorer.images.archives import ArchiveSource
from explorer.images.files import stat_file
from explorer.images.folders import FolderSource
from explorer.images.listing import Labels, Source
from explorer.images.manifests import ManifestSource, is_manifest, resolve
from explorer.images.parquets import ENDING, ParquetSource, holds_images
from explorer.images.reasons import why
from explorer.images.remote import is_url
from explorer.images.remote_folders import RemoteFolder
from explorer.images.tables import READERS, suffix


def open_source(spec: str | Path, *, labels: Labels = "auto") -> Source:
    """Open a source of images; what it is shows in what `spec` names.

    - a folder; if it holds archives, and neither images nor sub-folders, those archives
    - a list: a table with a column of paths (.csv, .tsv, .parquet, .jsonl, .ndjson), or a .txt
      with a path in each line
    - a Parquet file that holds the images themselves, as the Hugging Face hub has them, several by
      a pattern, or a folder of them
    - an archive (.zip; .tar, plain or packed with gzip, bzip2 or xz), or several by a pattern:
      `shard-{000..099}.tar`, `shards/*.tar`
    - any of these behind a URL that fsspec opens: `s3://`, `gs://`, `hf://`, `https://` …

    With `labels="folder"` an image's label is the name of its first folder within the source (None
    at the top). "auto" takes the labels that the source gives (a column `label`, a `.cls` file);
    if it gives none, the first folders where there are at least two. "none": no labels. First
    folders that are all called train, val, test or the like are splits, and the labels are those
    below.

    Raises SourceError if there is nothing there, or nothing that can be a source.
    """
    place = str(spec)
    if place.lower().startswith("file://"):
        place = unquote(urlsplit(place).path)
    if is_url(place):
        return _open_remote(place, labels)
    place = os.path.abspath(os.path.expanduser(place))
    if os.path.isdir(place):
        return _open_folder(place, labels)
    if not os.path.exists(place) and archives.is_pattern(place):
        return _open_pattern(place, labels)
    if not os.path.exists(place):
        raise SourceError(f"There is no file or folder {str(spec)!r}; check the path.")
    return _open_file(place, labels)


def local_file(source: Source, path: str) -> str | None:
    """Where the file on this machine lies that the source calls `path`; None where it is none."""
    if isinstance(source, FolderSource):
        return os.path.join(source.uri, path)
    if isinstance(source, ManifestSource):
        place = resolve(source.uri, path)
        return None if is_url(place) else os.path.abspath(place)
    return None


def _open_folder(place: str, labels: Labels) -> Source:
    try:
        shards = archives.local_shards(place)
    except OSError as error:
        raise SourceError(f"{place!r} cannot be read: {why(error)}.") from error
    places = [os.path.join(place, shard) for shard in shards]
    return _open_shards(place, places, labels) or FolderSource(place, labels)


def _open_remote(url: str, labels: Labels) -> Source:
    try:
        if archives.is_pattern(url):
            return _open_pattern(url, labels)
        if archives.is_archive(url) or is_manifest(url):
            stat_file(url)
            return _open_file(url, labels)
        shards = archives.remote_shards(url)
    except OSError as error:
        raise SourceError(f"{url} cannot be read: {why(error)}.") from error
    places = [f"{url.rstrip('/')}/{shard}" for shard in shards]
    return _open_shards(url, places, labels) or RemoteFolder(url, labels)


def _open_pattern(pattern: str, labels: Labels) -> Source:
    places = archives.expand(pattern)
    if source := _open_shards(pattern, places, labels):
        return source
    raise SourceError(f"{places[0]} has no column of images; a list of paths stands alone.")


def _open_shards(uri: str, places: list[str], labels: Labels) -> Source | None:
    """A source of several archives or Parquet files; None if these hold no images."""
    if places and all(map(archives.is_archive, places)):
        return ArchiveSource(uri, places, labels)
    return ParquetSource(uri, places, labels) if places and holds_images(places[0]) else None


def _open_file(place: str, labels: Labels) -> Source:
    if archives.is_archive(place):
        return ArchiveSource(place, [place], labels)
    if suffix(place) == ENDING and holds_images(place):
        return ParquetSource(place, [place], labels)
    if is_manifest(place):
        return ManifestSource(place, labels)
    raise SourceError(
        f"{place!r} is not a source of images. Give a folder, a list ({', '.join(READERS)}) or an "
        f"archive ({', '.join(archives.ENDINGS)})."
    )
