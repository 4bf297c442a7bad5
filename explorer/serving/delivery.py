"""How what people do comes in: by a route of our own, which no end of a script's run cuts short.

A page sends all events that have not been acknowledged, in their order and numbered, until they
are. So an event is applied once, whatever is lost, sent again or overtaken on the way.
"""

import asyncio
import json
import logging
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from explorer.errors import BadValueError, ExplorerError, NotPossibleError, StoreError
from explorer.serving import windows
from explorer.serving.hints import with_hint
from explorer.serving.routes import missing
from explorer.serving.urls import TOKEN
from explorer.serving.windows import tell

MOST_BYTES = 48 << 20  # of one request: a photo from outside may have 30 MB, in base64 40
LARGE = 1 << 20  # bytes from which on a request counts as large
MOST_LARGE = 4  # of those at a time, which bounds what is held in memory; the others wait
LARGEST = 1 << 53  # numbers from here on are not exact in a browser

_QUEUE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """What somebody did: its name, the dataset it was done in, and more, all as the browser says.

    `queue` is the page that sends it, `number` its place among that page's events, from 1 on.
    """

    do: str
    dataset: str
    values: Mapping[str, object]
    queue: str
    number: int


Handler = Callable[[Event], None]
"""Does what an event asks for, in the window `windows.here()`. Raises `UsageError` to refuse it."""


@dataclass(frozen=True)
class _Sent:
    """A request: the events from `first` on that have not been acknowledged."""

    queue: str
    first: int
    events: list[object]


def events_url() -> str:
    """Where the components of the present window send what people do."""
    return f"/x/{TOKEN}/events/{windows.here().id}"


def event_route(handlers: Mapping[str, Handler]) -> Route:
    """The route, with what does each event by its name."""
    places = asyncio.Semaphore(MOST_LARGE)

    async def receive(request: Request) -> Response:
        window = windows.find(request.path_params["window"])
        given = request.path_params["token"].encode()
        if window is None or not secrets.compare_digest(given, TOKEN.encode()):
            return missing()
        async with AsyncExitStack() as place:
            body = bytearray()
            async for chunk in request.stream():
                if len(body) <= LARGE < len(body) + len(chunk):
                    await place.enter_async_context(places)
                body += chunk
                if len(body) > MOST_BYTES:
                    return _answer(413, error="That is more than a page sends at once.")
            try:
                sent = _read(body)
            except BadValueError as error:
                return _answer(400, error=str(error))
            return await run_in_threadpool(_deliver, window, sent, handlers)

    return Route("/x/{token}/events/{window}", receive, methods=["POST"])


def _answer(status: int, **content: object) -> Response:
    return JSONResponse(content, status, {"Cache-Control": "no-store"})


def _read(body: bytearray) -> _Sent:
    try:
        sent = json.loads(body)
        queue, first, events = sent["queue"], sent["first"], sent["events"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadValueError("This is no list of events.") from error
    if not isinstance(queue, str) or not _QUEUE.fullmatch(queue) or not isinstance(events, list):
        raise BadValueError("This is no list of events.")
    if type(first) is not int or not 1 <= first < LARGEST:
        raise BadValueError("Events are numbered from 1 on.")
    return _Sent(queue, first, events)


def _deliver(window: windows.Window, sent: _Sent, handlers: Mapping[str, Handler]) -> Response:
    """Apply what has not been applied yet; the answer says up to which number all has been."""
    with windows.acting_for(window):
        # A queue that is new here begins where the page says: what came before, another process of
        # the server has acknowledged.
        last = window.applied.setdefault(sent.queue, sent.first - 1)
        if sent.first > last + 1:
            return _answer(409, applied=last, error=f"Event {last + 1} comes before that.")
        for number, values in enumerate(sent.events[last + 1 - sent.first :], start=last + 1):
            try:
                _apply(sent.queue, number, values, handlers)
            except (StoreError, OSError) as error:
                why = with_hint(error) if isinstance(error, ExplorerError) else error
                tell(f"What you did cannot be kept yet, and is tried again: {why}")
                return _answer(503, applied=number - 1, error=str(error))
            window.applied[sent.queue] = number
        return _answer(200, applied=window.applied[sent.queue])


def _apply(queue: str, number: int, values: object, handlers: Mapping[str, Handler]) -> None:
    """Do one event. What is refused is told; it must not hold up what comes after it."""
    try:
        event = _event(queue, number, values)
        if event.do not in handlers:
            raise NotPossibleError("This Explorer cannot do what the page asks for: load it again.")
        handlers[event.do](event)
    except (StoreError, OSError):
        raise
    except ExplorerError as error:
        tell(with_hint(error))
    except Exception:
        _LOG.exception("An event could not be applied: %.500r", values)
        tell("What you did last was not done, by a fault of Explorer. The server's log tells more.")


def _event(queue: str, number: int, values: object) -> Event:
    if isinstance(values, dict):
        do, dataset = values.get("do"), values.get("dataset")
        if isinstance(do, str) and isinstance(dataset, str):
            return Event(do, dataset, values, queue, number)
    raise BadValueError("The browser sent something that no page of this app sends.")
