"""A child process that answers garbage costs one image or one filter, and the next one works."""

import resource

import numpy as np
import pyarrow as pa
import pytest
from hostile_children import ANSWERS

from explorer.child_process import ChildProcess
from explorer.errors import ImageError, LimitError
from explorer.filters import sandbox as sandboxes
from explorer.filters.sandbox import Sandbox
from explorer.images import SafeDecoder, safe_decoder

GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00"
    b"\x02\x02D\x01\x00;"
)
COLUMNS = pa.table({"image_id": np.arange(10)})
SLOW = ["nothing", "never ends"]


def answering(kind, before=b""):
    """Instead of a child process of ours, one that answers garbage, once."""
    begin, asked = ChildProcess.__init__, []

    def start(self, module, call, *rest):
        asked.append(call)
        if len(asked) == 1:
            module, call = "hostile_children", f"main({kind!r}, {before!r})"
        begin(self, module, call, *rest)

    return start


@pytest.fixture(autouse=True)
def unpickled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize("kind", ANSWERS)
def test_garbage_of_a_decoder_costs_one_image(kind, monkeypatch):
    monkeypatch.setattr(ChildProcess, "__init__", answering(kind))
    monkeypatch.setattr(safe_decoder, "GRACE", 0.5)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with SafeDecoder(time_limit=0.5 if kind in SLOW else 60) as decoder:
        with pytest.raises(ImageError, match=r"^The GIF decoder (crashed|took longer)"):
            decoder.decode(GIF)
        decoder._settings = ("explorer.images.decode:decode", 60, 4 << 30)
        assert decoder.decode(GIF).image.size == (1, 1)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 << 10


def test_garbage_of_a_sandbox_costs_one_filter(monkeypatch):
    sandbox = Sandbox()
    for kind in ANSWERS:
        sandbox._time_limit = 0.5 if kind in SLOW else 60
        with monkeypatch.context() as context:
            context.setattr(ChildProcess, "__init__", answering(kind, before=sandboxes.STARTED))
            with pytest.raises(LimitError, match=r"it (ended the process|takes over 0\.5 s)"):
                sandbox.ids_where(COLUMNS, f"'{kind}' = 'x'")
    assert sandbox.ids_where(COLUMNS, "image_id > 3").tolist() == [4, 5, 6, 7, 8, 9]
    sandbox.close()


def test_a_sandbox_that_never_begins_is_told(monkeypatch):
    monkeypatch.setattr(ChildProcess, "__init__", answering("no JSON", before=b"?"))
    with pytest.raises(LimitError, match="was stopped: it ended the process"):
        Sandbox(time_limit=60).ids_where(COLUMNS, "true")


def test_tags_that_are_nowhere_in_an_expression_are_no_answer(monkeypatch):
    monkeypatch.setattr(ChildProcess, "__init__", answering("no spans", before=sandboxes.STARTED))
    with pytest.raises(LimitError, match="it ended the process"):
        Sandbox(time_limit=60).parse("true")


def test_ids_that_the_dataset_lacks_do_not_come_through(monkeypatch):
    monkeypatch.setattr(ChildProcess, "__init__", answering("foreign ids", before=b"s"))
    sandbox = Sandbox(time_limit=60)
    assert sandbox.ids_where(COLUMNS, "true").tolist() == [3]
    sandbox.close()


def test_what_is_said_after_an_answer_is_not_the_next_answer(monkeypatch):
    monkeypatch.setattr(ChildProcess, "__init__", answering("said twice"))
    with SafeDecoder() as decoder:
        assert decoder.decode(GIF).image.size == (2, 2)
        assert decoder.decode(GIF).image.size == (1, 1)
