"""`import explorer`: what it gives, and that it is the same as the command line."""

import inspect

import pytest

import explorer
from explorer import errors


def test_the_names_are_sorted_and_all_of_them_are_there():
    assert explorer.__all__ == sorted(explorer.__all__)
    assert all(hasattr(explorer, name) for name in explorer.__all__)


def test_nothing_is_public_by_accident():
    assert {name for name in dir(explorer) if not name.startswith("_")} == set(explorer.__all__)


@pytest.mark.parametrize("name", explorer.__all__)
def test_every_name_explains_itself(name):
    assert len(inspect.getdoc(getattr(explorer, name)) or "") > 20


def test_every_error_is_caught_with_one_name_and_drawn_in_the_tree():
    found = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    assert all(issubclass(each, explorer.ExplorerError) for each in found)
    assert all(each.__name__ in (errors.__doc__ or "") for each in found)
    assert {each.__name__ for each in found} <= set(explorer.__all__)


def test_functions_take_options_by_name_only():
    for name in explorer.__all__:
        value = getattr(explorer, name)
        if inspect.isfunction(value):
            parameters = inspect.signature(value).parameters.values()
            by_place = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
            assert len(by_place) <= 2, name
            assert all(each.annotation is not each.empty for each in parameters), name
