"""A folder of files that are out to stop a job."""

import io
import os
import random
import socket
import struct
import zlib
from pathlib import Path

from PIL import Image

SAMPLE = Path(__file__).parents[2] / "sample_data" / "ancient_ruin" / "colosseum.jpg"
FORMATS = {
    "jpg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "gif": "GIF",
    "bmp": "BMP",
    "tif": "TIFF",
    "avif": "AVIF",
}


def make(folder: Path) -> int:
    """Fill an empty folder; returns how many entries lie in it, folders not counted."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {extension: _encode(name) for extension, name in FORMATS.items()}
    _damaged(folder / "damaged", whole)
    _misnamed(folder / "misnamed", whole)
    _bombs(folder / "bombs")
    _names(folder / "names", whole["jpg"])
    _special(folder / "special", whole["jpg"])
    _modes(folder / "modes")
    return sum(len(files) for _, _, files in os.walk(folder)) + sum(
        os.path.islink(os.path.join(path, name))
        for path, names, _ in os.walk(folder)
        for name in names
    )


def _encode(name: str, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    picture = Image.open(SAMPLE).resize((96, 64))
    picture.convert("L" if mode in ("I;16", "F") else "RGB").convert(mode).save(buffer, name)
    return buffer.getvalue()


def _damaged(folder: Path, whole: dict[str, bytes]) -> None:
    """Cut short, bits flipped, chunks repeated, zeros inside: 30 of each format."""
    folder.mkdir()
    dice = random.Random(0)
    for extension, data in whole.items():
        for number in range(10):
            cut = data[: int(len(data) * (number + 0.5) / 10)]
            (folder / f"cut-{number}.{extension}").write_bytes(cut)
            flipped = bytearray(data)
            for _ in range(4**number % 1000 + 1):
                flipped[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
            (folder / f"flipped-{number}.{extension}").write_bytes(flipped)
            at = dice.randrange(len(data))
            spliced = data[:at] + bytes(dice.randrange(1, 400)) + data[at // 2 :]
            (folder / f"spliced-{number}.{extension}").write_bytes(spliced)


def _misnamed(folder: Path, whole: dict[str, bytes]) -> None:
    """Each format under another's name, and what is no image under an image's name."""
    folder.mkdir()
    extensions = list(whole)
    for number, (extension, data) in enumerate(whole.items()):
        other = extensions[(number + 1) % len(extensions)]
        (folder / f"really-{extension}.{other}").write_bytes(data)
        (folder / f"shouting-{number}.{extension.upper()}").write_bytes(data)
    others = {
        "empty": b"",
        "page": b"<!doctype html><title>404</title>",
        "text": b"not an image\n" * 50,
        "zeros": bytes(5000),
        "zip": b"PK\x03\x04" + bytes(200),
        "elf": b"\x7fELF" + bytes(200),
        "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "header": b"\xff\xd8\xff",
        "noise": random.Random(1).randbytes(4000),
    }
    for name, data in others.items():
        for extension in extensions:
            (folder / f"{name}.{extension}").write_bytes(data)
    (folder / "notes.txt").write_text("not an image, and not called one")


def _bombs(folder: Path) -> None:
    """A few hundred bytes that claim to be hundreds of megapixels and more."""
    folder.mkdir()
    for side in (20_000, 60_000, 2**31 - 1):
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        data = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(9999)))
        png = b"\x89PNG\r\n\x1a\n" + data + _chunk(b"IEND", b"")
        (folder / f"{side}.png").write_bytes(png)
        bmp = b"BM" + struct.pack("<IHHI", 60, 0, 0, 54)
        bmp += struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0)
        (folder / f"{side}.bmp").write_bytes(bmp)
        gif = b"GIF89a" + struct.pack("<HH", side % 65536, side % 65536) + bytes(20)
        (folder / f"{side}.gif").write_bytes(gif)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _names(folder: Path, data: bytes) -> None:
    folder.mkdir()
    names = [
        b"new\nline.jpg",
        b"quote'\".jpg",
        b"latin-\xe9.jpg",
        b"\xff\xfe.jpg",
        b"-rf.jpg",
        b"$(touch x).jpg",
        b"<img src=x onerror=alert(1)>.jpg",
        b"=cmd|calc.jpg",
        b"tab\there.jpg",
        b" space .jpg",
        b"%2e%2e.jpg",
        b"back\\slash.jpg",
        b"x" * 250 + b".jpg",
        "\N{SEE-NO-EVIL MONKEY}.jpg".encode(),
        "e\u0301.jpg".encode(),
        "\u202egpj.exe.jpg".encode(),
    ]
    for name in names:
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(data)


def _special(folder: Path, data: bytes) -> None:
    """Links, loops, a pipe, a socket, a device, and a folder forty deep."""
    folder.mkdir()
    (folder / "real.jpg").write_bytes(data)
    (folder / "link.jpg").symlink_to("real.jpg")
    (folder / "nowhere.jpg").symlink_to("gone.jpg")
    (folder / "itself.jpg").symlink_to("itself.jpg")
    (folder / "loop").symlink_to("..")
    (folder / "device.jpg").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.jpg")
    here = os.getcwd()
    os.chdir(folder)  # the path of a socket is at most a hundred characters long
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("socket.jpg")
    finally:
        os.chdir(here)
    deep = folder.joinpath(*["d"] * 40)
    deep.mkdir(parents=True)
    (deep / "deep.jpg").write_bytes(data)
    (folder / ".hidden.jpg").write_bytes(data)


def _modes(folder: Path) -> None:
    """Whole images of unusual kinds: each must be embedded."""
    folder.mkdir()
    for mode in ("1", "L", "P", "LA", "RGBA", "I;16"):
        (folder / f"{mode.replace(';', '')}.png").write_bytes(_encode("PNG", mode))
    for mode in ("CMYK", "L"):
        (folder / f"{mode}.jpg").write_bytes(_encode("JPEG", mode))
    for mode in ("1", "CMYK", "F", "I;16", "RGBA", "LAB"):
        (folder / f"{mode.replace(';', '')}.tif").write_bytes(_encode("TIFF", mode))
    for side in ((1, 1), (1, 3000), (3000, 1)):
        Image.new("RGB", side, "red").save(folder / f"{side[0]}x{side[1]}.png")
