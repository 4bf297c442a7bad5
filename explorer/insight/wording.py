"""Figures as people write them."""

import math


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "group"), counted(1200, "image")
    ('1 group', '1,200 images')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """
    >>> duration(3.2), duration(89), duration(5400)
    ('4 s', '89 s', '1.5 h')
    >>> duration(600)
    '10 min'
    """
    if seconds < 90:
        return f"{math.ceil(seconds)} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"
