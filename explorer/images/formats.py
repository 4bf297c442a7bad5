"""Which image format some bytes hold. The content decides, never the file's name."""

from __future__ import annotations

import posixpath

from explorer.errors import ImageError

# What a folder listing takes for an image. HEIC and JPEG XL cannot be decoded, but are images to
# their owner: they are listed so that they are rejected with a reason, not passed over in silence.
# fmt: off
IMAGE_EXTENSIONS = frozenset({
    ".apng", ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".j2k", ".jfif", ".jp2",
    ".jpe", ".jpeg", ".jpg", ".jxl", ".mpo", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif",
    ".tiff", ".webp",
})
# fmt: on


def is_image_name(name: str) -> bool:
    """Does the name end as that of an image does?"""
    return posixpath.splitext(name)[1].lower() in IMAGE_EXTENSIONS


_MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),  # MPO, too: a JPEG with more pictures behind it
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),  # BigTIFF
    (b"MM\0+", "TIFF"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"BM", "BMP"),
)

_STRANGERS = (
    (b"\xff\x0a", "JPEG XL is not supported; convert the file to JPEG, PNG or AVIF."),
    (b"\0\0\0\x0cJXL ", "JPEG XL is not supported; convert the file to JPEG, PNG or AVIF."),
    (b"version https://git-lfs", "It is a Git LFS pointer, not the image; run 'git lfs pull'."),
    (b"<!doctype html", "It is a web page, not an image."),
    (b"<html", "It is a web page, not an image."),
)


def identify(data: bytes) -> str:
    """Name the format of an image file's content, as Pillow names it ("JPEG", "PNG", "TIFF" …).

    Raises ImageError, which says what the content is instead, for everything that is none of the
    formats that `decode` reads.
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return _identify_by_brand(data)
    if data[:1] == b"P" and data[1:2] in b"123456" and data[2:3].isspace():
        return "PPM"
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    raise ImageError(_what_else(data))


def _identify_by_brand(data: bytes) -> str:
    """AVIF and HEIC share a container (ISO/IEC 14496-12); its brands tell them apart."""
    box = data[: min(int.from_bytes(data[:4], "big"), 256)]
    brands = {box[i : i + 4] for i in range(8, len(box), 4)}
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
        raise ImageError("HEIC is not supported; convert the file to JPEG, PNG or AVIF.")
    raise ImageError("It is a video or another media file, not an image.")


def _what_else(data: bytes) -> str:
    if not data:
        return "The file is empty."
    head = data[:64].lstrip().lower()
    for magic, reason in _STRANGERS:
        if data.startswith(magic) or head.startswith(magic):
            return reason
    if not any(data[:4096]):
        return "The file holds only zero bytes."
    return "Its content is not an image of a known format."
