"""Packages whose names are imported when somebody asks for them.

A room's `__init__` says what the room offers and where each name comes from, under
`if TYPE_CHECKING:`, where people, mypy and editors read it. `names_on_demand` reads it there, too,
makes the room's `__all__` of it, and imports a name's module at its first use (PEP 562; SPEC 1 of
Scientific Python does the same with stub files). So `explorer --help` loads no numpy, and
`explorer tag` no model.
"""

import ast
import importlib
import importlib.util
import sys
import threading
from types import ModuleType
from typing import Any

Homes = dict[str, tuple[str, str]]

_IMPORTING = threading.RLock()


class _Package(ModuleType):
    """A package that asks the modules it is made of for its names."""

    _homes: Homes

    def __getattr__(self, name: str) -> Any:
        # One thread at a time: two that import the same modules in other orders would wait for
        # each other, which Python ends by an error.
        with _IMPORTING:
            value = self._found(name)
        self.__dict__[name] = value
        return value

    def _found(self, name: str) -> object:
        module, inner = self._homes.get(name, (self.__name__, name))
        if module != self.__name__:
            return getattr(importlib.import_module(module), inner)
        inside = f"{module}.{inner}"
        if name.startswith("__") or importlib.util.find_spec(inside) is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return importlib.import_module(inside)

    def __setattr__(self, name: str, value: object) -> None:
        # Python puts a module that it has imported into its package. There the name may be that of
        # something in the module: `explorer.search` is the function, as it is in the package.
        hides = isinstance(value, ModuleType) and self._homes.get(name, ("",))[0] != self.__name__
        if not (name in self._homes and hides):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        special = (name for name in self.__dict__ if name.startswith("__"))
        return sorted({*special, *self._homes})


def names_on_demand(package: str) -> None:
    """Let a package, which is being imported, import what it names when it is asked for it."""
    module = sys.modules[package]
    spec = module.__spec__
    source = spec.loader.get_source(package) if spec else None  # type: ignore[union-attr]
    if source is None:
        raise ImportError(f"{package} is installed without its source, which says what it offers.")
    homes = module.__dict__["_homes"] = _told_homes(ast.parse(source))
    module.__dict__.setdefault("__all__", sorted(homes))
    module.__class__ = _Package


def _told_homes(tree: ast.Module) -> Homes:
    """Where the names come from: the imports under `if TYPE_CHECKING:`, by the name they give."""
    guarded = (node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.asname or alias.name: (each.module or "", alias.name)
        for node in guarded
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for each in node.body
        if isinstance(each, ast.ImportFrom)
        for alias in each.names
    }
