"""Tags: selections that are kept under a name, for everybody who works on the dataset."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy.typing as npt

from explorer.errors import BadValueError, ConflictError
from explorer.store.curated_sets import CuratedSets
from explorer.store.history import read_sets
from explorer.store.id_sets import Ids, as_ids, together, without
from explorer.store.named_sets import BETWEEN, TAG, NamedSet, OpenSets, checked_name

MY_TAGS = "my_tags"  # the column
TAGGED = "tagged"  # what an expression calls the list of an image's tags


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


class Tags(CuratedSets):
    """The tags of one dataset in its curation.db. Every change is one step, and can be undone."""

    kind = TAG

    def all(self) -> list[Tag]:
        """The tags, in the order of their making."""
        with self._curation.transaction() as connection:
            rows = connection.execute(
                "SELECT name, color, size FROM sets WHERE kind = ? ORDER BY id", (TAG,)
            ).fetchall()
        return [Tag(*row) for row in rows]

    def ids(self, name: str) -> Ids:
        """The ids of a tag's images, ascending. Raises `UsageError` for an unknown tag."""
        with self._curation.transaction() as connection:
            return OpenSets(TAG, read_sets(connection, TAG))[name].ids

    def add(self, name: str, image_ids: npt.ArrayLike) -> None:
        """Give images a tag; a new name makes a new one. Raises `UsageError` for no name."""
        name, ids = _checked(name), as_ids(image_ids)
        change = f"tagged {_images(ids)} “{name}”" if len(ids) else f"made “{name}”"
        with self._step(change) as tags:
            tag = tags.get(name) or NamedSet(TAG, name)
            tags.put(replace(tag, ids=together(tag.ids, ids)))

    def mark(self, seen: SeenTag, image_ids: npt.ArrayLike, *, on: bool) -> None:
        """Give images the tag that somebody saw, or take it from them.

        Raises `UsageError` when it is not what it was then: then something else would be meant.
        """
        ids = as_ids(image_ids)
        images, name = _images(ids), seen.name
        change = f"tagged {images} “{name}”" if on else f"took “{name}” from {images}"
        with self._step(change) as tags:
            tag = _as_seen(tags, seen)
            tags.put(replace(tag, ids=together(tag.ids, ids) if on else without(tag.ids, ids)))

    def take_over(self, tags: Mapping[str, npt.ArrayLike]) -> None:
        """Make tags that images came with: by name, the ids of each. Raises `UsageError`."""
        made = [NamedSet(TAG, _checked(name), as_ids(ids)) for name, ids in tags.items()]
        with self._step(f"took over {len(made):,} tags") as there:
            known = {tag.name for tag in there}
            for tag in made:
                if tag.name not in known:
                    there.put(tag)

    def remove(self, name: str, image_ids: npt.ArrayLike) -> None:
        """Take a tag from images; it stays, even without any. Raises `UsageError`."""
        ids = as_ids(image_ids)
        with self._step(f"took “{name}” from {_images(ids)}") as tags:
            tag = tags[name]
            tags.put(replace(tag, ids=without(tag.ids, ids)))

    def rename(self, name: str, new: str) -> None:
        """Give a tag another name. Raises `UsageError` when it is none, or another tag's."""
        super().rename(name, _checked(new))

    def recolor(self, name: str, color: str) -> None:
        """Give a tag a colour, `#rrggbb`; an empty one lets it be chosen. Raises `UsageError`."""
        if color and not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
            raise BadValueError(f"{color!r} is no colour: write it like #14918a.")
        with self._step(f"coloured “{name}”") as tags:
            tags.put(replace(tags[name], color=color))

    def delete(self, name: str) -> None:
        """Delete a tag; the images stay. Raises `UsageError` for an unknown one."""
        self._drop(name, f"deleted “{name}”")


def _as_seen(tags: OpenSets, seen: SeenTag) -> NamedSet:
    tag = next((tag for tag in tags if tag.id == seen.id), None)
    if tag and tag.name == seen.name:
        return tag
    now = f"is called “{tag.name}” now" if tag else "is gone"
    raise ConflictError(
        f"The tag “{seen.name}” {now}: someone has changed the tags since you saw them. No image "
        "was given another tag; look which key means which now."
    )


def _checked(name: str) -> str:
    if BETWEEN in name:
        raise BadValueError(
            f"A tag cannot be named {name.strip()!r}: “{BETWEEN}” stands between tags."
        )
    return checked_name(TAG, name)


def _images(ids: Ids) -> str:
    return f"{len(ids):,} image{'' if len(ids) == 1 else 's'}"
