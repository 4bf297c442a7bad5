"""Where the points of a map are on the screen, asked of the map itself."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

ASKED = "(map, rows) => rows.map((row) => map.pointOnScreen(row)).map(({ x, y }) => [x, y])"


def places(page: Page, rows: Sequence[int]) -> npt.NDArray[np.float64]:
    """Of some images on the first map of the page: (n, 2), in pixels of the window.

    All in one question, which takes as long as a hundred answers.
    """
    points = page.locator(".explorer-map").first.evaluate(ASKED, list(map(int, rows)))
    return np.array(points, np.float64).reshape(-1, 2)


def place(page: Page, row: int) -> tuple[float, float]:
    """Of one image."""
    x, y = places(page, [row])[0].tolist()
    return x, y


def lonely_row(page: Page, count: int) -> int:
    """The point of `count` that is furthest from all others, so that a click cannot miss it."""
    points = places(page, range(count))
    gaps = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.fill_diagonal(gaps, np.inf)
    return int(gaps.min(axis=1).argmax())
