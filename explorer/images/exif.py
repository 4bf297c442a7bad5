"""What a camera wrote into a file."""

import io
import warnings

from PIL import ExifTags, Image

_LONGEST = 200  # characters of a value
_BLOCKS = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)


def read_exif(data: bytes) -> dict[str, str]:
    """EXIF entries of an image file by their names, as text; none if there are none to be read.

    Binary entries (thumbnails, makers' notes) are left out.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data)) as image:
                entries = image.getexif()
                found = dict(entries)
                for block in _BLOCKS:
                    found |= {(block, tag): value for tag, value in entries.get_ifd(block).items()}
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            return {}
    named = {_name(tag): _text(value) for tag, value in found.items()}
    return {name: text for name, text in named.items() if name and text}


def _name(tag: object) -> str:
    if isinstance(tag, tuple):
        block, number = tag
        names = ExifTags.GPSTAGS if block == ExifTags.IFD.GPSInfo else ExifTags.TAGS
        return names.get(number, "")
    name = ExifTags.TAGS.get(tag, "") if isinstance(tag, int) else ""
    return "" if name.endswith("Offset") or name.endswith("IFD") or name == "GPSInfo" else name


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return ""
    if isinstance(value, tuple):
        return ", ".join(_text(each) for each in value)[:_LONGEST]
    return str(value).strip("\x00 ")[:_LONGEST]
