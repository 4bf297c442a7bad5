"""Words that mean nothing that can be seen find no photos."""

import math
import random
import string

import pytest

from explorer import extractors
from explorer.extractors import match_classes

pytestmark = pytest.mark.usefixtures("models")
NAMES = extractors.get("efficientnet-lite0", device="cpu").class_names
# None of these was looked at when the bounds of the search were chosen.
WITHOUT_A_CLASS = (
    *("love", "anger", "justice", "tomorrow", "economy", "poverty", "algebra", "semicolon"),
    *("hypothesis", "gratitude", "rumor", "entropy", "jealousy", "wisdom", "nostalgia"),
    *("citizenship", "percentage", "verb", "politics", "hope", "climate change", "world peace"),
    *("quantum mechanics", "legal advice", "how are you"),
)


def letters(rng: random.Random) -> str:
    return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(4, 9)))


def syllables(rng: random.Random) -> str:
    """What can be spoken, and might be the beginning of a word."""
    return "".join(
        rng.choice("bcdfghjklmnprstvwz") + rng.choice("aeiou") for _ in range(rng.randint(2, 4))
    )


def known(words: list[str]) -> list[str]:
    return [each for each in words if match_classes(each, NAMES)]


@pytest.mark.parametrize("make", [letters, syllables])
def test_made_up_words_are_refused(make) -> None:
    rng = random.Random(0)
    words = [make(rng) for _ in range(50)]
    stated = 1 / 25
    most = len(words) * (stated + 3 * math.sqrt(stated * (1 - stated) / len(words)))
    assert len(found := known(words)) <= most, found


def test_words_without_a_class_are_refused() -> None:
    assert len(found := known(list(WITHOUT_A_CLASS))) <= 1, found


def test_a_slip_of_the_pen_is_forgiven() -> None:
    """What is refused for its letters is not what people mistype."""
    assert match_classes("hipopotamus", NAMES)[0].name == "hippopotamus"
    assert match_classes("screwdiver", NAMES)[0].name == "screwdriver"
    assert match_classes("rowboat", NAMES)[0].name == "boat"
