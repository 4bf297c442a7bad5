"""One's own groups on the page Clusters: made from clusters, merged, split, renamed, dissolved."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from explorer.insight.clustering import DEFAULT_GRANULARITY, Cluster
from explorer.insight.regrouping import Parts, clusters_as_groups, finer_parts, group_rows, halves
from explorer.store import MY_GROUP, MyGroups
from explorer.ui import selecting
from explorer.ui.html import show
from explorer.ui.state import set_value
from explorer.ui.view import View

GRANULARITY = "grain"  # the widget that chooses between granularities and one's own groups


def grouping_bar(view: View, granularity: str) -> None:
    """Make groups of the clusters that are shown, or take back what was done last."""
    dataset, space = view.dataset, view.space
    there = dataset.grouping.sets

    def make(groups: MyGroups) -> None:
        groups.make(clusters_as_groups(space, granularity))
        set_value(GRANULARITY, MY_GROUP)

    def undo(groups: MyGroups) -> None:
        groups.undo()
        if not groups.now().sets:
            set_value(GRANULARITY, DEFAULT_GRANULARITY)

    if granularity != MY_GROUP:
        replaced = " The ones you have are replaced." if there else ""
        st.button(
            "Make these my groups",
            on_click=_change,
            args=(view, make),
            help="Groups of your own to begin with: these clusters with their names, which you "
            f"can merge and split then. Clustering again leaves them as they are.{replaced}",
        )
    change = MyGroups(view.curation).last_change() if dataset.is_curated else ""
    if change and (granularity == MY_GROUP or not there):
        st.button(
            "Undo",
            on_click=_change,
            args=(view, undo),
            help="Take the last change of your groups back, and then the one before.",
        )
        show("p", "Last change: {}", change, classes="facts")


@st.fragment
def group_actions(view: View, group: Cluster, others: Sequence[str]) -> None:
    """Rename it, merge it into one of the others (in their order), split or dissolve it."""
    # A key for each step: what was typed and opened before belongs to other groups.
    key = f"{group.number}_{view.dataset.grouping.version}"
    with st.container(horizontal=True, gap="xsmall", key=f"change_{key}"):
        _opening("Rename", "Give the group another name.", key, partial(_rename, view, group))
        if others:
            explains = "Move all its images into another group."
            _opening("Merge", explains, key, partial(_merge, view, group, others))
        _opening("Split", "Make several groups of it.", key, partial(_split, view, group))
        if st.button(
            "Dissolve",
            type="tertiary",
            key=f"dissolve_{key}",
            help="Its images are in no group then; the images themselves stay.",
        ):
            _change_and_rerun(view, lambda groups: groups.dissolve(group.name))


def _opening(title: str, explains: str, key: str, content: Callable[[], None]) -> None:
    """A button that opens a panel; it is worked out only then."""
    with st.popover(
        title, type="tertiary", help=explains, key=f"{title}_{key}", on_change="rerun"
    ) as panel:
        if panel.open:
            content()


def _rename(view: View, group: Cluster) -> None:
    with st.form(f"rename_{group.number}", border=False):
        name = st.text_input("Name", group.name, help="No two groups have the same name.")
        if st.form_submit_button("Save"):
            _change_and_rerun(view, lambda groups: groups.rename(group.name, name))


def _merge(view: View, group: Cluster, others: Sequence[str]) -> None:
    with st.form(f"merge_{group.number}", border=False):
        into = st.selectbox("Merge into", others, help="The groups that are most like it first.")
        if st.form_submit_button("Merge"):
            _change_and_rerun(view, lambda groups: groups.merge(group.name, into=into))


def _split(view: View, group: Cluster) -> None:
    space = view.space
    rows = group_rows(space, group.number)

    def apart(parts: Parts) -> Callable[[MyGroups], None]:
        new = [(name, space.image_ids[part]) for name, part in parts.new]
        return lambda groups: groups.split(group.name, new)

    finer = finer_parts(space, rows)
    if finer:
        listed = [f"{group.name} {finer.staying:,}"]
        listed += [f"{name} {len(part):,}" for name, part in finer.new]
        show("p", "As the clusters do: {}", " · ".join(listed), classes="facts")
        if st.button(
            f"Split in {len(listed)}",
            key=f"finer_{group.number}",
            help="What the next finer clusters make of it.",
        ):
            _change_and_rerun(view, apart(finer))
    show("p", "By likeness alone, whatever clusters there are:", classes="facts")
    if st.button(
        "Split in two halves",
        key=f"halves_{group.number}",
        help="The two that its images are most alike in; the larger one keeps the name.",
    ):
        _change_and_rerun(view, lambda groups: apart(halves(space, rows, group.name))(groups))


def _change(view: View, change: Callable[[MyGroups], None]) -> None:
    """Do it; what cannot be done is told."""
    selecting.attempt(lambda: change(MyGroups(view.curation)))


def _change_and_rerun(view: View, change: Callable[[MyGroups], None]) -> None:
    """Do it in a fragment, and draw the whole page as it is then."""
    _change(view, change)
    st.rerun()
