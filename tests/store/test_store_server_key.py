"""The key by which servers sign: one for a cache, whoever asks first, and for nobody else."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from explorer.errors import StoreError
from explorer.store import server_key


def test_servers_that_start_at_once_have_one_key_that_stays(tmp_path: Path) -> None:
    cache = tmp_path / "not there yet"
    before = os.umask(0)  # what a careless user may have
    try:
        with ThreadPoolExecutor(8) as threads:
            (key,) = set(threads.map(server_key, [cache] * 16))
    finally:
        os.umask(before)
    assert len(key) == 32
    assert server_key(cache) == key
    assert stat.S_IMODE((cache / ".server_key").stat().st_mode) == 0o600
    assert server_key(tmp_path / "another") != key


def test_a_key_that_is_none_is_made_anew_and_a_killed_servers_rest_is_no_hindrance(
    tmp_path: Path,
) -> None:
    (tmp_path / ".server_key").write_bytes(b"short")
    (tmp_path / "..server_key.writing").write_bytes(b"")
    key = server_key(tmp_path)
    assert len(key) == 32
    assert (tmp_path / ".server_key").read_bytes() == key
    assert stat.S_IMODE((tmp_path / ".server_key").stat().st_mode) == 0o600


def test_where_no_key_can_be_kept_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match="Cannot write"):
        server_key(tmp_path / "file" / "cache")
