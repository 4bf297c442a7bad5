"""The bytes of an image file -> an upright RGB image in sRGB, or a reason why not."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import simplejpeg
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageChops,
    ImageCms,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from explorer.errors import ImageError
from explorer.images.formats import identify
from explorer.images.ground import OPAQUE, alpha_means, on_ground
from explorer.images.jpegs import with_end
from explorer.images.pngs import without_notes

MAX_PIXELS = 200_000_000

# Pillow warns about every oddity in a file's metadata. One filter for good, because
# warnings.catch_warnings is not thread-safe and images are decoded in threads.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

# Straight to the plugin, past Image.open: that would try plugins which nobody asked for, and
# judges decompression bombs by a limit that is global to the process.
_PLUGINS: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "AVIF": AvifImagePlugin.AvifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "JPEG2000": Jpeg2KImagePlugin.Jpeg2KImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "PPM": PpmImagePlugin.PpmImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
}

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset({5, 6, 7, 8})

_WHITE_LEVELS = (1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0)

_SRGB = ImageCms.createProfile("sRGB")


@dataclass(frozen=True, slots=True)
class Decoded:
    """An image that could be read.

    `image` has mode RGB, is upright (EXIF applied) and in sRGB; transparent parts are white, or
    black where what is drawn would be lost on white.
    `width` and `height` are the full size in pixels, upright, even if `image` was scaled down.
    `format` is the format of the content: "JPEG", "PNG", "WEBP", "GIF", "TIFF" …
    `alpha_means` tells how opaque it was, see `explorer.images.ground.alpha_means`.
    """

    image: Image.Image
    width: int
    height: int
    format: str
    alpha_means: str


def decode(data: bytes, *, min_side: int | None = None, max_pixels: int = MAX_PIXELS) -> Decoded:
    """Decode an image file, of an animation the first frame.

    With `min_side`, a JPEG may be scaled down by 2, 4 or 8 while it is decoded (libjpeg's DCT
    scaling, several times faster) as long as its short side stays at least 2 * `min_side` pixels.
    High bit depths are brought to 8 bits, see `_to_8_bits`.

    Raises ImageError, one sentence, for everything that is not a whole and sound image of at most
    `max_pixels` pixels; the limit is checked before any pixel is decoded. Safe to call from
    threads. A decoder that crashes takes the process with it: see SafeDecoder.
    """
    name = identify(data)
    try:
        return _decode_or_mend(name, data, min_side, max_pixels)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(f"The {name} image has too many pixels to be decoded safely.") from error
    except MemoryError as error:
        raise ImageError(f"There is not enough memory to decode the {name} image.") from error
    except Exception as error:  # a plugin may raise just about anything when its input is damaged
        if "truncated" in str(error).lower():
            raise ImageError(f"The {name} file is truncated: its end is missing.") from error
        reason = f"The {name} file is damaged, or of a kind that cannot be decoded."
        raise ImageError(reason) from error


def _decode_or_mend(name: str, data: bytes, min_side: int | None, max_pixels: int) -> Decoded:
    """Decode; a PNG that fails once more without what is noted beside its pixels."""
    try:
        return _decode_as(name, data, min_side, max_pixels)
    except ImageError:
        raise
    except Exception:
        if name != "PNG":
            raise
        return _decode_as(name, without_notes(data), min_side, max_pixels)


def _decode_as(name: str, data: bytes, min_side: int | None, max_pixels: int) -> Decoded:
    image = _opened(name, data)
    width, height = image.size
    if width * height > max_pixels:
        raise ImageError(
            f"The image has {width} × {height} pixels ({width * height / 1e6:,.0f} megapixels);"
            f" the limit is {max_pixels / 1e6:,.0f} megapixels."
        )
    if min_side:
        image.draft(None, (2 * min_side, 2 * min_side))
    pixels = _plain_jpeg(image, data) if name == "JPEG" else None
    if pixels is None and name == "JPEG" and (whole := _with_end(data)):
        return _decode_as(name, whole, min_side, max_pixels)
    if pixels is None:
        image.load()
    orientation = _orientation(image)
    rgb, alpha = _to_rgb(pixels or image)
    means = OPAQUE
    if alpha is not None and alpha.getextrema() != (255, 255):
        rgb, means = on_ground(rgb, alpha), alpha_means(alpha)
    if rgb is image and name != "JPEG":
        rgb = image.copy()  # a file object may keep its decoder alive, and all its buffers
    if orientation in _UPRIGHT:
        rgb = rgb.transpose(_UPRIGHT[orientation])
    if orientation in _SIDEWAYS:
        width, height = height, width
    rgb.info = {}  # else whoever looks for an orientation would find it, and rotate again
    return Decoded(image=rgb, width=width, height=height, format=name, alpha_means=means)


def _opened(name: str, data: bytes) -> ImageFile.ImageFile:
    try:
        return _PLUGINS[name](io.BytesIO(data))
    except SyntaxError as error:
        if "unknown pixel mode" not in str(error):
            raise
        raise ImageError(
            f"The {name} file's kind of pixels cannot be decoded ({_pixel_kind(data)}); convert it "
            "to 8 or 16 bits a channel."
        ) from error


def _pixel_kind(data: bytes) -> str:
    """What a TIFF says of its pixels: "3 channels of 32-bit float"."""
    tags = TiffImagePlugin.ImageFileDirectory_v2(data[:8])
    file = io.BytesIO(data)
    file.seek(tags.next)
    tags.load(file)
    kinds = {1: "unsigned integers", 2: "signed integers", 3: "floats"}
    kind = kinds.get(tags.get(339, (1,))[0], "numbers")
    bits = tags.get(258, (1,))[0]
    channels = tags.get(277, 1)
    return f"{channels} channel{'s' * (channels != 1)} of {bits}-bit {kind}"


def _with_end(data: bytes) -> bytes | None:
    """See `with_end`. Raises ImageError for a file that ends before its lines do."""
    try:
        return with_end(data)
    except (ValueError, IndexError) as error:
        raise ImageError("The JPEG file is truncated: its end is missing.") from error


def _plain_jpeg(image: Image.Image, data: bytes) -> Image.Image | None:
    """The pixels of an opened (and drafted) JPEG by simplejpeg; None if it is one for Pillow.

    Both are libjpeg-turbo and give the same pixels, but simplejpeg hands the file over at once
    instead of in pieces. It is strict: whatever it warns of, Pillow shall judge.
    """
    colorspace = {"L": "GRAY", "RGB": "RGB"}.get(image.mode)
    is_ycc = image.info.get("adobe_transform", 1) == 1
    if colorspace is None or not is_ycc:
        return None
    width, height = image.size
    try:
        pixels = simplejpeg.decode_jpeg(data, colorspace, min_height=height, min_width=width)
    except ValueError:
        return None
    if pixels.shape[:2] != (height, width):
        return None
    decoded = Image.fromarray(pixels[..., 0] if image.mode == "L" else pixels)
    decoded.info = image.info
    return decoded


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation (1 to 8). Pillow itself turns TIFFs upright as it loads them."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged EXIF data is no reason to lose a sound image
        return 1


def _to_rgb(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """An image of any mode as RGB, in sRGB: the image itself if it is that. And its alpha."""
    profile = image.info.get("icc_profile")
    alpha = None
    if image.mode.startswith(("I", "F")):
        image = _to_8_bits(image)
    elif image.has_transparency_data:
        is_gray = image.mode in ("L", "LA", "La")
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        image = image.convert("L" if is_gray else "RGB")
    elif image.mode not in ("RGB", "L", "CMYK"):
        image = image.convert("RGB")
    transform = _transform_to_srgb(profile, image.mode) if profile else None
    if transform is not None:
        image = transform.apply(image)
    elif image.mode != "RGB":
        image = image.convert("RGB")
    return image, alpha


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and float greys to 8 bits.

    The white level is the one of a common depth (1.0; 8, 10, 12, 14 or 16 bits) that just holds
    the brightest pixel: 12-bit data in a 16-bit file is common, and would be all but black.
    Anything else (negative or larger values) is stretched from its minimum to its maximum.
    """
    values = np.asarray(image)
    if values.dtype.kind == "f":
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    darkest, brightest = float(values.min()), float(values.max())
    white = next((level for level in _WHITE_LEVELS if brightest <= level), None)
    if darkest < 0 or white is None:
        values = values.astype(np.float64) - darkest
        white = (brightest - darkest) or 1.0
    # 255.999 and cutting off: every grey gets an equal share, and white is 255.
    scaled = np.empty(values.shape, np.uint8)
    np.multiply(values, 255.999 / white, out=scaled, casting="unsafe")
    return Image.fromarray(scaled)


@lru_cache(maxsize=16)
def _transform_to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """How to bring pixels from an ICC profile to sRGB; None if there is nothing to do.

    That is so for a profile that is broken or meant for another mode, and for one that would
    change nothing visible, which is the case of nearly all photos: they say that they are sRGB.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, _SRGB, mode, "RGB")
        probe = _color_probe().convert(mode)
        change = ImageChops.difference(transform.apply(probe), probe.convert("RGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return transform if np.asarray(change).max() > 2 else None


def _color_probe() -> Image.Image:
    """All combinations of 17 levels of red, green and blue, as one image."""
    levels = np.linspace(0, 255, 17).astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1)
    return Image.fromarray(cube.reshape(17, -1, 3))
