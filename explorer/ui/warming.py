"""The start of the server: it says where it is, and opens what the first visitor will see."""

import importlib
import inspect
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

from explorer.errors import ExplorerError
from explorer.insight.clustering import DEFAULT_GRANULARITY, GRANULARITIES, cluster_summaries
from explorer.insight.columns import first_color
from explorer.serving import door
from explorer.serving.registry import first_space
from explorer.serving.script_runs import guard_runs
from explorer.serving.swallowed import begin_log
from explorer.store import cache_folder
from explorer.ui.panels.map import color_of

log = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """For the server: says where it is, and warms up beside the first requests."""
    begin_log()
    guard_runs()
    door.announce()
    Thread(target=_warm_up, name="warm-up", daemon=True).start()
    yield


def _warm_up() -> None:
    importlib.import_module("pandas")  # Streamlit imports it with the first element that needs it
    inspect.stack()  # and looks at it with the first element; later answers come from a cache
    try:
        space = first_space(cache_folder())
        color = first_color(space)
        _ = space.is_stale
        color_of(space, color)
        cluster_summaries(space, color if color in GRANULARITIES else DEFAULT_GRANULARITY, ())
    except (ExplorerError, OSError) as reason:
        log.info("Nothing to warm up: %s", reason)  # the page will say it
