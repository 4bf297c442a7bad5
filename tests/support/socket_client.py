"""A window of the app without a browser: Streamlit's messages by its websocket, events by HTTP."""

import json
import re
import secrets
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from http.cookiejar import CookieJar
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from support.browser import with_token

EVENTS = re.compile(rb"/x/[A-Za-z0-9_-]+/events/[A-Za-z0-9_-]+")
PATIENCE = 120  # seconds; the machine may be busy


class Window:
    """An open window that shows a page; `events_url` is where that sends what people do."""

    def __init__(self, url: str, page: str = "") -> None:
        self.url = url
        self.cookies = CookieJar()
        self.http = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        first = urllib.request.Request(with_token(url), headers={"Accept": "text/html"})
        self.http.open(first).read()
        cookie = "; ".join(f"{each.name}={each.value}" for each in self.cookies)
        self._open = ExitStack()
        connection = connect(
            f"ws{url.removeprefix('http')}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": cookie},
            origin=url,  # type: ignore[arg-type]
            max_size=None,
            compression=None,
            ping_interval=None,
        )
        self.socket = self._open.enter_context(connection)
        self.page, self.page_hash = page, ""
        self.events_url = ""
        self.queue, self.number = secrets.token_urlsafe(24), 0
        self.run()

    @property
    def session(self) -> str:
        """Under which the selection is kept."""
        named = {each.name: each.value or "" for each in self.cookies}
        (name,) = (name for name in named if name.startswith("explorer_session_"))
        return named[name].partition(".")[0]

    def run(self, query: str = "") -> list[ForwardMsg]:
        """Have the script run, and wait for its end; what it has sent."""
        self.ask_for_run(query)
        return self.wait_for_run()

    def ask_for_run(self, query: str = "") -> None:
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = "" if self.page_hash else self.page
        message.rerun_script.page_script_hash = self.page_hash
        self.socket.send(message.SerializeToString())

    def drain(self) -> None:
        """Take what has come, whatever it is."""
        with suppress(TimeoutError):
            while True:
                self.socket.recv(timeout=0)

    def wait_for_run(self) -> list[ForwardMsg]:
        messages: list[ForwardMsg] = []
        deadline = time.monotonic() + PATIENCE
        while True:
            data = self.socket.recv(timeout=deadline - time.monotonic())
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            messages.append(message)
            if found := EVENTS.search(data):
                self.events_url = self.url + found[0].decode()
            if message.WhichOneof("type") == "navigation":
                self.page_hash = message.navigation.page_script_hash
            if message.WhichOneof("type") == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return messages
                assert message.script_finished != ForwardMsg.FINISHED_WITH_COMPILE_ERROR

    def post(self, first: int, events: list[dict[str, Any]]) -> tuple[int, Any]:
        """Send events as the page does; the status and what is answered."""
        body = json.dumps({"queue": self.queue, "first": first, "events": events}).encode()
        try:
            with self.http.open(self.events_url, body, timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def do(self, dataset: str, what: str, **more: Any) -> None:
        """Do one thing, and wait until the server has it."""
        self.number += 1
        answer = self.post(self.number, [{"do": what, "dataset": dataset, **more}])
        assert answer == (200, {"applied": self.number}), answer

    def close(self) -> None:
        self._open.close()
