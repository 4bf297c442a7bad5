"""The floors of docs/architecture.md: who may import whom, read from the source."""

import ast
import graphlib
import importlib.metadata
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FLOORS = {
    8: ("app", "pages", "cli"),
    7: ("ui",),
    6: ("serving",),
    5: ("insight",),
    4: ("batch", "search", "curate", "probe"),
    3: ("filters",),
    2: ("images", "extractors", "analysis", "store"),
    1: ("child_process", "environment", "errors", "on_demand", "resize"),
}
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
SAME_FLOOR = {("probe", "search"), ("probe", "curate")}
OWNERS = {
    "streamlit": {"app", "pages", "ui", "serving"},
    "starlette": {"app", "pages", "ui", "serving"},
    "torch": {"extractors"},
    "torchvision": {"extractors"},
    "timm": {"extractors"},
    "openvino": {"extractors"},
    "umap": set(),  # it and numba compile for seconds, in every process
    "numba": set(),
    "sklearn": set(),
}


def modules(root: Path) -> Iterator[tuple[str, Path]]:
    """(room, file) of every module; the public `explorer/__init__.py` belongs to no room."""
    for path in sorted(root.glob("explorer/**/*.py")):
        if path != root / "explorer" / "__init__.py":
            yield path.relative_to(root / "explorer").parts[0].removesuffix(".py"), path
    for path in sorted(root.glob("pages/**/*.py")):
        yield "pages", path


def dotted(node: ast.AST, package: list[str]) -> list[str]:
    """What one import statement names; `from a import b` may mean the module a.b."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else []
        start = ".".join([*above, *([node.module] if node.module else [])])
        return [start] if start.count(".") else [f"{start}.{each.name}" for each in node.names]
    return []


def imports(path: Path, root: Path) -> Iterator[str]:
    """Everything that a module imports anywhere in it, as dotted names."""
    package = list(path.relative_to(root).parent.parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        yield from dotted(node, package)


def violations(root: Path) -> list[str]:
    """One line for each import that the floors forbid, and for each room that has no floor."""
    found = []
    for room, path in modules(root):
        where = path.relative_to(root)
        if room not in FLOOR:
            found.append(f"{where}: {room} has no floor")
            continue
        for name in imports(path, root):
            top, _, rest = name.partition(".")
            other = rest.split(".")[0]
            if room not in OWNERS.get(top, {room}):
                found.append(f"{where} imports {top}")
            if top == "pages" and room != "pages":
                found.append(f"{where} imports pages")
            if top != "explorer" or other in ("", room):
                continue
            if other not in FLOOR:
                found.append(f"{where} imports {name}, which has no floor")
            elif FLOOR[other] >= FLOOR[room] and (room, other) not in SAME_FLOOR:
                found.append(f"{where} imports {other}")
    return found


def shadows(root: Path) -> list[str]:
    """Modules that would hide another package when `explorer/` itself is first on sys.path."""
    named = {name.split(".")[0] for _, path in modules(root) for name in imports(path, root)}
    taken = named | set(sys.stdlib_module_names) | set(importlib.metadata.packages_distributions())
    taken -= {"explorer", "pages"}
    ours = {path.stem for path in (root / "explorer").iterdir() if path.suffix in (".py", "")}
    return sorted(ours & taken)


def circles(root: Path) -> list[str]:
    """A circle of modules that import each other, wherever in them they do, if there is one."""
    files = {}
    for _, path in modules(root):
        parts = path.relative_to(root).with_suffix("").parts
        files[".".join(part for part in parts if part != "__init__")] = path
    graph: dict[str, set[str]] = defaultdict(set)
    for module, path in files.items():
        package = list(path.relative_to(root).parent.parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = dotted(node, package)
            if isinstance(node, ast.ImportFrom):
                inner = {f"{start}.{each.name}" for start in named for each in node.names}
                # `from package import module` waits for the module, not for the whole package.
                named = inner if inner <= files.keys() else [*named, *inner]
            graph[module] |= {name for name in named if name in files and name != module}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_every_room_imports_from_floors_below_its_own_only():
    assert violations(ROOT) == []


def test_no_module_hides_a_package_when_streamlit_runs_app_py():
    assert shadows(ROOT) == []


def test_no_modules_import_each_other_in_a_circle():
    assert circles(ROOT) == []


def lines_of(paths: Iterable[Path]) -> int:
    return sum(len(path.read_text("utf-8").splitlines()) for path in paths)


def test_no_room_holds_more_than_a_quarter_and_ui_stays_small():
    rooms: dict[str, list[Path]] = defaultdict(list)
    for room, path in modules(ROOT):
        rooms[room].append(path)
    sizes = {room: lines_of(paths) for room, paths in rooms.items()}
    whole = sum(sizes.values())
    assert {room: size for room, size in sizes.items() if size > whole / 4} == {}
    assert sizes["ui"] <= 5_000


def test_no_file_is_too_long_to_be_read_at_once():
    most = defaultdict(lambda: 300, pages=250)
    sizes = {path: (lines_of([path]), most[room]) for room, path in modules(ROOT)}
    assert {str(path): size for path, (size, limit) in sizes.items() if size > limit} == {}


OWNERS_OF_STREAMLIT = {
    "st.session_state": {"ui/state.py", "serving/windows.py"},
    "st.query_params": {"ui/address.py"},
}


@pytest.mark.parametrize("what", OWNERS_OF_STREAMLIT)
def test_session_and_address_have_one_owner_each(what):
    named = re.compile(rf"\b{re.escape(what)}\b")
    users = {path for _, path in modules(ROOT) if named.search(path.read_text("utf-8"))}
    own = {ROOT / "explorer" / path for path in OWNERS_OF_STREAMLIT[what]}
    assert users == own


def test_there_is_no_folder_that_streamlit_would_take_for_its_pages():
    assert not (ROOT / "explorer" / "pages").exists()


BAD = {
    "store/a.py": ("from explorer.images import decode", "explorer/store/a.py imports images"),
    "images/a.py": ("from explorer import batch", "explorer/images/a.py imports batch"),
    "images/b.py": ("from ..store import paths", "explorer/images/b.py imports store"),
    "batch/a.py": ("import explorer.search.query", "explorer/batch/a.py imports search"),
    "search/a.py": ("def f():\n    import torch.nn", "explorer/search/a.py imports torch"),
    "cli/a.py": ("import streamlit as st", "explorer/cli/a.py imports streamlit"),
    "cli/b.py": ("from explorer.app import main", "explorer/cli/b.py imports app"),
    "ui/a.py": ("import pages.map", "explorer/ui/a.py imports pages"),
    "errors.py": ("from explorer import store", "explorer/errors.py imports store"),
    "attic/a.py": ("", "explorer/attic/a.py: attic has no floor"),
    "curate/a.py": ("import explorer.attic", "imports explorer.attic, which has no floor"),
}


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize("name", BAD)
def test_a_forbidden_import_is_found(tmp_path, name):
    text, complaint = BAD[name]
    write(tmp_path, {f"explorer/{name}": text})
    assert [complaint in line for line in violations(tmp_path)] == [True]


def test_what_is_allowed_is_not_complained_of(tmp_path):
    files = {
        "explorer/__init__.py": "from explorer.ui import anything",
        "explorer/probe/a.py": "from explorer import search\nfrom explorer.curate import export",
        "explorer/ui/a.py": "import streamlit\nfrom explorer.store import Dataset",
        "explorer/extractors/a.py": "import torch\nfrom . import b\nfrom ..errors import Oh",
        "pages/map.py": "import streamlit\nfrom explorer.ui import page",
    }
    assert violations(write(tmp_path, files)) == []


@pytest.mark.parametrize("name", ["umap.py", "types.py", "logging/__init__.py", "duckdb.py"])
def test_a_shadow_is_found(tmp_path, name):
    files = {f"explorer/{name}": "", "explorer/curate/a.py": "import duckdb, umap"}
    assert shadows(write(tmp_path, files)) == [name.partition("/")[0].removesuffix(".py")]


@pytest.mark.parametrize(
    "back",
    [
        "from explorer.store.a import A",
        "def f():\n    from explorer.store.a import A",
        "if TYPE_CHECKING:\n    from explorer.store.a import A",
    ],
)
def test_a_circle_is_found(tmp_path, back):
    files = {
        "explorer/store/__init__.py": "",
        "explorer/store/a.py": "from explorer.store import b",
        "explorer/store/b.py": back,
    }
    assert {"explorer.store.a", "explorer.store.b"} <= set(circles(write(tmp_path, files)))


HEAVY = ("torch", "timm", "umap", "numba", "sklearn", "openvino")


def loaded_by(code: str) -> list[str]:
    """Which of the heavy packages are loaded after running some code in a fresh Python."""
    code += f"\nimport sys; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    return done.stdout.split()


def test_importing_explorer_loads_nothing_heavy():
    assert loaded_by("import explorer") == []


def test_what_the_app_and_the_command_line_are_made_of_loads_nothing_heavy():
    needed = {"explorer.cli"}
    for room, path in modules(ROOT):
        if room in ("app", "pages", "ui", "serving", "insight"):
            needed |= {name for name in imports(path, ROOT) if name.startswith("explorer.")}
    code = (
        "import importlib\n"
        f"for name in {sorted(needed)}:\n"
        "    try: importlib.import_module(name)\n"
        "    except ModuleNotFoundError:\n"
        "        module, _, attribute = name.rpartition('.')\n"
        "        getattr(importlib.import_module(module), attribute)"
    )
    assert loaded_by(code) == []


def test_the_check_for_heavy_packages_can_fail():
    assert loaded_by("import sklearn") == ["sklearn"]
