"""The real app on the real photos, started by the README's own command."""

import csv
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.browser import ROOT
from support.pages import app_on

from explorer import Dataset, batch, open_dataset


@pytest.fixture(scope="session")
def app_cache(sample_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the app shows: a copy of the sample photos, and while a test has one, its own."""
    return shutil.copytree(sample_cache, tmp_path_factory.mktemp("app") / "cache")


@pytest.fixture(scope="session")
def app_url(app_cache: Path) -> Iterator[str]:
    """The address of the app, showing the sample photos."""
    with app_on(app_cache, app_cache.with_name("log.txt")) as url:
        yield url


NUMBERS = itertools.count()


@pytest.fixture
def own(sample_cache: Path, app_cache: Path) -> Iterator[Dataset]:
    """A copy of the sample photos that one test may change, shown by the app of all."""
    name = f"own-{next(NUMBERS)}"
    shutil.copytree(sample_cache / "sample_data", app_cache / name)
    yield open_dataset(name, cache=app_cache)
    shutil.rmtree(app_cache / name)


@pytest.fixture
def own_url(own: Dataset, app_url: str) -> Callable[[str], str]:
    """`own_url("map")` is the address of that page, showing the copy."""
    return lambda page: f"{app_url}/{page}?dataset={own.name}"


@pytest.fixture(scope="session")
def dataset(sample_cache: Path) -> Dataset:
    return open_dataset("sample_data", cache=sample_cache)


@pytest.fixture(scope="session")
def judged(sample_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A copy of the sample photos that is split in two; one Colosseum is in each part."""
    folder = tmp_path_factory.mktemp("judged")
    cache = shutil.copytree(sample_cache, folder / "cache")
    dataset = open_dataset("sample_data", cache=cache)
    paths = dataset.table(["path"])["path"].to_pylist()
    with (folder / "splits.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "split"])
        for number, path in enumerate(paths):
            is_train = number % 4 and not path.endswith("wonders_colosseum.jpg")
            is_train = is_train or path.endswith("/colosseum.jpg")
            writer.writerow([path, "train" if is_train else "val"])
    batch.annotate(dataset, folder / "splits.csv")
    return open_dataset("sample_data", cache=cache)


@pytest.fixture(scope="session")
def judged_url(judged: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an app on that copy, which tests only read."""
    with app_on(judged.root.parent, tmp_path_factory.mktemp("app") / "log.txt") as url:
        yield url


@pytest.fixture(scope="session")
def compared(sample_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A copy of the sample photos, seen through a second extractor as well."""
    cache = shutil.copytree(sample_cache, tmp_path_factory.mktemp("compared") / "cache")
    batch.embed(
        ROOT / "sample_data",
        cache=cache,
        settings=batch.EmbedSettings(extractors=("color-histogram",)),
    )
    return open_dataset("sample_data", cache=cache)


@pytest.fixture(scope="session")
def compared_url(compared: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an app on that copy."""
    with app_on(compared.root.parent, tmp_path_factory.mktemp("app") / "log.txt") as url:
        yield url
