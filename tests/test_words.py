"""One word for one thing: no class name is defined twice, and names are American."""

import io
import re
import tokenize
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = [path for room in ("explorer", "pages") for path in sorted((ROOT / room).rglob("*.py"))]
SWEPT = ("store", "curate", "cli", "batch", "search", "filters", "serving")
BRITISH = re.compile(r"neighbour|colour|normalis|centre|behaviour|initialis|recognis|labell|grey")


def test_no_class_name_is_defined_twice():
    where = defaultdict(list)
    for path in FILES:
        for name in re.findall(r"^class (\w+)", path.read_text(), re.MULTILINE):
            where[name].append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in where.items() if len(paths) > 1} == {}


def test_names_are_american():
    found = set()
    for path in FILES:
        if path.relative_to(ROOT).parts[1] in SWEPT:
            for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
                if token.type == tokenize.NAME and BRITISH.search(token.string.lower()):
                    found.add((token.string, str(path.relative_to(ROOT))))
    assert found == set()
