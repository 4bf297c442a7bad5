import os
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from explorer.errors import UsageError
from explorer.store import cache_folder, exact_paths, folder_name, path_columns, path_text
from explorer.store.names import name_of

# Names as a file system may give them: any bytes, so surrogates where they are not UTF-8.
names = st.binary(min_size=1, max_size=60).map(os.fsdecode) | st.text(
    st.characters(codec="utf-8"), min_size=1, max_size=16
)


@given(names)
def test_a_name_survives_being_a_folder_and_stays_in_the_cache(name):
    assume(name.strip())
    folder = folder_name(name)
    assert name_of(folder) == name
    assert Path("/cache") / folder == Path(os.path.normpath(f"/cache/{folder}"))
    assert Path(folder).name == folder
    assert not folder.startswith(".")
    assert folder.isascii()
    assert not set(folder) & set('/\\:*?"<>|\0\n')


@given(names, names)
def test_two_names_never_share_a_folder(one, other):
    assume(one.strip() and other.strip())
    assert (folder_name(one) == folder_name(other)) == (one == other)


@pytest.mark.parametrize("name", ["", "  ", "\n", "x" * 201, "é" * 40])
def test_a_name_that_makes_no_folder_is_refused(name):
    with pytest.raises(UsageError):
        folder_name(name)


@given(st.lists(st.binary(min_size=1).map(os.fsdecode)))
def test_paths_survive_parquet_text_whatever_bytes_they_are(paths):
    import pyarrow as pa

    table = pa.table(path_columns(paths))
    table.validate(full=True)
    assert exact_paths(table) == paths


def test_a_path_that_is_text_is_stored_as_it_is():
    assert path_text("été/\n\"'.jpg") == "été/\n\"'.jpg"
    assert path_columns(["été.jpg"])["path_bytes"].null_count == 1


def test_the_cache_is_the_one_given_or_of_the_environment_or_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EXPLORER_CACHE", raising=False)
    assert cache_folder() == tmp_path / "cache"
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "other"))
    assert cache_folder() == tmp_path / "other"
    assert cache_folder("third") == tmp_path / "third"
