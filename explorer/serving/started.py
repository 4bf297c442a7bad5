"""How the server was started: what stands after the `--` of `streamlit run explorer/app.py --`."""

import sys
from itertools import pairwise


def values_of(option: str) -> list[str]:
    """What was given as an option, which may come several times, as in `--dataset NAME`."""
    return [value for name, value in pairwise(sys.argv[1:]) if name == option]


def has(option: str) -> bool:
    """Whether an option without a value was given."""
    return option in sys.argv[1:]
