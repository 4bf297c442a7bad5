"""A page as the server sees it, which sends what people do by the route of the events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer.serving import windows
from explorer.serving.delivery import event_route, events_url
from explorer.serving.registry import serve
from explorer.serving.routes import ROUTES
from explorer.store import Dataset
from explorer.ui.events import HANDLERS
from explorer.ui.state import ViewState
from support.planted_space import directions, planted_space

SESSION = "a" * 22
QUEUE = "q" * 32


class Page:
    """A page as the server sees it: it numbers what is done, and sends it to its window."""

    def __init__(self, dataset: Dataset, client: TestClient) -> None:
        self.dataset = dataset
        self.client = client
        self.window = windows.open_window(SESSION)
        self.window.keep(ViewState).dataset = dataset.name
        with windows.acting_for(self.window):
            self.url = events_url()
        self.number = 0

    def post(self, content: object, url: str = "") -> Any:
        body = content if isinstance(content, (str, bytes)) else json.dumps(content)
        return self.client.post(url or self.url, content=body)

    def send(self, *events: object, first: int) -> Any:
        return self.post({"queue": QUEUE, "first": first, "events": list(events)})

    def do(self, what: str, **more: object) -> str:
        """Do one thing; what the user is told of it."""
        self.window.notes.clear()
        self.number += 1
        answer = self.send(self.event(what, **more), first=self.number)
        assert (answer.status_code, answer.json()["applied"]) == (200, self.number)
        return " ".join(self.window.notes)

    def event(self, what: str, **more: object) -> dict[str, object]:
        return {"do": what, "dataset": self.dataset.name, **more}

    @property
    def selected(self) -> list[int]:
        return self.dataset.curation.of(SESSION).selected().tolist()

    def tagged(self, name: str) -> list[int]:
        return self.dataset.tags.ids(name).tolist()

    def tag(self, name: str) -> list[object]:
        """The tag as the page shows it."""
        return next([tag.id, tag.name] for tag in self.dataset.tags.now().sets if tag.name == name)


@contextmanager
def page_on_ten_images(cache: Path) -> Iterator[Page]:
    """Their ids are 100 to 109."""
    dataset = planted_space(cache / "set", directions(np.arange(10))).dataset
    serve(dataset)
    with TestClient(Starlette(routes=[event_route(HANDLERS), *ROUTES])) as client:
        yield Page(dataset, client)
