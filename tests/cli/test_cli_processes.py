"""The command in a process of its own: streams, signals, encodings."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.fakes import embed, fill

from explorer.store import open_dataset, problems

COMMAND = [sys.executable, str(Path(__file__).with_name("explorer_with_fakes.py"))]


class Terminal:
    """A command whose standard error is a terminal, and whose standard output is a pipe."""

    def __init__(self, *arguments: object) -> None:
        ours, theirs = pty.openpty()
        self._shown: list[str] = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)], stdout=subprocess.PIPE, stderr=theirs, text=True
        )
        os.close(theirs)
        self._reader = threading.Thread(target=self._read, args=(ours,))
        self._reader.start()

    def _read(self, terminal: int) -> None:
        with os.fdopen(terminal, encoding="utf-8", errors="replace") as file:
            try:
                while text := os.read(file.fileno(), 4096).decode("utf-8", "replace"):
                    with self._changed:
                        self._shown.append(text)
                        self._changed.notify()
            except OSError:  # Linux's way to say that the other end is closed
                pass

    @property
    def shown(self) -> str:
        """All that was shown so far, without colours and cursor movements."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", "".join(self._shown))

    def wait_for(self, pattern: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: re.search(pattern, self.shown), timeout=60)

    def end(self) -> tuple[int, str]:
        """Exit code and standard output."""
        output, _ = self.process.communicate(timeout=60)
        self._reader.join()
        assert "Traceback" not in self.shown
        return self.process.returncode, output


@pytest.fixture
def source(tmp_path):
    return fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(60)})


def slowly(source, *more) -> list:
    arguments = ["embed", source, "--extractor", "slow-fake", "--cache", source.parent / "cache"]
    return [*arguments, "--batch-size", "4", "--no-analyze", "--json", *more]


def test_progress_goes_to_the_terminal_and_the_result_to_the_pipe(source):
    terminal = Terminal(*slowly(source))
    code, output = terminal.end()
    assert code == 0
    assert json.loads(output)["embedded"] == 60
    assert re.search(r"Embedding .*60 of 60", terminal.shown)
    assert "images/s" in terminal.shown


def test_without_a_terminal_there_is_no_progress(source):
    done = subprocess.run([*COMMAND, *map(str, slowly(source))], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["embedded"] == 60


def test_one_interrupt_stops_after_what_is_in_hand_and_says_how_to_go_on(source, tmp_path):
    terminal = Terminal(*slowly(source))
    terminal.wait_for(r" [4-9] of 60|[12]\d of 60")
    terminal.process.send_signal(signal.SIGINT)
    code, output = terminal.end()
    assert code == 130
    told = json.loads(output)
    assert told["interrupted"]
    assert 4 <= told["embedded"] < 60
    assert "Stopping after what is in hand" in terminal.shown
    assert "What is done is kept: run the same command again to go on." in terminal.shown
    assert list(problems(tmp_path / "cache/photos")) == []
    code, output = Terminal(*slowly(source)).end()
    told = json.loads(output)
    assert (code, told["embedded"] + told["unchanged"]) == (0, 60)
    assert told["unchanged"] >= 4


def test_a_second_interrupt_stops_at_once(source, tmp_path):
    terminal = Terminal(*slowly(source, "--batch-size", "60"))
    terminal.wait_for("Loading the extractor|Embedding")
    terminal.process.send_signal(signal.SIGINT)
    terminal.wait_for("Ctrl-C again")
    terminal.process.send_signal(signal.SIGINT)
    code, _ = terminal.end()
    assert code == 130
    if (tmp_path / "cache/photos/dataset.json").exists():
        assert list(problems(tmp_path / "cache/photos")) == []


def test_two_jobs_on_one_dataset_the_second_says_who_is_there(source, monkeypatch):
    monkeypatch.setenv("SLOWNESS", "1")
    terminal = Terminal(*slowly(source))
    terminal.wait_for("Embedding")
    second = subprocess.run([*COMMAND, *map(str, slowly(source))], capture_output=True, text=True)
    terminal.process.send_signal(signal.SIGINT)
    assert second.returncode == 1
    assert f"is being written by process {terminal.process.pid} on " in second.stderr
    assert second.stdout == ""
    assert terminal.end()[0] == 130


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_reader_that_leaves_is_no_error(source, tmp_path, form):
    embed(source, tmp_path / "cache")
    command = [*COMMAND, "info", "--cache", str(tmp_path / "cache")]
    command += ["--json"] if form == "json" else []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("line", [["--help"], ["extractors"], ["extractors", "--json"]])
def test_an_output_that_cannot_be_written_is_one_sentence(line):
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, *line], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.stderr == "Error: The output cannot be written: No space left on device.\n"
    assert done.returncode == 1


def test_without_any_output_a_command_does_its_work(source, tmp_path):
    line = ["embed", str(source), "--extractor", "fake", "--cache", str(tmp_path / "cache")]
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, *line, "--no-analyze"]
    done = subprocess.run(closed, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(open_dataset("photos", cache=tmp_path / "cache")) == 60


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_any_name_can_be_printed_in_any_encoding(tmp_path, encoding):
    names = {os.fsdecode(b"caf\xe9.jpg"): 1, "日本.jpg": 2, "été\n.jpg": 3, "bad日.jpg": b"?"}
    source = fill(tmp_path / os.fsdecode(b"\xe9t\xe9"), names)
    embed(source, tmp_path / "cache")
    for arguments in (["info"], ["search", "--id", "0", "--id", "1"]):
        done = subprocess.run(
            [*COMMAND, *arguments, "--cache", str(tmp_path / "cache")],
            capture_output=True,
            env=os.environ | {"PYTHONIOENCODING": encoding},
        )
        assert b"Traceback" not in done.stderr
        assert done.returncode in (0, 1)


def test_the_default_cache_is_in_the_folder_one_is_in(source, tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "EXPLORER_CACHE"}
    arguments = ["embed", "photos", "--extractor", "fake", "--no-analyze"]
    subprocess.run([*COMMAND, *arguments], cwd=tmp_path, env=environment, check=True)
    assert len(open_dataset("photos", cache=tmp_path / "cache")) == 60
