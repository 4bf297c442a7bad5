"""Three people work on one dataset, in any order: nobody's undo touches what others did since.

`EXPLORER_HISTORIES=2000` tries more histories than the few of an ordinary test run.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from small_datasets import dataset

from explorer.errors import UsageError
from explorer.store import Curation, MyGroups, Tags, problems
from explorer.store.id_sets import unpack_ids

HISTORIES = int(os.environ.get("EXPLORER_HISTORIES", "30"))
IMAGES = range(10)
TEMPLATE = tempfile.TemporaryDirectory(prefix="three-users-")

users = st.sampled_from(["ann", "ben", "eve"])
names = st.sampled_from(["a", "b", "c"])
images = st.sets(st.sampled_from(IMAGES), min_size=1, max_size=4).map(sorted)
modes = st.sampled_from(["replace", "add", "subtract", "intersect"])

Place = tuple[int, object]  # a set, and in it an image, its name, its colour
State = dict[Place, object]  # what stands there; what is not there has no entry


def template() -> Path:
    """The dataset that every history begins with."""
    root = Path(TEMPLATE.name) / "set"
    if not root.exists():
        dataset(root, IMAGES)
        Curation(root / "curation.db")
    return root


class ThreeUsers(RuleBasedStateMachine):
    """What is tried: each rule is something that one of three users does."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="three-users-")
        self.root = Path(shutil.copytree(template(), Path(self.folder.name) / "set"))
        self.of = {
            user: Curation(self.root / "curation.db", user) for user in ("ann", "ben", "eve")
        }
        self.touched: dict[Place, list[int]] = {}  # the steps that changed a place, in order
        self.ids: set[int] = set()
        self.last_versions: dict[tuple[str, str], int] = {}

    def teardown(self) -> None:
        assert list(problems(self.root)) == []
        self.folder.cleanup()

    def rows(self, question: str) -> list[tuple]:
        with closing(sqlite3.connect(self.root / "curation.db")) as connection:
            return connection.execute(question).fetchall()

    def state(self) -> State:
        found: State = {}
        for id, kind, place, name, color, packed in self.rows(
            "SELECT id, kind, place, name, color, image_ids FROM sets"
        ):
            found |= {(id, "kind"): (kind, place), (id, "name"): name, (id, "color"): color}
            found |= {(id, int(image)): True for image in unpack_ids(packed)}
        return found

    def steps(self) -> dict[int, tuple[str, int]]:
        """Whose each step is, and whether it is undone."""
        return {step: rest for step, *rest in self.rows("SELECT step, session, undone FROM steps")}

    def do(self, user: str, act: Callable[[], object], *, renames: bool = False) -> None:
        """Do something new; what is refused changes nothing."""
        before, known = self.state(), {*self.steps()}
        try:
            act()
        except UsageError:
            assert self.state() == before
            return
        places = changed(before, self.state())
        new = {step for step in self.steps() if step not in known}
        assert bool(new) == bool(places)
        for place in places:
            [step] = new
            assert self.steps()[step][0] == user
            self.touched.setdefault(place, []).append(step)
            is_renamed = place[1] == "name" and place in before and place in self.state()
            assert renames or not is_renamed, "a name has changed under its id"

    def turn(self, user: str, *, undo: bool) -> bool:
        """Undo or redo; True if it was done. It must leave alone what others did since."""
        before, steps = self.state(), self.steps()
        try:
            self.of[user].undo() if undo else self.of[user].redo()
        except UsageError:
            assert self.state() == before
            return False
        turned = [step for step, is_now in self.steps().items() if is_now != steps[step]]
        assert [steps[step][0] for step in turned] == [user]
        for place in changed(before, self.state()):
            in_force = [
                step
                for step in self.touched.get(place, [])
                if step in steps and steps[step][1] in (0, 2)
            ]
            since = in_force and in_force[-1]
            assert not since or since == turned[0] or (since < turned[0] and not undo), place
        return True

    # --- what people do

    @rule(user=users, ids=images, mode=modes)
    def select(self, user: str, ids: list[int], mode: str) -> None:
        self.do(user, lambda: self.of[user].select(ids, mode))

    @rule(user=users, name=names, ids=images)
    def tag(self, user: str, name: str, ids: list[int]) -> None:
        self.do(user, lambda: Tags(self.of[user]).add(name, ids))

    @rule(user=users, name=names, ids=images)
    def untag(self, user: str, name: str, ids: list[int]) -> None:
        self.do(user, lambda: Tags(self.of[user]).remove(name, ids))

    @rule(user=users, name=names, new=names)
    def rename_tag(self, user: str, name: str, new: str) -> None:
        self.do(user, lambda: Tags(self.of[user]).rename(name, new), renames=True)

    @rule(user=users, name=names, color=st.sampled_from(["", "#111111", "#222222"]))
    def recolor_tag(self, user: str, name: str, color: str) -> None:
        self.do(user, lambda: Tags(self.of[user]).recolor(name, color))

    @rule(user=users, name=names, into=names)
    def merge_tags(self, user: str, name: str, into: str) -> None:
        self.do(user, lambda: Tags(self.of[user]).merge(name, into=into))

    @rule(user=users, name=names)
    def delete_tag(self, user: str, name: str) -> None:
        self.do(user, lambda: Tags(self.of[user]).delete(name))

    @rule(user=users, ids=images)
    def make_groups(self, user: str, ids: list[int]) -> None:
        rest = [image for image in IMAGES if image not in ids]
        self.do(user, lambda: MyGroups(self.of[user]).make([("a", ids), ("b", rest)]))

    @rule(user=users, name=names, new=names)
    def rename_group(self, user: str, name: str, new: str) -> None:
        self.do(user, lambda: MyGroups(self.of[user]).rename(name, new), renames=True)

    @rule(user=users, name=names, ids=images)
    def split_group(self, user: str, name: str, ids: list[int]) -> None:
        self.do(user, lambda: MyGroups(self.of[user]).split(name, [("c", ids)]))

    @rule(user=users, name=names)
    def delete_group(self, user: str, name: str) -> None:
        self.do(user, lambda: MyGroups(self.of[user]).dissolve(name))

    @rule(user=users, image=st.sampled_from(IMAGES[:3]), name=st.sampled_from(["", "owls", "cats"]))
    def name_cluster(self, user: str, image: int, name: str) -> None:
        self.do(user, lambda: self.of[user].rename_clusters("fake", "cluster", {image: name}))

    @rule(user=users)
    def undo(self, user: str) -> None:
        self.turn(user, undo=True)

    @rule(user=users)
    def redo(self, user: str) -> None:
        self.turn(user, undo=False)

    @rule(user=users)
    def undo_and_redo(self, user: str) -> None:
        before = self.state()
        if self.turn(user, undo=True):
            assert self.turn(user, undo=False)
            assert self.state() == before

    # --- what always holds

    @invariant()
    def images_exist_and_groups_are_apart(self) -> None:
        held = [place for place in self.state() if isinstance(place[1], int)]
        assert {image for _, image in held} <= {*IMAGES}
        groups = {id for (id, what), value in self.state().items() if value == ("group", "")}
        in_groups = [image for id, image in held if id in groups]
        assert len(in_groups) == len({*in_groups})

    @invariant()
    def ids_are_never_given_twice(self) -> None:
        there = {id for id, _ in self.state()}
        known = {id for id, _ in self.touched}  # a set that comes back has its own number
        assert there <= known
        assert all(id > max(self.ids, default=0) for id in known - self.ids)
        self.ids = known

    @invariant()
    def versions_grow(self) -> None:
        now = {
            (kind, place): version for kind, place, version in self.rows("SELECT * FROM versions")
        }
        assert all(now[each] >= version for each, version in self.last_versions.items())
        self.last_versions = now

    @invariant()
    def names_are_unique(self) -> None:
        twice = "GROUP BY kind, place, name HAVING count(*) > 1"
        assert self.rows(f"SELECT name FROM sets WHERE kind IN ('tag', 'group') {twice}") == []


def changed(before: State, after: State) -> set[Place]:
    return {place for place in {*before, *after} if before.get(place) != after.get(place)}


ThreeUsers.TestCase.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestThreeUsers = ThreeUsers.TestCase
