"""Image files made for the tests, as bytes."""

from __future__ import annotations

import io
import struct

from PIL import Image

CORNERS = {"top left": "red", "top right": "lime", "bottom left": "blue", "bottom right": "black"}


def encode(image: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def quarters(width: int = 64, height: int = 32) -> Image.Image:
    """An RGB image with a colour of CORNERS in each quarter."""
    image = Image.new("RGB", (width, height))
    for corner, color in CORNERS.items():
        left = 0 if "left" in corner else width // 2
        top = 0 if "top" in corner else height // 2
        image.paste(color, (left, top, left + width // 2, top + height // 2))
    return image


def icc_profile(gamma: float, space: str = "RGB") -> bytes:
    """A small ICC v2 profile: sRGB's primaries (or grey) with a plain gamma."""

    def xyz(x: float, y: float, z: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in (x, y, z))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = {b"wtpt": xyz(0.9642, 1.0, 0.8249)}
    if space == "RGB":
        tags |= {b"rXYZ": xyz(0.4361, 0.2225, 0.0139), b"gXYZ": xyz(0.3851, 0.7169, 0.0971)}
        tags |= {b"bXYZ": xyz(0.1431, 0.0606, 0.7141)}
        tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    else:
        tags[b"kTRC"] = curve
    offset, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        table += name + struct.pack(">II", offset + len(body), len(content))
        body += content
    size = offset + len(body)
    header = struct.pack(">I4xI4s4s4s", size, 0x02100000, b"mntr", space.ljust(4).encode(), b"XYZ ")
    header += bytes(12) + b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def big_endian_tiff(width: int, height: int, *, bits: int, pixels: bytes) -> bytes:
    """A grey, uncompressed TIFF in big-endian order, which Pillow does not write."""
    tags = [(256, 4, width), (257, 4, height), (258, 3, bits), (259, 3, 1), (262, 3, 1)]
    tags += [(273, 4, 8), (277, 3, 1), (278, 4, height), (279, 4, width * height * bits // 8)]
    directory = struct.pack(">H", len(tags))
    for tag, kind, value in tags:
        directory += struct.pack(">HHI", tag, kind, 1)
        directory += struct.pack(">HH", value, 0) if kind == 3 else struct.pack(">I", value)
    return b"MM\0*" + struct.pack(">I", 8 + len(pixels)) + pixels + directory + bytes(4)
