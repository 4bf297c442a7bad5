"""Asking by words: through a text tower, or through the classes that an extractor knows."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from explorer.errors import BadValueError, ExtractorError, NotPossibleError
from explorer.extractors import (
    INSTALL,
    Classifier,
    ClassMatch,
    EmbedsText,
    can_embed_sentences,
    match_classes,
)
from explorer.search.examples import Accept, Examples, by_examples
from explorer.search.query import Similarities, extractor_of
from explorer.store import Ids, Space

LONGEST = 200  # characters
_GUESSES = 10  # classes of an image that count, as in ConSE
LEAST = 0.01  # probability of an answer: of those below, most are wrong (docs/search.md)
_BLOCK = 4096  # images whose class probabilities are in memory at once


@dataclass(frozen=True)
class Words:
    """What words mean to a space: a vector (d,) of its text tower, or some of its classes."""

    text: str
    vector: npt.NDArray[np.float32] | None = None
    matches: tuple[ClassMatch, ...] = ()

    @property
    def are_known(self) -> bool:
        """Whether the space can tell what they say, as far as that is known before looking."""
        return self.vector is not None or bool(self.matches)

    @property
    def warning(self) -> str:
        """A sentence why nothing is found; empty when the words are known."""
        if self.are_known:
            return ""
        hint = "" if can_embed_sentences() else f" Words are matched by meaning with: {INSTALL}"
        return (
            f"Among the 1,000 things that this extractor tells apart (ImageNet's) nothing is like "
            f"“{self.text}”. Try a more general word, or a photo that shows it.{hint}"
        )

    @property
    def explanation(self) -> str:
        """What the number of an answer by classes says."""
        return "The number of a photo is the probability, from 0 to 1, that it shows one of these."

    @property
    def nothing(self) -> str:
        """A sentence for when there are no answers."""
        if not self.are_known:
            return "Nothing is shown: it would not be an answer."
        return (
            "No photo shows that, as far as this extractor can tell: to none of those that the "
            "filter and the choices leave does it give a probability of 0.01 or more."
        )


def understands_words(space: Space) -> bool:
    """Whether the space can be searched by words at all."""
    try:
        return isinstance(extractor_of(space, device="cpu"), (Classifier, EmbedsText))
    except (ExtractorError, NotPossibleError):
        return False  # imported, changed since, or no longer installed


def read_words(space: Space, text: str) -> Words:
    """What some words mean to a space.

    A space with a text tower (open-clip) takes any words; one of a classifier knows its classes.
    Raises `UsageError` for words that are empty or longer than 200 characters, and for a space that
    knows no words.
    """
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not text:
        raise BadValueError("Nothing to search for: the words are empty.")
    if len(text) > LONGEST:
        raise BadValueError(f"Search by at most {LONGEST} characters; these are {len(text)}.")
    extractor = extractor_of(space, device="cpu")
    if isinstance(extractor, EmbedsText):
        return Words(text, vector=extractor.embed_text([text])[0])
    if isinstance(extractor, Classifier):
        return Words(text, matches=tuple(match_classes(text, extractor.class_names)))
    raise NotPossibleError(
        f"The space {space.id!r} cannot be searched by words. Those of efficientnet-lite0, -lite1 "
        "and -lite2 can, by the classes of ImageNet, and those of open-clip, by any words."
    )


def by_words(
    space: Space, words: Words, k: int, *, accept: Accept | None = None
) -> tuple[Ids, Similarities]:
    """The `k` images that show what the words say among those that `accept` lets pass, best first.

    By a text tower: cosine similarities. By classes: the probability that an image shows one of
    them, each times its weight, over the image's ten likeliest classes (ConSE, Norouzi et al. 2014,
    where the words are placed among the classes by their sentence vectors). Images that show
    them with a probability below 0.01 are not among the answers; words not known have none.
    """
    if words.vector is not None:
        return by_examples(space, Examples(vectors=(words.vector,)), k, accept=accept)
    guesses, probabilities = _guesses(_Version(space.root, space.fingerprint, space))
    weights = np.zeros(int(guesses.max(initial=0)) + 1, np.float32)
    for match in words.matches:
        known = [number for number in match.classes if number < len(weights)]
        weights[known] = np.maximum(weights[known], match.weight)
    scores = (weights[guesses] * probabilities).sum(axis=1)
    order = np.argsort(-scores, kind="stable")
    order = order[: np.count_nonzero(scores >= LEAST)]
    if accept is not None:
        order = order[accept(space.image_ids[order])]
    return space.image_ids[order[:k]], scores[order[:k]]


@dataclass(frozen=True)
class _Version:
    """A space as a key of a cache: equal as long as its vectors are."""

    root: Path
    fingerprint: str
    space: Space = field(compare=False)


@lru_cache(maxsize=4)
def _guesses(version: _Version) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.float32]]:
    """The likeliest classes of every image and their probabilities, (n, 10) each, in any order.

    Kept, because they take 40 bytes an image, and to make them the whole matrix of probabilities.
    """
    space = version.space
    extractor = extractor_of(space, device="cpu")
    assert isinstance(extractor, Classifier)
    count = min(_GUESSES, len(extractor.class_names))
    guesses = np.empty((len(space), count), np.uint16)
    probabilities = np.empty((len(space), count), np.float32)
    for start in range(0, len(space), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(space)))
        found = extractor.classify(space.vectors(rows))
        best = np.argpartition(found, -count, axis=1)[:, -count:]
        guesses[rows] = best
        probabilities[rows] = np.take_along_axis(found, best, axis=1)
    return guesses, probabilities
