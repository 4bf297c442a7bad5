"""Tags: selections that are kept under a name, for everybody who works on the dataset."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.errors import UsageError
from explorer.store import history
from explorer.store.arrays import as_arrow, texts_as_arrow
from explorer.store.curation import Curation, check_text
from explorer.store.history import TAG, Kept, Pair
from explorer.store.id_sets import Ids, as_ids, rows_of, together, without

MY_TAGS = "my_tags"  # the column
TAGGED = "tagged"  # what an expression calls the list of an image's tags
BETWEEN = "|"  # what stands between the tags of an image: what pandas' get_dummies splits at


@dataclass(frozen=True)
class Tag:
    """A tag, its colour (`#rrggbb`; empty: one is chosen for it) and how many images have it."""

    name: str
    color: str
    count: int


@dataclass(frozen=True)
class SeenTag:
    """A tag as somebody saw it: which one it is, for good, and what it was called then."""

    id: int
    name: str


@dataclass(frozen=True)
class Tagging:
    """The tags at a version, in the order of their making; the version rises with each change."""

    version: int = 0
    sets: tuple[Kept, ...] = field(default=())

    def column(self, image_ids: Ids) -> pa.ChunkedArray:
        """The tags of each image, `keep|sharp`; null where it has none. Ids ascending, (n,)."""
        codes = np.zeros(len(image_ids), np.int64)
        combinations: list[str | None] = [None]
        for tag in self.sets:
            rows = rows_of(tag.ids, image_ids)
            found, among = np.unique(codes[rows], return_inverse=True)
            start = len(combinations)
            for code in found.tolist():
                before = combinations[code]
                combinations.append(f"{before}{BETWEEN}{tag.name}" if before else tag.name)
            codes[rows] = start + among
        return pa.chunked_array([texts_as_arrow(combinations).take(as_arrow(codes))])


class Tags:
    """The tags of one dataset in its curation.db. Every change is one step, and can be undone."""

    def __init__(self, curation: Curation) -> None:
        self._curation = curation

    def all(self) -> list[Tag]:
        """The tags, in the order of their making."""
        with self._curation.transaction() as connection:
            rows = connection.execute(
                "SELECT name, color, size FROM sets WHERE kind = ? ORDER BY id", (TAG,)
            ).fetchall()
        return [Tag(*row) for row in rows]

    def now(self) -> Tagging:
        """The tags with their images, as they are now."""
        with self._curation.transaction() as connection:
            connection.execute("BEGIN")  # what is read belongs together
            version = history.read_version(connection, TAG)
            return Tagging(version, tuple(history.read_sets(connection, TAG)))

    def ids(self, name: str) -> Ids:
        """The ids of a tag's images, ascending. Raises `UsageError` for an unknown tag."""
        with self._curation.transaction() as connection:
            return _find(history.read_sets(connection, TAG), name).ids

    def add(self, name: str, image_ids: npt.ArrayLike) -> None:
        """Give images a tag; a new name makes a new one. Raises `UsageError` for no name."""
        name, ids = _checked(name), as_ids(image_ids)

        def changed(tags: list[Kept]) -> Iterable[Pair]:
            before = next((tag for tag in tags if tag.name == name), None)
            if before is None:
                yield None, Kept(TAG, name, ids)
            else:
                yield before, replace(before, ids=together(before.ids, ids))

        self._change(changed, f"tagged {_images(ids)} “{name}”" if len(ids) else f"made “{name}”")

    def mark(self, seen: SeenTag, image_ids: npt.ArrayLike, *, on: bool) -> None:
        """Give images the tag that somebody saw, or take it from them.

        Raises `UsageError` when it is not what it was then: then something else would be meant.
        """
        ids = as_ids(image_ids)

        def changed(tags: list[Kept]) -> Iterable[Pair]:
            tag = _as_seen(tags, seen)
            yield tag, replace(tag, ids=together(tag.ids, ids) if on else without(tag.ids, ids))

        images = _images(ids)
        self._change(
            changed, f"tagged {images} “{seen.name}”" if on else f"took “{seen.name}” from {images}"
        )

    def take_over(self, tags: Mapping[str, npt.ArrayLike]) -> None:
        """Make tags that images came with: by name, the ids of each. Raises `UsageError`."""
        made = [Kept(TAG, _checked(name), as_ids(ids)) for name, ids in tags.items()]

        def changed(before: list[Kept]) -> Iterable[Pair]:
            known = {tag.name for tag in before}
            yield from ((None, tag) for tag in made if tag.name not in known)

        self._change(changed, f"took over {len(made):,} tags")

    def remove(self, name: str, image_ids: npt.ArrayLike) -> None:
        """Take a tag from images; it stays, even without any. Raises `UsageError`."""
        ids = as_ids(image_ids)

        def changed(tags: list[Kept]) -> Iterable[Pair]:
            tag = _find(tags, name)
            yield tag, replace(tag, ids=without(tag.ids, ids))

        self._change(changed, f"took “{name}” from {_images(ids)}")

    def rename(self, name: str, new: str) -> None:
        """Give a tag another name. Raises `UsageError` when it is none, or another tag's."""
        new = _checked(new)

        def changed(tags: list[Kept]) -> Iterable[Pair]:
            tag = _find(tags, name)
            yield tag, replace(tag, name=new)

        self._change(changed, f"renamed “{name}” to “{new}”")

    def recolor(self, name: str, color: str) -> None:
        """Give a tag a colour, `#rrggbb`; an empty one lets it be chosen. Raises `UsageError`."""
        if color and not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
            raise UsageError(f"{color!r} is no colour: write it like #14918a.")

        def changed(tags: list[Kept]) -> Iterable[Pair]:
            tag = _find(tags, name)
            yield tag, replace(tag, color=color)

        self._change(changed, f"coloured “{name}”")

    def merge(self, name: str, *, into: str) -> None:
        """Give all images of a tag another one, and delete it. Raises `UsageError`."""

        def changed(tags: list[Kept]) -> Iterable[Pair]:
            tag, other = _find(tags, name), _find(tags, into)
            if name == into:
                raise UsageError(f"The tag {name!r} cannot be merged into itself.")
            yield tag, None
            yield other, replace(other, ids=together(tag.ids, other.ids))

        self._change(changed, f"merged “{name}” into “{into}”")

    def delete(self, name: str) -> None:
        """Delete a tag; the images stay. Raises `UsageError` for an unknown one."""

        def changed(tags: list[Kept]) -> Iterable[Pair]:
            yield _find(tags, name), None

        self._change(changed, f"deleted “{name}”")

    def name_now(self, name: str) -> str | None:
        """What a tag is called now that was once called so; None when there is no such tag."""
        with self._curation.transaction() as connection:
            return history.name_now(connection, TAG, name)

    def _change(self, changed: Callable[[list[Kept]], Iterable[Pair]], words: str) -> None:
        self._curation.change(TAG, changed, words)


def _find(tags: list[Kept], name: str) -> Kept:
    for tag in tags:
        if tag.name == name:
            return tag
    there_are = ", ".join(tag.name for tag in tags) or "none yet"
    raise UsageError(f"There is no tag {name!r} in this dataset. There are: {there_are}.")


def _as_seen(tags: list[Kept], seen: SeenTag) -> Kept:
    for tag in tags:
        if tag.id == seen.id and tag.name == seen.name:
            return tag
    now = next((f"is called “{tag.name}” now" for tag in tags if tag.id == seen.id), "is gone")
    raise UsageError(
        f"The tag “{seen.name}” {now}: someone has changed the tags since you saw them. No image "
        "was given another tag; look which key means which now."
    )


def _checked(name: str) -> str:
    name = name.strip()
    if not name:
        raise UsageError("A tag needs a name.")
    if BETWEEN in name:
        raise UsageError(f"A tag cannot be named {name!r}: “{BETWEEN}” stands between tags.")
    check_text("A tag", name)
    return name


def _images(ids: Ids) -> str:
    return f"{len(ids):,} image{'' if len(ids) == 1 else 's'}"
