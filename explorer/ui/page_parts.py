"""Which part of a page is open, by the keys of the widgets that choose it.

The keys tell how many parts there are: a widget that has been given others is another one.
"""

from explorer.insight.labeling import label_sections
from explorer.insight.oddness import families
from explorer.store import Space
from explorer.ui.state import now, set_value

FEATURES_PART = "features_section"
ONE_DIMENSION, LIKENESS = "One dimension", "Why two are alike"


def section_key(space: Space) -> str:
    """The key of what the page Labels judges."""
    return f"labels_section_{len(label_sections(space))}"


def family_key(space: Space) -> str:
    """The key of what images are odd against, on the page Outliers."""
    return f"outlier_family_{len(families(space))}"


def measure_key(space: Space, family: str) -> str:
    """The key of the measure by which one family of them ranks."""
    return f"outlier_measure_{family}_{len(families(space)[family])}"


def open_part(space: Space, page: str, part: tuple[str, ...]) -> None:
    """Let a page show this part when it is next opened; see `Finding.section`."""
    if page == "labels":
        set_value(section_key(space), part[0])
    elif page == "outliers":
        family, title = part
        set_value(family_key(space), family)
        set_value(measure_key(space, family), title)


def open_dimension(number: int) -> None:
    """Let the page Features show this dimension."""
    set_value(FEATURES_PART, ONE_DIMENSION)
    now().dimension = number
