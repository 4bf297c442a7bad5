import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_datasets import dataset, images, writer

from explorer import store
from explorer.errors import StoreError, UsageError
from explorer.store import Curation

TAG = """
import sys
from pathlib import Path
from explorer.store import Curation
start = int(sys.argv[2])
for number in range(start, start + 20):
    Curation(Path(sys.argv[1])).tag("shared", [number])
"""


@pytest.fixture
def curation(tmp_path):
    return Curation(tmp_path / "curation.db")


def test_a_tag_holds_the_images_that_were_put_in_it(curation):
    curation.tag("good", [3, 1, 3])
    curation.tag(" good ", [2])
    curation.tag("empty", [])
    assert curation.tags() == {"good": 3, "empty": 0}
    assert curation.tagged("good").tolist() == [1, 2, 3]
    assert curation.tagged("empty").tolist() == []
    curation.untag("good")
    assert curation.tags() == {"empty": 0}


def test_images_are_taken_from_a_tag_and_with_the_last_one_it_goes(curation):
    curation.tag("good", [1, 2, 3])
    curation.tag("other", [1])
    curation.untag("good", [1, 3, 99])
    assert curation.tagged("good").tolist() == [2]
    curation.untag("good", [2])
    assert curation.tags() == {"other": 1}


def test_a_tag_that_makes_no_sense_is_a_sentence(curation):
    curation.tag("good", [1])
    for name in ("", " \n"):
        with pytest.raises(UsageError, match="A tag needs a name"):
            curation.tag(name, [1])
    with pytest.raises(UsageError, match=r"There is no tag 'bad' in .* There are: good\."):
        curation.tagged("bad")
    with pytest.raises(UsageError, match="There is no tag 'bad'"):
        curation.untag("bad")
    with pytest.raises(UsageError, match="There is no selection 'bad'"):
        curation.selection("bad")


@pytest.mark.parametrize("name", ["'; DROP TABLE tags; --", '"', "%", "a\nb", "日本", "\x00x"])
def test_a_tag_may_have_any_name(curation, name):
    curation.tag(name, [5])
    assert curation.tags() == {name: 1}
    assert curation.tagged(name).tolist() == [5]


def test_a_name_that_cannot_be_stored_is_a_sentence(curation):
    with pytest.raises(UsageError, match="UTF-8"):
        curation.tag("caf\udce9", [1])


@settings(max_examples=30)
@given(st.lists(st.integers(0, 2**62)))
def test_a_selection_comes_back_in_order_and_has_one_key(tmp_path_factory, ids):
    curation = Curation(tmp_path_factory.mktemp("curation") / "curation.db")
    key = curation.save_selection(ids)
    assert curation.selection(key).tolist() == sorted(set(ids))
    assert curation.save_selection(reversed(ids)) == key


def test_half_a_million_images_are_a_small_selection(curation, tmp_path):
    key = curation.save_selection(np.arange(0, 1_000_000, 2))
    assert len(curation.selection(key)) == 500_000
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 200_000


def test_tags_of_threads_are_all_kept(curation):
    def work(start: int) -> None:
        for number in range(start, start + 25):
            curation.tag("shared", [number])

    threads = [threading.Thread(target=work, args=(25 * each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert curation.tagged("shared").tolist() == list(range(100))


def test_tags_of_processes_are_all_kept_even_when_they_make_the_file_together(tmp_path):
    path = tmp_path / "curation.db"
    jobs = [
        subprocess.Popen([sys.executable, "-c", TAG, str(path), str(20 * each)])
        for each in range(3)
    ]
    assert [job.wait() for job in jobs] == [0, 0, 0]
    assert Curation(path).tagged("shared").tolist() == list(range(60))


def test_an_error_in_a_change_undoes_all_of_it(curation):
    with pytest.raises(ValueError, match="invalid literal"):
        curation.tag("half", [1, "x"])
    assert curation.tags() == {}


def test_a_tag_survives_everything_that_happens_to_its_images(tmp_path):
    root = tmp_path / "demo"
    dataset(root).curation.tag("mine", [1, 2])
    with writer(root) as opened:
        opened.commit(store.Part(images({"image_id": 1, "present": False})))
        opened.commit(store.Part(images({"image_id": 2, "path": "moved.jpg"})))
        opened.finish()
    again = store.Dataset(root)
    assert again.curation.tagged("mine").tolist() == [1, 2]
    assert 1 not in again.image_ids


def test_a_damaged_file_is_a_sentence(tmp_path):
    path = tmp_path / "curation.db"
    path.write_bytes(b"this is no database " * 100)
    with pytest.raises(StoreError, match=r"curation\.db cannot be used"):
        Curation(path)
