"""Who is looking: a cookie tells browsers apart, so that each has a selection of its own.

The selection itself is in curation.db, under the cookie's text: it is the same in every tab of a
browser, and there again after a reload, a crash or a restart of the server. The server makes that
text and signs it; what it has not signed is no session.
"""

import secrets
from collections.abc import Mapping

import streamlit as st

from explorer.serving.signing import cookie, given, signed, text_of

SESSION = "session"
A_YEAR = 365 * 24 * 3600  # seconds


def session_in(cookies: Mapping[str, str]) -> str | None:
    """The session that a browser's cookies name, if we have given it."""
    return text_of(SESSION, value) if (value := given(SESSION, cookies)) else None


def new_session(*, is_secure: bool) -> str:
    """The header that gives a browser a session."""
    value = signed(SESSION, secrets.token_urlsafe(16))
    return cookie(SESSION, value, max_age=A_YEAR, is_secure=is_secure)


def session_of_browser() -> str:
    """The session that the browser's cookie names, or a new one."""
    return session_in(st.context.cookies) or secrets.token_urlsafe(16)
