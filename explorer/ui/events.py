"""What the events of our components do. Nothing in them is trusted: see `docs/security.md`."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeGuard, TypeVar, get_args

import numpy as np

from explorer.errors import BadValueError, UnknownNameError
from explorer.filters import Sql, decode, toggled
from explorer.search import Crop
from explorer.serving.bits import decode_rows
from explorer.serving.delivery import Event, Handler
from explorer.serving.registry import find
from explorer.serving.windows import session, tell
from explorer.store import (
    Curation,
    Dataset,
    Ids,
    Mode,
    SeenTag,
    Tags,
    as_numpy,
    cache_folder,
    open_dataset,
)
from explorer.ui import selecting
from explorer.ui.state import ViewState, now

T = TypeVar("T")
DAMAGED = "The browser sent something that no page of this app sends; nothing was changed."
MODES: tuple[Mode, ...] = get_args(Mode)


def _select(event: Event) -> None:
    """Change the selection by photos: each is named by its id."""
    _curation(event).select(_ids(event), _mode(event))


def _lasso(event: Event) -> None:
    """Change the selection by a set drawn on the map: bits, of which the place is the image id."""
    dataset, sent = _dataset(event), event.values
    last = int(_known(dataset).max(initial=-1))
    if type(count := sent.get("n")) is not int or not 0 <= count <= last + 1:
        raise BadValueError(DAMAGED)
    ids = _checked(dataset, decode_rows(_text(sent.get("bits")), count))
    _curation(event).select(ids, _mode(event))


def _tag(event: Event) -> None:
    """Give photos a tag, or take it off."""
    if type(on := event.values.get("on")) is not bool:
        raise BadValueError(DAMAGED)
    Tags(_curation(event)).mark(_seen(event), _ids(event), on=on)


def _no_tag(event: Event) -> None:
    """A digit that no tag has."""
    digit = event.values.get("digit")
    if type(digit) is not int or not 1 <= digit <= selecting.DIGITS:
        raise BadValueError(DAMAGED)
    tell(selecting.no_tag(_dataset(event), digit))


# --- what is looked at; it goes with the window, not into a file


def _of_image(act: Callable[[ViewState, int], None]) -> Handler:
    """Does something with one image, if the window still shows the dataset that it is of."""

    def handle(event: Event) -> None:
        if _is_looked_at(event):
            act(now(), _image(event))

    return handle


def _crop(event: Event) -> None:
    """A box in the query photo, or all of it again."""
    sides = event.values.get("sides")
    if sides is not None and not (_is_list_of(sides, float, int) and len(sides) == 4):
        raise BadValueError(DAMAGED)
    try:
        # As the address says it, which is rounded: a link asks for the same part.
        part = Crop.read(str(Crop(*map(float, sides)))) if sides else None
    except OverflowError as error:
        raise BadValueError(DAMAGED) from error
    if _is_looked_at(event):
        now().crop = part


def _cell(event: Event) -> None:
    """A cell of the table of what is taken for what, by its two labels."""
    pair = event.values.get("pair")
    if not _is_list_of(pair, str) or len(pair) != 2:
        raise BadValueError(DAMAGED)
    now().confused = (_text(event.values.get("table")), (pair[0], pair[1]))


def _bar(event: Event) -> None:
    """A bar of the Overview, by its condition: asked for, too, or no longer."""
    condition = decode(_text(event.values.get("condition")))
    if isinstance(condition, Sql):  # nobody has agreed to it
        raise BadValueError(DAMAGED)
    if _is_looked_at(event):
        now().filter_by(toggled(now().filter, condition))


def _photo(event: Event) -> None:
    """A photo from outside."""
    name, data = (_text(event.values.get(each)) for each in ("name", "bytes"))
    try:
        now().receive(name, b64decode(data, validate=True))
    except ValueError as error:
        raise BadValueError(DAMAGED) from error


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "select": _select,
        "lasso": _lasso,
        "tag": _tag,
        "tag selection": lambda event: selecting.tag_seen(_curation(event), _seen(event)),
        "no tag": _no_tag,
        "undo": lambda event: selecting.undo(_curation(event)),
        "redo": lambda event: selecting.redo(_curation(event)),
        "ask": _of_image(ViewState.ask),
        "like": _of_image(lambda state, image: state.choose("like", image)),
        "unlike": _of_image(lambda state, image: state.choose("unlike", image)),
        "out": _of_image(ViewState.take_out),
        "compare with": _of_image(lambda state, image: setattr(state, "partner", image)),
        "crop": _crop,
        "cell": _cell,
        "bar": _bar,
        "photo": _photo,
    }
)


# --- what they have in common


def _dataset(event: Event) -> Dataset:
    """The dataset in which it was done, which another window may have opened, or nobody yet."""
    try:
        return find(event.dataset).dataset
    except UnknownNameError:
        return open_dataset(event.dataset, cache=cache_folder())


def _is_looked_at(event: Event) -> bool:
    """Whether the window shows that dataset still: in another the ids mean other images."""
    return now().dataset == event.dataset


def _is_list_of(sent: object, *types: type[T]) -> TypeGuard[list[T]]:
    return isinstance(sent, list) and all(type(each) in types for each in sent)


def _curation(event: Event) -> Curation:
    """What this user has made of it; what is done to it now is done once."""
    return _dataset(event).curation.of(session()).once(event.queue, event.number)


def _mode(event: Event) -> Mode:
    for mode in MODES:
        if event.values.get("mode") == mode:
            return mode
    raise BadValueError(DAMAGED)


def _ids(event: Event) -> Ids:
    """The images it is about."""
    ids = event.values.get("ids")
    if not _is_list_of(ids, int):
        raise BadValueError(DAMAGED)
    try:
        return _checked(_dataset(event), np.array(ids, np.int64))
    except OverflowError as error:
        raise BadValueError(DAMAGED) from error


def _image(event: Event) -> int:
    """The one image it is about."""
    if type(image := event.values.get("image")) is not int:
        raise BadValueError(DAMAGED)
    return int(_checked(_dataset(event), np.array([image]))[0])


def _checked(dataset: Dataset, ids: Ids) -> Ids:
    """The same ids, if the dataset has ever had each: images that have left meanwhile may pass."""
    if not np.isin(ids, _known(dataset)).all():
        raise UnknownNameError(
            f"The browser named an image that “{dataset.name}” has never held; nothing was changed."
        )
    return ids


def _known(dataset: Dataset) -> Ids:
    return as_numpy(dataset.every_image["image_id"])


def _seen(event: Event) -> SeenTag:
    """The tag that the key meant when it was pressed."""
    tag = event.values.get("tag")
    if not isinstance(tag, list) or [type(each) for each in tag] != [int, str]:
        raise BadValueError(DAMAGED)
    return SeenTag(tag[0], _text(tag[1]))


def _text(sent: object) -> str:
    """A text that can be stored and shown."""
    if not isinstance(sent, str) or sent != sent.encode(errors="replace").decode():
        raise BadValueError(DAMAGED)
    return sent
