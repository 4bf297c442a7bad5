"""Who is looking: a cookie tells browsers apart, so that each has a selection of its own.

The selection itself is in curation.db, under the cookie's value: it is the same in every tab of a
browser, and there again after a reload, a crash or a restart of the server.
"""

import re
import secrets

import streamlit as st

COOKIE = "explorer_session"


def is_session(text: object) -> bool:
    """Whether a cookie's value is one that we have given."""
    return isinstance(text, str) and re.fullmatch(r"[\w-]{16,64}", text) is not None


def session_of_browser() -> str:
    """The session that the browser's cookie names, or a new one."""
    given = st.context.cookies.get(COOKIE, "")
    return given if is_session(given) else secrets.token_urlsafe(16)
