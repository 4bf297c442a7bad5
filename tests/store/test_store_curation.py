"""curation.db: tags, selections, one history of all changes; nothing gets lost."""

import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_datasets import dataset, images, writer

from explorer import store
from explorer.errors import StoreError, UsageError
from explorer.store import Curation, MyGroups, NamedSet, Tag, Tags, as_ids

TAG = """
import sys
from pathlib import Path
from explorer.store import Curation, Tags
start = int(sys.argv[2])
curation = Curation(Path(sys.argv[1]))
for number in range(start, start + 20):
    Tags(curation).add("shared", [number])
    curation.of("one").select([number], "add")
"""


@pytest.fixture
def curation(tmp_path):
    return Curation(tmp_path / "curation.db")


@pytest.fixture
def tags(curation):
    return Tags(curation)


def contents(tags: Tags) -> dict[str, list[int]]:
    return {tag.name: tags.ids(tag.name).tolist() for tag in tags.all()}


# --- tags


def test_a_tag_holds_the_images_that_were_put_in_it(tags):
    tags.add("good", [3, 1, 3])
    tags.add(" good ", [2])
    tags.add("empty", [])
    assert tags.all() == [Tag("good", "", 3), Tag("empty", "", 0)]
    assert contents(tags) == {"good": [1, 2, 3], "empty": []}
    tags.remove("good", [1, 3, 99])
    assert contents(tags) == {"good": [2], "empty": []}
    tags.remove("good", [2])
    assert contents(tags) == {"good": [], "empty": []}  # a tag stays until it is deleted
    tags.delete("good")
    assert contents(tags) == {"empty": []}


def test_tags_are_renamed_coloured_and_merged_and_keep_their_place(tags):
    for name, ids in (("a", [1, 2]), ("b", [2, 3]), ("c", [4])):
        tags.add(name, ids)
    tags.rename("a", "first")
    tags.recolor("b", "#14918a")
    assert tags.all() == [Tag("first", "", 2), Tag("b", "#14918a", 2), Tag("c", "", 1)]
    tags.merge("first", into="c")
    assert contents(tags) == {"b": [2, 3], "c": [1, 2, 4]}
    assert tags.name_now("a") is None
    tags.rename("b", "bee")
    assert tags.name_now("b") == "bee"


def test_a_tag_that_makes_no_sense_is_a_sentence(tags, curation):
    tags.add("good", [1])
    tags.add("fine", [1])
    wrong = [
        (lambda: tags.add(" \n", [1]), "A tag needs a name"),
        (lambda: tags.add("a|b", [1]), "“|” stands between tags"),
        (lambda: tags.add("caf\udce9", [1]), "UTF-8"),
        (lambda: tags.ids("bad"), "There is no tag 'bad' in this dataset. There are: good, fine."),
        (lambda: tags.remove("bad", [1]), "There is no tag 'bad'"),
        (lambda: tags.delete("bad"), "There is no tag 'bad'"),
        (lambda: tags.rename("good", "fine"), "There is a tag 'fine' already"),
        (lambda: tags.recolor("good", "red"), "'red' is no colour"),
        (lambda: tags.merge("good", into="good"), "cannot be merged into itself"),
        (lambda: curation.selection("bad"), "There is no selection 'bad'"),
    ]
    for attempt, sentence in wrong:
        with pytest.raises(UsageError) as caught:
            attempt()
        assert sentence in str(caught.value)
    assert contents(tags) == {"good": [1], "fine": [1]}


@pytest.mark.parametrize("name", ["'; DROP TABLE sets; --", '"', "%", "a\nb", "日本", "\x00x"])
def test_a_tag_may_have_any_name(tags, name):
    tags.add(name, [5])
    assert contents(tags) == {name: [5]}


def test_an_error_in_a_change_undoes_all_of_it(curation, tags):
    with pytest.raises(ValueError, match="invalid literal"):
        tags.add("half", [1, "x"])
    assert contents(tags) == {}
    assert curation.next_steps() == (None, None)


# --- the selection that a session is making


def test_a_selection_is_made_by_union_difference_and_intersection(curation):
    mine = curation.of("me")
    assert mine.select([3, 1, 3], "replace").tolist() == [1, 3]
    assert mine.select([2, 5], "add").tolist() == [1, 2, 3, 5]
    assert mine.select([5, 9], "subtract").tolist() == [1, 2, 3]
    assert mine.select([2, 3, 9], "intersect").tolist() == [2, 3]
    assert mine.selected().tolist() == [2, 3]
    assert curation.of("you").selected().tolist() == []
    words = [mine.undo() for _ in range(4)]
    assert words == [
        "kept only what is among 3 images",
        "took 2 images out",
        "added 2 images",
        "selected 2 images",
    ]
    assert mine.selected().tolist() == []


def test_what_changes_nothing_is_no_step(curation):
    mine = curation.of("me")
    mine.select([1, 2], "add")
    version = mine.selected_version()
    mine.select([2], "add")
    mine.select([7], "subtract")
    assert mine.selected_version() == version
    assert [step.change for step in mine.steps()] == ["added 2 images"]


@settings(max_examples=30)
@given(st.lists(st.integers(0, 2**62)))
def test_a_selection_comes_back_in_order_and_has_one_key(tmp_path_factory, ids):
    curation = Curation(tmp_path_factory.mktemp("curation") / "curation.db")
    key = curation.save_selection(ids)
    assert curation.selection(key).tolist() == sorted(set(ids))
    assert curation.save_selection(ids[::-1]) == key


def test_half_a_million_images_are_a_small_selection_and_so_is_a_change_of_it(curation, tmp_path):
    mine = curation.of("me")
    mine.select(np.arange(0, 1_000_000, 2), "replace")
    for number in range(50):
        mine.select([2 * number], "subtract")
    assert len(mine.selected()) == 500_000 - 50
    with curation.transaction() as connection:
        [(packed,)] = connection.execute(
            "SELECT sum(length(added) + length(removed)) FROM changes"
        ).fetchall()
    assert packed < 50_000


def test_a_session_forgets_its_oldest_steps_but_never_what_it_has_selected(curation, monkeypatch):
    monkeypatch.setattr("explorer.store.history.LONGEST", 5)
    mine = curation.of("me")
    Tags(mine).add("kept", [1])
    for number in range(9):
        mine.select([number], "add")
    assert len(mine.steps()) == 6  # five of the selection, and the tag
    for _ in range(5):
        mine.undo()
    assert mine.selected().tolist() == [0, 1, 2, 3]


# --- undo and redo


def test_undo_and_redo_go_through_all_that_a_session_did(curation):
    mine = curation.of("me")
    tags = Tags(mine)
    mine.select([1, 2, 3], "add")
    tags.add("good", mine.selected())
    tags.rename("good", "better")
    MyGroups(mine).make([("g", [1])])
    mine.rename_clusters("space", "cluster", {7: "owls"})
    mine.select([], "replace")
    done = [step.change for step in mine.steps()]
    assert [mine.undo() for _ in range(6)] == done
    assert contents(tags) == {}
    assert mine.cluster_names("space", "cluster") == {}
    with pytest.raises(UsageError, match="nothing to undo"):
        mine.undo()
    assert [mine.redo() for _ in range(6)] == done[::-1]
    assert contents(tags) == {"better": [1, 2, 3]}
    assert [group.ids.tolist() for group in MyGroups(mine).now().sets] == [[1]]
    assert mine.cluster_names("space", "cluster") == {7: "owls"}
    assert mine.selected().tolist() == []
    with pytest.raises(UsageError, match="nothing to redo"):
        mine.redo()


def test_after_another_step_what_was_undone_cannot_be_done_again(curation):
    mine = curation.of("me")
    mine.select([1], "add")
    mine.undo()
    mine.select([2], "add")
    assert mine.next_steps()[1] is None
    assert mine.selected().tolist() == [2]


def test_undo_takes_back_ones_own_step_and_keeps_what_others_did(curation):
    me, you = curation.of("me"), curation.of("you")
    Tags(me).add("good", [1, 2])
    Tags(you).add("good", [3])
    Tags(you).remove("good", [1])
    assert me.undo() == "tagged 2 images “good”"
    assert contents(Tags(me)) == {"good": [3]}  # the tag was mine; what you put into it is not
    me.redo()
    assert contents(Tags(me)) == {"good": [2, 3]}  # as before the undo: you took 1 out since
    Tags(me).delete("good")
    me.undo()
    assert contents(Tags(me)) == {"good": [2, 3]}
    you.undo()
    assert contents(Tags(me)) == {"good": [1, 2, 3]}


def test_what_cannot_be_undone_without_loss_is_told_and_passed_over(curation):
    me, you = curation.of("me"), curation.of("you")
    Tags(me).add("a", [1])
    Tags(me).rename("a", "b")
    Tags(you).rename("b", "c")
    with pytest.raises(UsageError, match="“b” has been renamed to “c” since"):
        me.undo()
    assert contents(Tags(me)) == {"c": [1]}
    Tags(you).delete("c")
    with pytest.raises(UsageError, match="“a” is not there any more"):
        me.undo()
    Tags(me).add("x", [1])
    Tags(me).rename("x", "y")
    Tags(you).add("x", [2])
    with pytest.raises(UsageError, match="There is a tag 'x' already"):
        me.undo()
    assert contents(Tags(me)) == {"x": [2], "y": [1]}


def test_what_went_with_the_last_undo_comes_back_with_the_redo(curation):
    me, you = curation.of("me"), curation.of("you")
    Tags(you).add("b", [0])
    Tags(me).add("b", [0, 1])
    you.undo()
    me.undo()
    assert contents(Tags(me)) == {}
    me.redo()
    assert contents(Tags(me)) == {"b": [1]}  # 0 was not of this step
    me.undo()
    Tags(you).add("b", [7])
    me.redo()
    assert contents(Tags(me)) == {"b": [7], "b 2": [1]}


def test_a_deleted_tag_comes_back_though_its_name_is_taken(curation):
    me, you = curation.of("me"), curation.of("you")
    Tags(me).add("x", [1, 3])
    Tags(me).delete("x")
    Tags(you).add("x", [2])
    me.undo()
    assert contents(Tags(me)) == {"x": [2], "x 2": [1, 3]}
    me.redo()
    assert contents(Tags(me)) == {"x": [2]}
    me.undo()
    me.undo()  # nor was it made
    assert contents(Tags(me)) == {"x": [2]}
    with pytest.raises(UsageError, match="nothing to undo"):
        me.undo()


def test_groups_are_undone_in_the_order_of_their_doing(curation):
    me, you = curation.of("me"), curation.of("you")
    me.select([1], "add")
    MyGroups(me).make([("g", [1])])
    MyGroups(you).rename("g", "h")
    assert me.next_steps()[0].change == "added 1 image"
    assert MyGroups(me).undo() == "renamed “g” to “h”"
    assert me.undo() == "begun anew"
    assert me.redo() == "begun anew"
    assert MyGroups(you).redo() == "renamed “g” to “h”"
    assert MyGroups(me).now().names == ["h"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["one", "two"]),
        st.sampled_from(["add", "remove", "undo", "redo"]),
        st.sets(st.integers(0, 9), min_size=1),
    ),
    max_size=25,
)


@settings(max_examples=40)
@given(STEPS)
def test_whoever_does_what_undoing_all_of_it_leaves_nothing(tmp_path_factory, steps):
    """Two sessions on disjoint images: each undoes exactly its own, and redo brings it back."""
    curation = Curation(tmp_path_factory.mktemp("curation") / "curation.db")
    Tags(curation).add("shared", [])
    offset = {"one": 0, "two": 100}
    wanted = {"one": [set()], "two": [set()]}
    undone = {"one": [], "two": []}
    for session, what, ids in steps:
        tags, before = Tags(curation.of(session)), wanted[session][-1]
        if what == "undo":
            if len(wanted[session]) > 1:
                curation.of(session).undo()
                undone[session].append(wanted[session].pop())
        elif what == "redo":
            if undone[session]:
                curation.of(session).redo()
                wanted[session].append(undone[session].pop())
        else:
            change = {offset[session] + number for number in ids}
            after = before | change if what == "add" else before - change
            (tags.add if what == "add" else tags.remove)("shared", sorted(change))
            if after != before:
                wanted[session].append(after)
                undone[session].clear()
        now = set(Tags(curation).ids("shared").tolist())
        assert now == wanted["one"][-1] | wanted["two"][-1]


# --- a step by hand


def test_a_step_works_out_what_came_and_went_when_it_closes(curation):
    tags = Tags(curation)
    tags.add("a", [1, 2])
    tags.add("b", [3])
    with curation.step("sorted anew", "tag") as sets:
        sets.put(replace(sets["a"], ids=as_ids([2, 5])))
        sets.drop(sets["b"])
        sets.put(NamedSet("tag", "c", as_ids([3])))
        assert [each.name for each in sets] == ["a", "c"]
        assert contents(Tags(curation)) == {"a": [1, 2], "b": [3]}  # as others see it meanwhile
    assert contents(tags) == {"a": [2, 5], "c": [3]}
    assert curation.undo() == "sorted anew"
    assert contents(tags) == {"a": [1, 2], "b": [3]}


def test_a_step_that_changes_nothing_or_fails_is_none(curation):
    tags = Tags(curation)
    tags.add("a", [1, 2])
    before = curation.steps(), curation.version("tag")
    with curation.step("the same again", "tag") as sets:
        sets.put(replace(sets["a"], ids=as_ids([2, 1])))
    with pytest.raises(UsageError, match="no tag 'b'"):
        tags.merge("a", into="b")
    assert (curation.steps(), curation.version("tag")) == before
    assert contents(tags) == {"a": [1, 2]}


def test_an_event_that_comes_again_does_nothing_and_says_nothing(curation):
    Tags(curation).add("a", [1])
    first, again = curation.once("page", 1), curation.once("page", 1)
    Tags(first).remove("a", [1])
    again.select([4], "add")
    Tags(curation).delete("a")
    Tags(again).remove("a", [1])  # by now there is no such tag
    assert curation.selected().tolist() == []
    assert curation.steps()[0].change == "deleted “a”"


# --- several at once


def test_changes_of_threads_are_all_kept(curation):
    def work(start: int) -> None:
        for number in range(start, start + 25):
            Tags(curation).add("shared", [number])
            curation.of("one").select([number], "add")

    threads = [threading.Thread(target=work, args=(25 * each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Tags(curation).ids("shared").tolist() == list(range(100))
    assert curation.of("one").selected().tolist() == list(range(100))


def test_changes_of_processes_are_all_kept_even_when_they_make_the_file_together(tmp_path):
    path = tmp_path / "curation.db"
    jobs = [
        subprocess.Popen([sys.executable, "-c", TAG, str(path), str(20 * each)])
        for each in range(3)
    ]
    assert [job.wait() for job in jobs] == [0, 0, 0]
    assert Tags(Curation(path)).ids("shared").tolist() == list(range(60))
    assert Curation(path, "one").selected().tolist() == list(range(60))


# --- the column


@settings(max_examples=40)
@given(
    st.sets(st.integers(0, 20)),
    st.lists(st.tuples(st.sampled_from("abcd"), st.sets(st.integers(0, 20))), max_size=6),
)
def test_the_column_names_the_tags_of_every_image_that_is_there(tmp_path_factory, present, given):
    tags = Tags(Curation(tmp_path_factory.mktemp("curation") / "curation.db"))
    of_tag: dict[str, set[int]] = {}
    for name, ids in given:
        tags.add(name, sorted(ids))
        of_tag.setdefault(name, set()).update(ids)
    here = sorted(present)
    column = tags.now().column(np.array(here, np.int64)).to_pylist()
    wanted = ["|".join(name for name in of_tag if i in of_tag[name]) or None for i in here]
    assert column == wanted


def test_a_dataset_has_the_column_while_there_are_tags(tmp_path):
    root = tmp_path / "demo"
    opened = dataset(root)
    assert "my_tags" not in opened.space().column_names
    assert not (root / "curation.db").exists()
    ids = opened.image_ids
    opened.tags.add("keep", [1, 2])
    opened.tags.add("sharp", [2, 7])
    assert not opened.is_recent
    assert "my_tags" not in opened.column_names  # a snapshot
    again = opened.recurated()
    assert again.is_recent
    assert again.image_ids is ids
    names = [None, "keep", "keep|sharp", None, None, None, None, "sharp", None, None]
    assert again.space().table(["my_tags"])["my_tags"].to_pylist() == names
    assert again.image(2)["my_tags"] == "keep|sharp"
    assert again.fingerprint == opened.fingerprint  # what analyses look at is the same


def test_a_tag_survives_everything_that_happens_to_its_images(tmp_path):
    root = tmp_path / "demo"
    dataset(root).tags.add("mine", [1, 2])
    with writer(root) as opened:
        opened.commit(store.Part(images({"image_id": 1, "present": False})))
        opened.commit(store.Part(images({"image_id": 2, "path": "moved.jpg"})))
        opened.finish()
    again = store.Dataset(root)
    assert again.tags.ids("mine").tolist() == [1, 2]
    assert again.image(2)["my_tags"] == "mine"
    assert 1 not in again.image_ids


# --- the file


def test_a_damaged_file_is_a_sentence(tmp_path):
    path = tmp_path / "curation.db"
    path.write_bytes(b"this is no database " * 100)
    with pytest.raises(StoreError, match=r"curation\.db cannot be used"):
        Curation(path)
