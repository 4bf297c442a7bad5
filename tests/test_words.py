"""One word for one thing: no class name is defined twice, names are American, fields told once."""

import ast
import io
import re
import tokenize
from collections import defaultdict
from itertools import zip_longest
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [path for room in ("explorer", "pages") for path in sorted((ROOT / room).rglob("*.py"))]
IS_A_COLUMN = {"centre_distance"}  # its name on the disk
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
        for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
            name = token.string
            if token.type == tokenize.NAME and BRITISH.search(name.lower()):
                found |= {(name, str(path.relative_to(ROOT)))} if name not in IS_A_COLUMN else set()
    assert found == set()


def documented_beside(source: str) -> list[str]:
    """The fields of classes that a comment or a text explains where they stand."""
    lines, found = source.splitlines(), []
    for each in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)):
        for field, after in zip_longest(each.body, each.body[1:]):
            if isinstance(field, ast.AnnAssign):
                comment = re.search(r"#(?! *(type:|noqa))", lines[field.end_lineno - 1])
                is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                if comment or is_text:
                    found.append(f"{each.name}.{ast.unparse(field.target)}")
    return found


def test_fields_are_documented_in_the_docstring_of_their_class():
    found = {path: documented_beside(path.read_text()) for path in FILES}
    assert {str(path): names for path, names in found.items() if names} == {}


@pytest.mark.parametrize("field", ["a: int  # what it is", 'a: int\n    """What it is."""'])
def test_a_field_that_is_documented_beside_is_found(field):
    source = 'class Kind:\n    """A kind."""\n    b: str = "#"\n    ' + field
    assert documented_beside(source.replace('"#"', '"x"')) == ["Kind.a"]
