"""`problems` finds damage of every kind, and no reader falls over it."""

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_datasets import SPACE, part, vectors, whole_dataset, writer

from explorer import store
from explorer.errors import ExplorerError

FILES = (
    "dataset.json",
    "images/part-00000.parquet",
    "images/part-00001.parquet",
    "thumbnails/part-00000.arrow",
    "rejected.parquet",
    "curation.db",
    "spaces/fake/space.json",
    "spaces/fake/embeddings/part-00000.parquet",
    "spaces/fake/neighbors.parquet",
    "spaces/fake/index.faiss",
    "spaces/fake/columns.parquet",
)

# Those with checksums: JSON and SQLite have none.
CHECKED = [name for name in FILES if name.endswith((".parquet", ".arrow", ".faiss"))]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    root = tmp_path_factory.mktemp("verify") / "demo"
    whole_dataset(root)
    return root


@pytest.fixture
def copy(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "demo")


def everything(root) -> dict:
    """All that a reader can ask of a dataset."""
    read = store.Dataset(root)
    space = read.space()
    return {
        "images": read.every_image.to_pylist(),
        "rejected": read.rejected.to_pylist(),
        "thumbnails": [read.thumbnail(i) for i in read.image_ids.tolist()],
        "vectors": space.embeddings().tobytes(),
        "graph": space.graph().neighbor_ids.tobytes() + space.graph().similarities.tobytes(),
        "neighbors": space.neighbors(0, 5)[1].tobytes(),
        "found": space.index().search(space.embeddings()[:3], 3)[1].tobytes(),
        "columns": space.table().to_pylist(),
        "tags": read.tags.all(),
    }


def test_a_whole_dataset_has_no_problems(whole):
    assert list(store.problems(whole)) == []


@pytest.mark.parametrize("kind", ["empty", "half", "garbage"])
@pytest.mark.parametrize("name", FILES)
def test_a_spoilt_file_is_named(copy, name, kind):
    path = copy / name
    data = path.read_bytes()
    path.write_bytes({"empty": b"", "half": data[: len(data) // 2], "garbage": b"no!" * 99}[kind])
    found = list(store.problems(copy))
    assert found
    assert any(path.name in line for line in found)


def footer(content: bytes) -> int:
    """Where the data of a file ends; Parquet and Arrow say so in their last bytes."""
    magic = {b"PAR1": 4, b"ARROW1": 6}.get(
        content[-4:] if content[-4:] == b"PAR1" else content[-6:]
    )
    if magic is None:
        return len(content)
    size = int.from_bytes(content[-magic - 4 : -magic], "little")
    return len(content) - magic - 4 - size


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_is_found_or_changes_nothing(whole, tmp_path, data):
    expected = everything(whole)
    name = data.draw(st.sampled_from(CHECKED))
    content = bytearray((whole / name).read_bytes())
    data_ends = footer(bytes(content))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    root = tmp_path / "demo"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(whole, root)
    (root / name).write_bytes(content)
    found = list(store.problems(root))
    try:
        read = everything(root)
    except (ExplorerError, KeyError):  # KeyError: a thumbnail that is not there
        assert found
        return
    # A footer has no checksum: a name in it may become another one, and no reader can know.
    assert found or read == expected or at >= data_ends


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("dataset.json", "dataset.json is missing"),
        ("images/part-00001.parquet", "part-00001.parquet is missing"),
        ("thumbnails/part-00000.arrow", "4 images have no thumbnail"),
        ("spaces/fake/embeddings/part-00000.parquet", "4 images have no embedding"),
        ("spaces/fake/index.faiss", "index.faiss is missing"),
        ("spaces/fake/space.json", "space.json is missing"),
    ],
)
def test_a_file_that_is_gone_is_missed(copy, name, complaint):
    (copy / name).unlink()
    assert any(complaint in line for line in store.problems(copy))


def test_a_vector_that_is_not_finite_is_found(tmp_path):
    root = tmp_path / "demo"
    broken = vectors([4, 5])
    broken.vectors[1, 2] = float("nan")
    with writer(root) as opened:
        opened.add_space("fake", SPACE)
        opened.commit(part(range(4)))
        more = part([4, 5])
        opened.commit(store.Part(more.images, more.thumbnails, {"fake": broken}))
    assert ["1 vectors are not finite" in line for line in store.problems(root)] == [True]


def test_an_index_of_another_time_is_found(copy):
    space = store.Dataset(copy).space()
    import faiss

    other = faiss.IndexIDMap2(faiss.IndexFlatIP(4))
    other.add_with_ids(space.embeddings()[:5], space.image_ids[:5])
    store.write_index(space.index_path, other)
    assert ["index.faiss" in line for line in store.problems(copy)] == [True]
