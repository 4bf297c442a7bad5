"""Pictures that are whole although something else in their file is not."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from support.image_files import encode, icc_profile

from explorer.errors import ImageError
from explorer.images import decode

PICTURE = Image.effect_mandelbrot((120, 90), (-3, -2.5, 2, 2.5), 20).convert("RGB")
PNG = encode(PICTURE, "PNG")


def chunk(kind: bytes, content: bytes, crc: int | None = None) -> bytes:
    crc = zlib.crc32(kind + content) if crc is None else crc
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def with_chunk(extra: bytes, *, at_end: bool = False) -> bytes:
    """The picture with a chunk behind its header, or behind its pixels."""
    place = len(PNG) - 12 if at_end else 33
    return PNG[:place] + extra + PNG[place:]


MUCH = b"x" * 70_000_000

ODD = {
    "text with a wrong checksum": chunk(b"tEXt", b"Comment\0hello", crc=1),
    "an unknown chunk with a wrong checksum": chunk(b"prVt", b"hello", crc=1),
    "broken packed text": chunk(b"zTXt", b"Comment\0\0not zlib"),
    "broken international text": chunk(b"iTXt", b"Comment\0\1\0en\0\0not zlib"),
    "international text without its parts": chunk(b"iTXt", b"Comment"),
    "packed text without end": chunk(b"zTXt", b"C\0\0" + zlib.compress(MUCH)[:-9]),
    "large packed text": chunk(b"zTXt", b"C\0\0" + zlib.compress(MUCH)),
    "large international text": chunk(b"iTXt", b"C\0\1\0\0\0" + zlib.compress(MUCH)),
    "a broken profile": chunk(b"iCCP", b"ICC\0\0not zlib"),
    "a profile without a name": chunk(b"iCCP", b""),
    "a large profile": chunk(b"iCCP", b"ICC\0\0" + zlib.compress(MUCH[:3_000_000])),
    "a profile with a wrong checksum": chunk(b"iCCP", b"ICC\0\0" + zlib.compress(b"x"), crc=1),
    **{f"a short {kind.decode()}": chunk(kind, b"\1") for kind in (b"pHYs", b"gAMA", b"cHRM")},
    **{
        f"an empty {kind.decode()}": chunk(kind, b"")
        for kind in (b"sRGB", b"acTL", b"fcTL", b"eXIf")
    },
}


@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize("what", ODD)
def test_a_png_is_its_pixels(what, at_end):
    decoded = decode(with_chunk(ODD[what], at_end=at_end))
    assert np.array_equal(np.asarray(decoded.image), np.asarray(PICTURE))


def test_a_transparent_colour_with_a_wrong_checksum_is_none():
    decoded = decode(with_chunk(chunk(b"tRNS", bytes(6), crc=1)))
    assert np.array_equal(np.asarray(decoded.image), np.asarray(PICTURE))


def test_what_is_sound_beside_an_odd_chunk_still_counts():
    profile, orientation = icc_profile(1.8), Image.Exif()
    orientation[274] = 6
    sound = encode(PICTURE, "PNG", icc_profile=profile, exif=orientation)
    odd = sound[:33] + ODD["broken packed text"] + sound[33:]
    assert decode(odd).image.size == (90, 120)
    assert np.array_equal(np.asarray(decode(odd).image), np.asarray(decode(sound).image))


@pytest.mark.parametrize("damage", ["pixels", "header", "half"])
def test_a_png_whose_pixels_are_not_whole_is_rejected(damage):
    data = bytearray(with_chunk(ODD["broken packed text"]))
    start = data.index(b"IDAT") + 4
    if damage == "pixels":
        data[start + 200] ^= 0xFF
    elif damage == "header":
        data[30] ^= 0xFF
    else:
        del data[start + 300 :]
    with pytest.raises(ImageError, match=r"^The PNG file is (damaged|truncated)"):
        decode(bytes(data))


# JPEG files that lack their end

KINDS = {
    "baseline": {},
    "progressive": {"progressive": True},
    "with restarts": {"restart_marker_rows": 1},
    "grey": {"mode": "L"},
    "progressive CMYK": {"mode": "CMYK", "progressive": True},
}
TRAILERS = {
    "nothing": b"",
    "zeros": bytes(600),
    "text": b"<x:xmpmeta>a note</x:xmpmeta>" * 30,
    "a marker and more": b"\xff\x41" + b"note" * 100,
    "another photo": encode(PICTURE.resize((16, 12)), "JPEG"),
}


def endless(kind: str) -> bytes:
    options = dict(KINDS[kind])
    data = encode(PICTURE.convert(options.pop("mode", "RGB")), "JPEG", **options)
    assert data.endswith(b"\xff\xd9")
    return data[:-2]


@pytest.mark.parametrize("trailer", TRAILERS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_jpeg_without_its_end_has_all_its_lines(kind, trailer):
    data = endless(kind)
    whole = decode(data + b"\xff\xd9")
    for min_side in (None, 20):
        found = decode(data + TRAILERS[trailer], min_side=min_side)
        assert (found.width, found.height) == (120, 90)
    assert np.array_equal(
        np.asarray(decode(data + TRAILERS[trailer]).image), np.asarray(whole.image)
    )


@pytest.mark.parametrize("trailer", [*TRAILERS, "as many zeros as are missing"])
@pytest.mark.parametrize("part", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("kind", KINDS)
def test_a_truncated_jpeg_is_rejected_whatever_follows(kind, part, trailer):
    data = endless(kind)
    cut = data[: int(len(data) * part)]
    behind = bytes(len(data) - len(cut)) if trailer not in TRAILERS else TRAILERS[trailer]
    with pytest.raises(ImageError, match=r"^The JPEG file is (truncated|damaged)"):
        decode(cut + behind)


def test_a_progressive_jpeg_without_its_last_scans_is_rejected():
    """Each scan is whole, and so are all lines, but only coarsely."""
    data = endless("progressive")
    scans = [place for place in range(len(data)) if data[place : place + 2] == b"\xff\xda"]
    assert len(scans) > 5
    for last in scans[1:]:
        tables = data.rfind(b"\xff\xc4", 0, last)  # Huffman tables of the scan come before it
        with pytest.raises(ImageError, match="truncated"):
            decode(data[: min(last, tables)])


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (np.zeros((4, 6), np.float16), "1 channel of 16-bit floats"),
        (np.zeros((4, 6, 3), np.float32), "3 channels of 32-bit floats"),
    ],
)
def test_a_kind_of_pixels_that_is_not_read_is_no_damage(values, what):
    with pytest.raises(ImageError) as raised:
        decode(tiff(values))
    assert str(raised.value) == (
        f"The TIFF file's kind of pixels cannot be decoded ({what}); convert it to 8 or 16 bits a "
        "channel."
    )


def tiff(values: np.ndarray) -> bytes:
    """A TIFF of floats, as scientific cameras write it."""
    height, width = values.shape[:2]
    channels = values.shape[2] if values.ndim == 3 else 1
    bits = (values.dtype.itemsize * 8,) * channels
    tags = [
        (256, (width,)), (257, (height,)), (258, bits), (259, (1,)),
        (262, (2 if channels == 3 else 1,)), (273, (8,)), (277, (channels,)), (278, (height,)),
        (279, (values.nbytes,)), (339, (3,) * channels),
    ]  # fmt: skip
    pixels = values.tobytes()
    pixels += bytes(len(pixels) % 2)
    directory, behind = b"", b""
    start = 8 + len(pixels)
    for tag, numbers in tags:
        packed = struct.pack(f"<{len(numbers)}H", *numbers)
        if len(packed) > 4:
            behind += packed
            packed = struct.pack("<I", start + 6 + 12 * len(tags) + len(behind) - len(packed))
        directory += struct.pack("<HHI", tag, 3, len(numbers)) + packed.ljust(4, b"\0")
    head = struct.pack("<2sHI", b"II", 42, start)
    return head + pixels + struct.pack("<H", len(tags)) + directory + bytes(4) + behind
