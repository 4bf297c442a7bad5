"""Streamlit's own uploads are off: no page has any, and it would keep in memory what it is sent."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/_stcore/upload_file/"
REFUSED = "This app takes no files in this way: drop a photo on a page, or use “Add images”."


class NoUploads:
    """Middleware that refuses them, whoever asks."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_upload = scope["type"] == "http" and PATH in scope["path"]
        answer = PlainTextResponse(REFUSED, 404) if is_upload else self.app
        await answer(scope, receive, send)
