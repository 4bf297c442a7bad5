"""The user's own groups: nothing gets lost, every step can be undone."""

import tempfile
import threading
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from small_datasets import dataset, images, part, writer

from explorer import store
from explorer.errors import UsageError
from explorer.store import Curation, MyGroups, NamedSet, as_ids


@pytest.fixture
def mine(tmp_path):
    return MyGroups(Curation(tmp_path / "curation.db"))


def groups_of(mine: MyGroups) -> dict[str, list[int]]:
    return {group.name: group.ids.tolist() for group in mine.now().sets}


def test_groups_are_merged_split_renamed_and_dissolved(mine):
    mine.make([("cats", [3, 1]), (" dogs ", [2]), ("nothing", [])])
    assert groups_of(mine) == {"cats": [1, 3], "dogs": [2]}
    mine.rename("dogs", "wolves")
    mine.merge("wolves", into="cats")
    assert groups_of(mine) == {"cats": [1, 2, 3]}
    mine.split("cats", [("kittens", [3])])
    assert groups_of(mine) == {"cats": [1, 2], "kittens": [3]}
    mine.dissolve("cats")
    assert groups_of(mine) == {"kittens": [3]}
    undone = [mine.undo() for _ in range(4)]
    assert undone == [
        "dissolved “cats”",
        "split “cats”",
        "merged “wolves” into “cats”",
        "renamed “dogs” to “wolves”",
    ]
    assert groups_of(mine) == {"cats": [1, 3], "dogs": [2]}


def test_names_are_made_unique(mine):
    mine.make([("fish", [1]), ("fish", [2]), ("fish 2", [3]), ("fish", [4])])
    assert groups_of(mine) == {"fish": [1], "fish 2": [2], "fish 2 2": [3], "fish 3": [4]}
    mine.make([("fish", range(9)), ("boats", [10])])
    mine.split("fish", [("fish", [1, 2]), ("boats", [3])])
    assert groups_of(mine) == {
        "boats": [10],
        "fish": [0, 4, 5, 6, 7, 8],
        "fish 2": [1, 2],
        "boats 2": [3],
    }


def test_a_part_that_is_all_of_a_group_may_have_its_name(mine):
    mine.make([("fish", [1, 2, 3])])
    mine.split("fish", [("fish", [1, 2]), ("boats", [3])])
    assert groups_of(mine) == {"fish": [1, 2], "boats": [3]}


@pytest.mark.parametrize("name", ["'; DROP TABLE my_groups; --", '"', "%", "a\nb", "日本", "<b>🦉"])
def test_a_group_may_have_any_name(mine, name):
    mine.make([("a", [1])])
    mine.rename("a", name)
    assert groups_of(mine) == {name: [1]}


def test_what_cannot_be_done_is_a_sentence_and_changes_nothing(mine):
    with pytest.raises(UsageError, match="There is nothing to undo"):
        mine.undo()
    with pytest.raises(UsageError, match="in one group only"):
        mine.make([("a", [1, 2]), ("b", [2])])
    mine.make([("a", [1, 2]), ("b", [3])])
    before = mine.now()
    wrong = [
        (lambda: mine.rename("a", " "), "A group needs a name"),
        (lambda: mine.rename("a", "caf\udce9"), "UTF-8"),
        (lambda: mine.rename("a", "b"), "There is a group 'b' already"),
        (lambda: mine.rename("c", "d"), "There is no group 'c' in this dataset. There are: a, b."),
        (lambda: mine.merge("a", into="c"), "There is no group 'c'"),
        (lambda: mine.merge("a", into="a"), "cannot be merged into itself"),
        (lambda: mine.split("a", [("c", [3])]), "Not all that is to be split off"),
        (lambda: mine.split("a", [("c", [1]), ("d", [1])]), "in one group only"),
        (lambda: mine.dissolve("c"), "There is no group 'c'"),
    ]
    for attempt, sentence in wrong:
        with pytest.raises(UsageError) as caught:
            attempt()
        assert sentence in str(caught.value)
    assert mine.now().version == before.version
    assert groups_of(mine) == {"a": [1, 2], "b": [3]}


def test_a_step_after_an_undo_is_another_step(mine):
    mine.make([("a", [1])])
    mine.rename("a", "b")
    undone = mine.version()
    mine.undo()
    mine.rename("a", "c")
    assert mine.version() not in (0, undone)


def test_changes_of_threads_are_all_kept(mine):
    mine.make([(f"g{each}", [each]) for each in range(12)])

    def work(start: int) -> None:
        for number in range(start, start + 3):
            mine.rename(f"g{number}", f"h{number}")

    threads = [threading.Thread(target=work, args=(3 * each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert groups_of(mine) == {f"h{each}": [each] for each in range(12)}


class Steps(RuleBasedStateMachine):
    """Any steps in any order: merge, split and rename never lose an image, undo is exact."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.mine = MyGroups(Curation(Path(self.folder.name) / "curation.db"))
        self.history = [{}]

    def teardown(self):
        self.folder.cleanup()

    def step(self, change, *args, **named):
        before = self.mine.version()
        change(*args, **named)
        if self.mine.version() != before:  # what changes nothing is no step
            self.history.append(groups_of(self.mine))
        assert groups_of(self.mine) == self.history[-1]

    def step_that_keeps_all(self, change, *args, **named):
        before = sorted(chain(*self.history[-1].values()))
        self.step(change, *args, **named)
        assert sorted(chain(*self.history[-1].values())) == before

    @property
    def names(self):
        return sorted(self.history[-1])

    @rule(where=st.lists(st.integers(-1, 4), max_size=30))
    def make(self, where):
        codes = np.array(where, np.int64)
        self.step(self.mine.make, [("same", np.flatnonzero(codes == each)) for each in range(5)])

    @precondition(lambda self: len(self.names) > 1)
    @rule(data=st.data())
    def merge(self, data):
        name, into = data.draw(st.permutations(self.names))[:2]
        self.step_that_keeps_all(self.mine.merge, name, into=into)

    @precondition(lambda self: self.names)
    @rule(data=st.data(), parts=st.integers(1, 3))
    def split(self, data, parts):
        name = data.draw(st.sampled_from(self.names))
        ids = self.history[-1][name]
        places = data.draw(st.lists(st.integers(0, parts), min_size=len(ids), max_size=len(ids)))
        taken = [
            ("same", [each for each, place in zip(ids, places, strict=True) if place == number])
            for number in range(1, parts + 1)
        ]
        self.step_that_keeps_all(self.mine.split, name, taken)

    @precondition(lambda self: self.names)
    @rule(data=st.data(), new=st.text("ab ", min_size=1).filter(str.strip))
    def rename(self, data, new):
        if new.strip() not in self.names:
            self.step_that_keeps_all(self.mine.rename, data.draw(st.sampled_from(self.names)), new)

    @precondition(lambda self: len(self.history) > 1)
    @rule()
    def undo(self):
        self.mine.undo()
        self.history.pop()
        assert groups_of(self.mine) == self.history[-1]

    @invariant()
    def no_image_is_in_two_groups(self):
        groups = groups_of(self.mine)
        ids = list(chain(*groups.values()))
        assert len(ids) == len(set(ids))
        assert all(groups.values())


TestSteps = Steps.TestCase
TestSteps.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)


# --- the column


@settings(max_examples=50)
@given(st.sets(st.integers(0, 50)), st.dictionaries(st.integers(0, 50), st.integers(0, 3)))
def test_the_column_names_the_group_of_every_image_that_is_there(present, group_of):
    groups = tuple(
        NamedSet("group", f"g{number}", as_ids([i for i, g in group_of.items() if g == number]))
        for number in range(4)
    )
    here = np.array(sorted(present), np.int64)
    column = store.SetsSnapshot(1, groups).column(here)
    wanted = [f"g{group_of[i]}" if i in group_of else None for i in here.tolist()]
    assert column.to_pylist() == wanted


def test_a_dataset_has_the_column_while_there_are_groups(tmp_path):
    root = tmp_path / "demo"
    opened = dataset(root)
    assert "my_group" not in opened.space().column_names
    assert not (root / "curation.db").exists()
    opened.my_groups.make([("cats", [1, 2, 3]), ("dogs", [7])])
    assert "my_group" not in opened.column_names  # a snapshot
    again = store.Dataset(root)
    assert again.column_meta("my_group").title == "My groups"
    names = [None, "cats", "cats", "cats", None, None, None, "dogs", None, None]
    assert again.table(["my_group"])["my_group"].to_pylist() == names
    assert again.space().table(["my_group"])["my_group"].to_pylist() == names
    assert again.image(7)["my_group"] == "dogs"
    assert again.fingerprint == opened.fingerprint  # what analyses look at is the same
    again.my_groups.undo()
    assert "my_group" not in store.Dataset(root).column_names


def test_a_snapshot_takes_the_groups_of_now_and_keeps_the_rest(tmp_path):
    opened = dataset(tmp_path / "demo")
    opened.my_groups.make([("cats", [1])])
    space, ids = opened.space(), opened.image_ids
    before = opened.recurated()
    assert before.column_names[-1] == "my_group"
    opened.my_groups.rename("cats", "lions")
    now = before.recurated()
    assert (before.image(1)["my_group"], now.image(1)["my_group"]) == ("cats", "lions")
    assert now.is_recent
    assert not before.is_recent
    assert space.within(now).column("my_group")[1] == "lions"
    assert now.image_ids is ids


def test_groups_outlive_all_that_happens_to_their_images(tmp_path):
    root = tmp_path / "demo"
    dataset(root).my_groups.make([("cats", [1, 2, 3])])
    with writer(root) as opened:
        opened.commit(store.Part(images({"image_id": 1, "present": False})))
        opened.commit(store.Part(images({"image_id": 2, "content_hash": "another"})))
        opened.commit(part([10]))
        opened.finish()
    again = store.Dataset(root)
    assert again.image(2)["my_group"] == "cats"
    assert again.image(10)["my_group"] is None
    assert again.space().column_names  # image 2 has no vector at this moment
    with writer(root) as opened:
        opened.commit(store.Part(images({"image_id": 1})))
        opened.finish()
    assert store.Dataset(root).image(1)["my_group"] == "cats"
