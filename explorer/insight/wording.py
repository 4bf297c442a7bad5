"""Figures as people write them."""


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "group"), counted(1200, "image")
    ('1 group', '1,200 images')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
