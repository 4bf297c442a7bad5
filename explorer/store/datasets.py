"""The datasets of a cache, by name."""

from pathlib import Path

from explorer.errors import DamagedError, NoDatasetError, StoreError, UnknownNameError
from explorer.store.dataset import Dataset
from explorer.store.manifest import MANIFEST, files_of
from explorer.store.metadata import VersionError
from explorer.store.names import cache_folder, folder_name, name_of
from explorer.store.parts import part_paths


def dataset_names(cache: Path | str | None = None) -> list[str]:
    """The datasets in the cache, the most recently embedded first."""
    folder = cache_folder(cache)
    if not folder.is_dir():
        return []
    files = list(folder.glob("*/dataset.json"))
    files.sort(key=lambda path: (-path.stat().st_mtime_ns, path))
    return [name_of(path.parent.name) for path in files]


def open_dataset(name: str | None = None, *, cache: Path | str | None = None) -> Dataset:
    """Open a dataset by name; without a name, the one that was embedded last.

    Raises `UsageError` when it does not exist, `StoreError` when it cannot be read.
    """
    root = dataset_root(name, cache=cache)
    try:
        return Dataset(root)
    except VersionError:
        raise
    except StoreError as error:
        raise DamagedError(str(error), dataset=name_of(root.name)) from error


def dataset_root(name: str | None = None, *, cache: Path | str | None = None) -> Path:
    """The folder of a dataset, even if it cannot be opened. Raises `UsageError` if there is none.

    Without a name it is that of the dataset that was embedded last.
    """
    folder = cache_folder(cache)
    if name is not None:
        root = folder / folder_name(name)
        if (root / "dataset.json").exists() or ((root / MANIFEST).exists() and files_of(root)):
            return root
    names = dataset_names(folder)
    if not names:
        raise NoDatasetError(f"There is no dataset in {folder} yet.")
    if name is not None:
        raise UnknownNameError(
            f"There is no dataset {name!r} in {folder}. There are: {', '.join(names)}."
        )
    return folder / folder_name(names[0])


def stamp(root: Path) -> tuple[tuple[str, int, int, int], ...]:
    """What changes when anything a reader sees has been written: files' names, sizes and times.

    And their numbers on the disk, since a clock that went back may show the same time again. Cheap
    enough to ask at every page view; two equal stamps mean an opened `Dataset` is fresh.
    """
    files = [root / "dataset.json", root / "rejected.parquet", *part_paths(root / "images")]
    for space in sorted((root / "spaces").glob("*")):
        made = ("space.json", "neighbors.parquet", "columns.parquet", "probe.json")
        files += [space / name for name in made]
        files += part_paths(space / "embeddings")[-1:]
    stats = [(str(path), path.stat()) for path in files if path.exists()]
    return tuple((path, stat.st_size, stat.st_mtime_ns, stat.st_ino) for path, stat in stats)
