"""Whose folders the app reads and writes: all for its own user, the allowed ones for others."""

import sys
from pathlib import Path

import pytest

from explorer.errors import UsageError
from explorer.serving import folders
from explorer.serving.folders import ADD, EXPORT, Folders

HERE = {"Host": "127.0.0.1:8501", "Origin": "http://127.0.0.1:8501"}


@pytest.fixture(autouse=True)
def _as_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py"])


def test_the_user_at_the_machine_itself_is_known() -> None:
    assert folders.is_own_user(HERE, "127.0.0.1")
    assert folders.is_own_user({"host": "localhost:9000"}, "localhost")
    assert folders.is_own_user({"host": "[::1]:9000"}, "::1")


@pytest.mark.parametrize(
    "passed_on",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"x-forwarded-proto": "https"},
        {"X-Forwarded-Host": "localhost"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Host": "explorer.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "10.0.0.7:8501"},
        {"Host": ""},
    ],
)
def test_behind_a_proxy_anybody_may_be_looking(passed_on: dict[str, str]) -> None:
    assert not folders.is_own_user(HERE | passed_on, "127.0.0.1")


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.7", "explorer.example", "None"])
def test_on_another_address_anybody_may_be_looking(address: str) -> None:
    assert not folders.is_own_user(HERE, address)


def test_without_a_token_another_account_of_the_machine_may_be_looking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "--no-token"])
    assert not folders.is_own_user(HERE, "127.0.0.1")


def test_what_is_allowed_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    monkeypatch.setattr(
        sys, "argv", ["app.py", ADD, str(tmp_path / "link"), EXPORT, "a", EXPORT, "b"]
    )
    assert folders.folders(ADD).within == (tmp_path / "there",)
    assert folders.folders(EXPORT).within == (Path("a").resolve(), Path("b").resolve())
    monkeypatch.setattr(sys, "argv", ["app.py"])
    assert folders.folders(ADD).is_none


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An allowed folder beside a secret one, with ways out of it."""
    allowed = tmp_path / "allowed"
    (allowed / "photos").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "allowed too").mkdir()  # its name begins like an allowed one's
    (allowed / "out").symlink_to(tmp_path / "secret")
    (allowed / "in").symlink_to(allowed / "photos")
    return allowed


def test_reading_keeps_to_what_lies_in_an_allowed_folder(place: Path) -> None:
    only = Folders(ADD, (place,))
    assert only.source(str(place)) == str(place)
    assert only.source(f"{place}/photos/../photos") == str(place / "photos")
    assert only.source(f"{place}/in") == str(place / "photos")


@pytest.mark.parametrize(
    "asked",
    [
        "{place}/..",
        "{place}/../secret",
        "{place}/out",
        "{place}/photos/../../secret",
        "{place} too",
        "{place}/nowhere",
        "{place}/{{photos,../secret}}",  # a pattern is expanded after the question
        "{place}/photos/*",
        "/etc",
        "~",
        "https://example.org/photos.zip",
        "file://{place}/photos",
        "s3://bucket/photos",
        "a\0b",
        "x" * 5000,
        "~nobody-of-that-name/x",
    ],
)
def test_reading_goes_nowhere_else(place: Path, asked: str) -> None:
    with pytest.raises(UsageError, match="nothing in a folder that is allowed") as told:
        Folders(ADD, (place,)).source(asked.format(place=place))
    assert str(place) in str(told.value)


def test_what_is_not_there_and_what_is_not_allowed_are_told_alike(place: Path) -> None:
    answers = []
    for name in ("secret", "absent"):
        with pytest.raises(UsageError) as told:
            Folders(ADD, (place,)).source(f"{place.parent}/{name}")
        answers.append(str(told.value).replace(name, "…"))
    assert answers[0] == answers[1]


def test_writing_keeps_to_what_lies_in_an_allowed_folder(place: Path) -> None:
    only = Folders(EXPORT, (place,))
    assert only.target(f"{place}/new") == place / "new"
    assert only.target(f"{place}/in/new") == place / "photos/new"
    for asked in ("", "/..", "/../secret/new", "/out/new", "/out", "/photos/../..", " too/new"):
        with pytest.raises(UsageError, match="nothing in a folder that is allowed"):
            only.target(f"{place}{asked}")
    with pytest.raises(UsageError, match="nothing in a folder that is allowed"):
        only.target("exports/new")


def test_for_the_own_user_a_path_is_taken_as_it_is() -> None:
    assert Folders(ADD, None).source("s3://bucket/{a,b}.tar") == "s3://bucket/{a,b}.tar"
    assert Folders(EXPORT, None).target("exports/new") == Path("exports/new")
