import errno
import os
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import StoreError
from explorer.store.atomic import replacing
from explorer.store.json_files import read_json, read_object, write_json


def write(path, text: str, error: BaseException | None = None) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text)
        if error:
            raise error


def test_a_new_file_takes_the_place_of_the_old_one_at_the_end_only(tmp_path):
    path = tmp_path / "deep" / "file"
    with replacing(path) as temporary:
        temporary.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [each.name for each in path.parent.iterdir()] == ["file"]


def test_the_bytes_are_on_the_disk_before_the_name_is_and_the_name_before_it_returns(
    tmp_path, monkeypatch
):
    path = tmp_path / "file"
    synced = []
    monkeypatch.setattr(
        "explorer.store.atomic.sync", lambda what: synced.append((what, path.exists()))
    )
    with replacing(path) as temporary:
        temporary.write_text("new")
    assert synced == [(temporary, False), (tmp_path, True)]


@pytest.mark.parametrize("error", [ValueError("oh"), KeyboardInterrupt(), SystemExit(1)])
def test_an_error_inside_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(type(error)):
        write(path, "half", error)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "the disk is full; free some space and run the same command again"),
        (errno.EROFS, "the file system is read-only; choose another folder with --cache"),
        (errno.EACCES, "permission is denied; choose another folder with --cache"),
        (errno.EIO, "Input/output error"),
    ],
)
@pytest.mark.parametrize("at", ["write", "fsync", "rename"])
def test_a_disk_that_fails_is_a_sentence_and_harms_nothing(
    tmp_path, monkeypatch, number, sentence, at
):
    path = tmp_path / "file"
    path.write_text("old")
    failure = OSError(number, os.strerror(number))

    def fail(*args, **kwargs):
        raise failure

    if at == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    if at == "rename":
        monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(StoreError) as caught:
        write(path, "half", failure if at == "write" else None)
    assert str(caught.value) == f"Cannot write {path}: {sentence}."
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="Cannot write"), replacing(tmp_path / "file" / "inside"):
        pass


paths = st.binary(min_size=1).map(os.fsdecode)


@given(st.dictionaries(paths, paths | st.integers() | st.none() | st.lists(paths)))
def test_json_comes_back_whatever_the_file_system_calls_a_name(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("json") / "value.json"
    write_json(path, value)
    assert read_object(path) == value


@dataclass(frozen=True)
class Named:
    name: str


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "\x00\xff", '{"name": 3}', "{}"])
def test_damaged_json_is_a_sentence(tmp_path, text):
    path = tmp_path / "info.json"
    path.write_text(text, "latin-1")
    with pytest.raises(StoreError, match=r"info\.json"):
        read_json(path, Named)


def test_missing_json_asks_whether_this_is_the_right_folder(tmp_path):
    with pytest.raises(StoreError, match=r"is missing; is this a folder that Explorer wrote\?"):
        read_json(tmp_path / "info.json", Named)
