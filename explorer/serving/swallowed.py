"""What the server goes on after: logged once for each cause, and only seen with `--verbose`."""

import logging

from explorer.serving.started import has

VERBOSE = "--verbose"
_LOG = logging.getLogger(__name__)
_told: set[tuple[str, str, type[Exception]]] = set()
MOST = 1000  # causes that are remembered: names of datasets come from outside


def begin_log() -> None:
    """Have Explorer's own log on standard error, if the server was started so."""
    log = logging.getLogger("explorer")
    if has(VERBOSE) and not log.handlers:
        shown = logging.StreamHandler()
        shown.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
        log.addHandler(shown)
        log.setLevel(logging.INFO)


def log_once(doing: str, dataset: str, error: Exception) -> None:
    """Log what went wrong while something was done; the next of its kind is not told again."""
    cause = (doing, dataset, type(error))
    if cause not in _told and len(_told) < MOST:
        _told.add(cause)
        _LOG.info("%s of %r: %r. Another one like it is not told.", doing, dataset, error)
