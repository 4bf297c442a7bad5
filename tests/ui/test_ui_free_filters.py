"""SQL in the filter: what a link brings waits for a click, and nobody waits for what takes long."""

import itertools
import resource
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.fakes import analyzed, fill

from explorer.errors import LimitError
from explorer.filters import (
    KINDS,
    Condition,
    Contains,
    Days,
    LooksOtherwise,
    OneOf,
    Present,
    Range,
    ShorterSide,
    Sql,
    Tagged,
    UnlikeLabels,
    decode,
    encode,
    matching,
    parsing,
    shown_rows,
)
from explorer.filters.sandbox import Sandbox
from explorer.store import Dataset

PAGES = Path(__file__).parents[2] / "pages"

NUMBERS = itertools.count(1000)
OF_A = OneOf("label", ("a",))
ENDLESS = "(SELECT count(*) FROM range(100000000000000)) > {}"
CLICKED = [
    Range("width", 1, 5000),
    Range("width", low=1),
    Range("image_id", high=3),
    Days("mtime", date(2000, 1, 1), date(2100, 1, 1)),
    OneOf("label", ("a",)),
    OneOf("image_id", (1, 2)),
    Contains("path", "a/"),
    Present("label", True),
    Present("cluster", False, codes=True),
    ShorterSide(1, 100),
    Tagged(("mine",)),
    Tagged(("mine", "x"), holds=False),
    UnlikeLabels(),
    LooksOtherwise(),
]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("free")
    source = fill(folder / "photos", {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(8)})
    return analyzed(source, folder / "cache")


def use(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (matching, parsing):
        monkeypatch.setattr(module, "SANDBOX", sandbox)


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The one that this process uses, and that nobody has asked yet."""
    one = Sandbox(time_limit=60, patience=60)  # for a machine that is busy
    use(one, monkeypatch)
    yield one
    one.close()


@pytest.fixture
def sql() -> str:
    """True for 6 of the 8, and what no other test has asked: that would be remembered."""
    return f"image_id > 5 OR label = 'a' OR image_id = {next(NUMBERS)}"


@pytest.fixture
def open_app(dataset: Dataset, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch):
    """`open_app(condition, …)` is a session that begins with a link."""
    monkeypatch.setenv("EXPLORER_CACHE", str(dataset.root.parent))

    def opened(*conditions: Condition, where: tuple[str, ...] = ()) -> AppTest:
        app = AppTest.from_file(PAGES / "export.py", default_timeout=60)
        app.query_params["filter"] = list(map(encode, conditions))
        app.query_params["where"] = list(where)
        return done(app.run())

    return opened


def done(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    return done(next(button for button in app.button if button.label == label).click().run())


def says(app: AppTest, text: str) -> bool:
    return any(text in each.proto.body for each in app.get("html"))


def waiting(app: AppTest) -> list[str]:
    return [each.value for each in app.code if each.language == "sql"]


def address(app: AppTest) -> list[Condition]:
    """The conditions in the address as it is now."""
    found = app.query_params.get("filter", [])
    return [decode(each) for each in ([found] if isinstance(found, str) else found)]


def test_sql_in_a_link_is_shown_and_not_run_before_a_click(
    open_app, sql: str, sandbox: Sandbox
) -> None:
    app = open_app(OF_A, Sql(sql))
    assert waiting(app) == [sql]
    assert says(app, "4 of 8 images")  # the other condition is one of clicking
    assert sandbox._worker is None
    assert address(app) == [OF_A, Sql(sql)]

    press(app, "Run this filter")
    assert waiting(app) == []
    assert says(app, "4 of 8 images")
    assert sandbox._worker is not None
    press(app, "Remove filter 1")
    assert says(app, "6 of 8 images")
    assert address(app) == [Sql(sql)]

    assert waiting(open_app(Sql(sql))) == [sql]  # another session has not agreed
    assert waiting(open_app(Sql(sql), Sql(sql + " "))) == [sql, sql + " "]


def test_the_links_of_before_open_as_one_condition_in_sql(open_app, sql: str) -> None:
    app = open_app(where=("label = 'a'", sql))
    one = f"(label = 'a') AND ({sql})"
    assert waiting(app) == [one]
    assert address(app) == [Sql(one)]
    press(app, "Run this filter")
    assert says(app, "4 of 8 images")


def test_a_filter_that_waits_is_not_lost_by_other_clicks_and_can_be_removed(
    open_app, sql: str
) -> None:
    app = open_app(OF_A, Sql(sql))
    press(app, "Remove filter 1")
    assert waiting(app) == [sql]
    assert address(app) == [Sql(sql)]
    press(app, "Remove it")
    assert waiting(app) == []
    assert address(app) == []


def test_one_that_takes_too_long_is_told_and_waits_again(
    open_app, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox(time_limit=2)
    use(sandbox, monkeypatch)
    sql = ENDLESS.format(0)
    app = open_app(Sql(sql))
    began = time.monotonic()
    press(app, "Run this filter")
    assert time.monotonic() - began > 2
    assert says(app, "was stopped: it takes over 2 s. Ask for less")
    assert waiting(app) == [sql]
    assert sandbox._worker is None
    done(app.run())  # it is not run again by itself
    assert sandbox._worker is None
    assert address(app) == [Sql(sql)]


def test_wrong_sql_says_so_when_it_is_run(open_app) -> None:
    app = open_app(Sql("mood >"))
    press(app, "Run this filter")
    assert says(app, "The filter “mood &gt;” does not work here and was taken away.")
    assert waiting(app) == []
    assert address(app) == []


def test_what_clicking_makes_needs_no_process(dataset: Dataset, sql: str, sandbox: Sandbox) -> None:
    dataset.tags.add("mine", [1])
    space = Dataset(dataset.root).space()
    assert {type(made) for made in CLICKED} == {*KINDS.values()} - {Sql}
    for made in CLICKED:
        assert shown_rows(space, (made,)) is not None
        assert sandbox._worker is None, made
    assert len(shown_rows(space, (Sql(sql),))) == 6
    assert sandbox._worker is not None


def test_four_that_never_end_stop_nobody(
    open_app, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = Sandbox(time_limit=600, patience=1)
    use(patient, monkeypatch)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused: list[str] = []

    def run(sql: str) -> None:
        with pytest.raises(LimitError) as caught:
            shown_rows(dataset.space(), (Sql(sql),))
        refused.append(str(caught.value))

    bombs = [threading.Thread(target=run, args=(ENDLESS.format(n),)) for n in range(4)]
    for each in bombs:
        each.start()
    wait_until(lambda: len(refused) == 3)
    assert all("has not been run: others have been at work for 1 s" in each for each in refused)

    app = open_app(OneOf("label", ("b",)))  # the app, while the fourth is at it
    assert says(app, "4 of 8 images")
    press(app, "Clear all")
    assert len(refused) == 3
    patient.close()
    for each in bombs:
        each.join()
    assert "it ended the process that ran it" in refused[3]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200 << 10  # kB: the app's own pages, and nothing of the four


def wait_until(is_so) -> None:
    patience = time.monotonic() + 60
    while not is_so() and time.monotonic() < patience:
        time.sleep(0.05)
    assert is_so()


def test_a_crash_is_over_at_the_next_question(open_app, sql: str, sandbox: Sandbox) -> None:
    app = press(open_app(Sql(sql)), "Run this filter")
    assert says(app, "6 of 8 images")
    sandbox._worker._child.strike()
    other = press(open_app(Sql("image_id < 3 OR label IS NULL")), "Run this filter")
    assert says(other, "3 of 8 images")
