from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import hostile_decoders
import pytest
from PIL import Image
from support.image_files import big_endian_tiff, encode, quarters

from explorer.errors import ImageError
from explorer.images import SafeDecoder, decode

RISKY = ["GIF", "BMP", "TIFF", "AVIF", "PPM", "JPEG2000"]
GIF = encode(quarters(), "GIF")
EVIL_GIF = GIF + hostile_decoders.MARK


def process_of(decoder: SafeDecoder) -> int:
    with pytest.raises(ImageError) as caught:
        decoder.decode(GIF)
    return int(str(caught.value))


def runs(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + 30
    while runs(pid):
        assert time.monotonic() < deadline, f"process {pid} still runs"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def safe_decoder():
    with SafeDecoder() as decoder:
        yield decoder


@pytest.mark.parametrize("format", RISKY)
def test_a_process_decodes_as_we_would(safe_decoder, format):
    data = encode(quarters(301, 203), format)
    there, here = safe_decoder.decode(data), decode(data)
    assert (there.format, there.width, there.height) == (format, 301, 203)
    assert there.image.mode == "RGB"
    assert there.image.tobytes() == here.image.tobytes()


def test_reasons_come_from_the_process(safe_decoder):
    with pytest.raises(ImageError, match="The GIF file is truncated"):
        safe_decoder.decode(encode(Image.effect_noise((90, 90), 90), "GIF")[:2000])
    with pytest.raises(ImageError, match="The file is empty"):
        safe_decoder.decode(b"")


def test_the_pixel_limit_holds_everywhere():
    with SafeDecoder(max_pixels=64 * 32 - 1) as decoder:
        for format in ("GIF", "JPEG"):
            with pytest.raises(ImageError, match="64 × 32 pixels"):
                decoder.decode(encode(quarters(), format))


def test_the_limit_is_ours_not_the_lower_one_of_pillow(safe_decoder):
    data = big_endian_tiff(19_000, 10_000, bits=8, pixels=b"only the start")
    with pytest.raises(ImageError, match="The TIFF file is truncated"):
        safe_decoder.decode(data)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_common_formats_need_no_process(format):
    with SafeDecoder(decoder="hostile_decoders:tell_process") as decoder:
        assert decoder.decode(encode(quarters(), format)).format == format


def test_common_formats_are_scaled_down(safe_decoder):
    decoded = safe_decoder.decode(encode(quarters(1600, 1200), "JPEG"), min_side=150)
    assert decoded.image.size == (400, 300)


@pytest.mark.parametrize("crash", ["segfault", "exit_at_once"])
def test_a_crash_costs_one_image(crash):
    with SafeDecoder(decoder=f"hostile_decoders:{crash}") as decoder:
        for _ in range(2):
            with pytest.raises(ImageError, match=r"^The GIF decoder crashed on the file\.$"):
                decoder.decode(EVIL_GIF)
            assert decoder.decode(GIF).width == 64


@pytest.mark.parametrize("hang", ["hang", "hang_with_the_gil"])
def test_a_hang_costs_one_image(hang):
    with SafeDecoder(decoder=f"hostile_decoders:{hang}", time_limit=0.5) as decoder:
        with pytest.raises(ImageError, match=r"took longer than 0\.5 seconds on the file\.$"):
            decoder.decode(EVIL_GIF)
        assert decoder.decode(GIF).width == 64


@pytest.mark.skipif(sys.platform != "linux", reason="the memory limit is Linux's RLIMIT_DATA")
def test_too_much_memory_costs_one_image():
    data = encode(Image.new("1", (10_000, 10_000)), "TIFF", compression="group4")
    with SafeDecoder(memory_limit=200 << 20) as decoder:
        # Where the memory runs out within C code the decoder crashes; either way it is one image.
        says = "not enough memory to decode the TIFF image|The TIFF decoder crashed"
        with pytest.raises(ImageError, match=says):
            decoder.decode(data)
        assert decoder.decode(GIF).width == 64


def test_noise_of_the_decoder_goes_nowhere(capfd):
    with SafeDecoder(decoder="hostile_decoders:chatter") as decoder:
        assert decoder.decode(GIF).image.tobytes() == decode(GIF).image.tobytes()
    assert capfd.readouterr() == ("", "")


def test_threads_crash_independently():
    with SafeDecoder(decoder="hostile_decoders:segfault") as decoder, ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(decoder.decode, data) for data in [GIF, EVIL_GIF, GIF] * 6]
        outcomes = [job.exception() or job.result().width for job in jobs]
    assert [outcome for outcome in outcomes if outcome == 64] == [64] * 12
    assert all(isinstance(outcome, ImageError) for outcome in outcomes[1::3])


def test_the_process_is_kept_until_close():
    decoder = SafeDecoder(decoder="hostile_decoders:tell_process")
    first = process_of(decoder)
    assert process_of(decoder) == first
    assert first != os.getpid()
    decoder.close()
    wait_for_end(first)


def test_a_process_killed_between_two_images_costs_none():
    with SafeDecoder() as decoder:
        decoder.decode(GIF)
        (worker,) = decoder._idle
        os.kill(worker.pid, signal.SIGKILL)
        os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)
        assert decoder.decode(GIF).width == 64


PARENT = """
import sys, threading
sys.path[:0] = {path!r}
from explorer.errors import ImageError
from explorer.images import SafeDecoder
from test_adversary_decoders import EVIL_GIF, process_of
decoder = SafeDecoder(decoder="hostile_decoders:tell_process")
print(process_of(decoder), flush=True)
sys.stdin.read()
"""


def test_no_process_outlives_a_killed_parent():
    code = PARENT.format(path=sys.path)
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with parent:
        worker = int(parent.stdout.readline())
        assert runs(worker)
        parent.kill()
    wait_for_end(worker)


def test_the_process_is_light():
    with (
        SafeDecoder(decoder="hostile_decoders:tell_heavy_imports") as decoder,
        pytest.raises(ImageError, match=r"heavy: \[\]"),
    ):
        decoder.decode(GIF)


def test_a_process_that_does_not_start_is_a_reason():
    with (
        SafeDecoder(decoder="no_such_module:decode") as decoder,
        pytest.raises(ImageError, match="could not be started"),
    ):
        decoder.decode(GIF)
