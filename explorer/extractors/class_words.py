"""Which of a classifier's classes some words mean."""

import difflib
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.extractors.concepts import Concept, concepts_of
from explorer.extractors.sentences import (
    can_embed_sentences,
    embed_sentences,
    kept_sentences,
    word_pieces,
)

# Cosine of the meanings, from which a concept is about what the words say. Measured over 59 words
# that people type and 38 that are none or show nothing: above it were none of the 38.
NEAR = 0.65
_TEMPERATURE = 0.05  # of the softmax over the nearnesses: by 0.15 less near is 20 times less
_MOST = 10  # concepts
_LEAST = 0.05  # weight
_SLIP = 0.85  # share of letters, from which on one word is the other with a slip of the pen
# WordNet's rules for plurals (morphy), as (ending, what it was); geese are found by their meaning.
_PLURALS = (
    *(("s", ""), ("ses", "s"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh")),
    *(("men", "man"), ("ies", "y")),
)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClassMatch:
    """A class that words were matched to, or a kind of things of which there are classes.

    classes: The numbers of the class, or of all of the kind.
    members: The names of these classes.
    nearness: 1: the words, or the last of them, are one of its names; else the cosine of the
        meanings.
    weight: How much these classes count, at most 1.
    """

    name: str
    classes: tuple[int, ...]
    members: tuple[str, ...]
    nearness: float
    weight: float

    @property
    def title(self) -> str:
        """What to call it before a person: its name, and of a kind what ImageNet has of it."""
        if len(self.classes) > 1:
            return f"{self.name} ({len(self.classes)} classes)"
        return self.name if self.members == (self.name,) else f"{self.name} ({self.members[0]})"


def match_classes(words: str, class_names: Sequence[str]) -> list[ClassMatch]:
    """The classes, and kinds of them, that some words mean, nearest first; none when none is near.

    1. If the words are a name of a class, or of a kind of which ImageNet has classes, all those.
    2. Otherwise those nearest in meaning by the sentence vectors of MiniLM, if the nearest is near:
       among those of the kind that the last words name, if it has several (a coral reef fish is a
       fish), and without names that only begin with the words (a deerhound is no deer): the last
       part of an English compound says what it is (Williams 1981). A word that MiniLM does not
       know is near to names that are spelled alike; those do not count, but for a slip.
    3. Where none is near, or MiniLM is not installed, those that the last words name.
    """
    said = " ".join(words.casefold().split())
    concepts = concepts_of(tuple(class_names))
    nearness = _named(said, concepts)
    if not nearness.any():
        nearness = _meant(said, concepts)
    return list(_matches(nearness, concepts, class_names))


def _meant(said: str, concepts: Sequence[Concept]) -> Floats:
    """How near the concepts are to words that are the name of none; all 0 when none is near."""
    heads = _heads(said, concepts)
    if not can_embed_sentences() or not said:
        return heads
    near = _by_meaning(said, concepts)
    named = np.flatnonzero(heads).tolist()
    allowed = {number for place in named for number in concepts[place].classes}
    if len(allowed) > 1:
        return near * [allowed.issuperset(concept.classes) for concept in concepts]
    return near if near.max() >= NEAR else heads


def _matches(
    nearness: Floats, concepts: Sequence[Concept], class_names: Sequence[str]
) -> Iterator[ClassMatch]:
    order = np.argsort(-nearness, kind="stable")[:_MOST]
    weights = np.exp((nearness - nearness.max(initial=0)) / _TEMPERATURE)
    met = set()
    for place in order.tolist():
        name, classes = concepts[place].names[0], concepts[place].classes
        if nearness[place] > 0 and weights[place] >= _LEAST and classes not in met:
            met.add(classes)
            members = tuple(class_names[number] for number in classes)
            yield ClassMatch(name, classes, members, float(nearness[place]), float(weights[place]))


def _singulars(said: str) -> set[str]:
    """The words, and what they may be the plural of."""
    ended = {said.removesuffix(ending) + was for ending, was in _PLURALS if said.endswith(ending)}
    return {said, *ended}


def _named(said: str, concepts: Sequence[Concept]) -> Floats:
    """1 for the concepts of which the words are a name."""
    wanted = _singulars(said)
    return np.array([not wanted.isdisjoint(concept.said) for concept in concepts], np.float64)


def _heads(said: str, concepts: Sequence[Concept]) -> Floats:
    """1 for the concepts that the longest possible end of the words names."""
    parts = said.split()
    for start in range(1, len(parts)):
        named = _named(" ".join(parts[start:]), concepts)
        if named.any():
            return named
    return np.zeros(len(concepts))


def _by_meaning(said: str, concepts: Sequence[Concept]) -> Floats:
    names = [name for concept in concepts for name in concept.said]
    owners = np.repeat(np.arange(len(concepts)), [len(concept.said) for concept in concepts])
    near = kept_sentences(names) @ embed_sentences([said])[0]
    begun = re.compile("|".join(rf"\b{re.escape(each)}" for each in _singulars(said)))
    ends = tuple(_singulars(said))
    spelled = _spelled_alike(said, tuple(names))
    others = [
        name in spelled or (bool(begun.search(name)) and not name.endswith(ends)) for name in names
    ]
    nearness = np.zeros(len(concepts))
    np.maximum.at(nearness, owners, np.where(others, 0, near))
    return nearness


def _spelled_alike(said: str, names: tuple[str, ...]) -> set[str]:
    """The names that share pieces, but no meaning, with words of which the model knows only these.

    A piece that is itself a name has a meaning (the boat of a rowboat); a name that has the whole
    word in it means it, and so does one that differs by a slip of the pen.
    """
    readings = {word: set(word_pieces(word)) for word in said.split()}
    unknown = {
        word: pieces.difference(names)
        for word, pieces in readings.items()
        if any(piece.startswith("##") for piece in pieces)
    }
    return {
        name
        for word, pieces in unknown.items()
        for name, its in zip(names, _pieces(names), strict=True)
        if not pieces.isdisjoint(its) and word not in name and not _is_a_slip(word, name)
    }


@functools.cache
def _pieces(names: tuple[str, ...]) -> list[frozenset[str]]:
    return [frozenset(word_pieces(name)) for name in names]


def _is_a_slip(word: str, name: str) -> bool:
    return any(
        difflib.SequenceMatcher(None, word, each).ratio() >= _SLIP for each in (name, *name.split())
    )
