from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps, PngImagePlugin
from support.image_files import CORNERS, big_endian_tiff, encode, icc_profile, quarters

from explorer.errors import ImageError
from explorer.images import decode
from explorer.images.jpegs import with_end

# pytest sets aside the filter that explorer.images.decode installs
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")

LOSSLESS = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100, "subsampling": "4:4:4"}}
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM", "JPEG2000"]
SAMPLES = Path(__file__).parents[2] / "sample_data"


def color_at(image: Image.Image, corner: str) -> tuple[int, ...]:
    x = 6 if "left" in corner else image.width - 7
    y = 6 if "top" in corner else image.height - 7
    return image.getpixel((x, y))


def is_near(color: tuple[int, ...], expected: object, tolerance: int = 12) -> bool:
    wanted = Image.new("RGB", (1, 1), expected).getpixel((0, 0))
    return max(abs(a - b) for a, b in zip(color, wanted, strict=True)) <= tolerance


def assert_upright(image: Image.Image, tolerance: int = 12) -> None:
    for corner, color in CORNERS.items():
        assert is_near(color_at(image, corner), color, tolerance), corner


def gray(image: Image.Image) -> np.ndarray:
    values = np.asarray(image)
    assert (values == values[..., :1]).all()
    return values[..., 0]


# Formats


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_becomes_rgb(format):
    decoded = decode(encode(quarters(), format, **LOSSLESS.get(format, {})))
    assert (decoded.format, decoded.width, decoded.height) == (format, 64, 32)
    assert (decoded.image.mode, decoded.image.size) == ("RGB", (64, 32))
    assert_upright(decoded.image)


def test_the_sample_photos_decode():
    photos = sorted(SAMPLES.glob("*/*.jpg"))
    assert len(photos) > 100
    for photo in photos:
        decoded = decode(photo.read_bytes())
        with Image.open(photo) as image:
            assert decoded.image.tobytes() == image.convert("RGB").tobytes()


def drafted(data: bytes, min_side: int | None) -> bytes:
    """The pixels that Pillow alone makes of a JPEG."""
    with Image.open(io.BytesIO(data)) as image:
        if min_side:
            image.draft(None, (2 * min_side, 2 * min_side))
        return image.convert("RGB").tobytes()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"subsampling": "4:4:4"}, {"restart_marker_blocks": 3},
     {"keep_rgb": True}],
    ids=str,
)  # fmt: skip
def test_a_jpeg_has_the_pixels_that_pillow_makes_of_it(mode, options):
    photo = Image.open(next(SAMPLES.glob("*/*.jpg"))).convert(mode).resize((333, 251))
    data = encode(photo, "JPEG", **options)
    for min_side in (None, 20, 31, 60, 200):
        assert decode(data, min_side=min_side).image.tobytes() == drafted(data, min_side)


def by_pillow(data: bytes) -> bytes | None:
    try:
        return drafted(data, None)
    except Exception:
        return None


def ended(data: bytes) -> bytes:
    """With the end marker that damage took away, if every line is there."""
    try:
        return with_end(data) or data
    except ValueError:
        return data


@given(seed=st.integers(0, 2**32), flips=st.integers(1, 5))
@settings(max_examples=60)
def test_a_damaged_jpeg_is_what_pillow_says_it_is(seed, flips):
    """Pixels where Pillow makes some of it, or would if it ended as it should; else a reason."""
    data = bytearray(encode(Image.effect_noise((96, 64), 60).convert("RGB"), "JPEG"))
    random = np.random.default_rng(seed)
    for place in random.integers(200, len(data), flips):
        data[place] = random.integers(256)
    expected = by_pillow(bytes(data)) or by_pillow(ended(bytes(data)))
    if expected is None:
        with pytest.raises(ImageError):
            decode(bytes(data))
    else:
        assert decode(bytes(data)).image.tobytes() == expected


def test_mpo_is_a_jpeg():
    other = Image.new("RGB", (64, 32), "yellow")
    decoded = decode(encode(quarters(), "MPO", save_all=True, append_images=[other]))
    assert decoded.format == "JPEG"
    assert_upright(decoded.image)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_the_first_frame_of_many(format):
    other = Image.new("RGB", (64, 32), "yellow")
    options = {"save_all": True, "append_images": [other, other]}
    assert_upright(decode(encode(quarters(), format, **options)).image)


# Modes


@pytest.mark.parametrize(
    ("mode", "format"),
    [("1", "PNG"), ("1", "TIFF"), ("L", "JPEG"), ("P", "PNG"), ("P", "GIF"), ("P", "BMP"),
     ("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "TIFF"), ("RGBA", "WEBP"), ("LA", "PNG")],
)  # fmt: skip
def test_every_mode_becomes_rgb(mode, format):
    image = quarters().convert(mode)
    decoded = decode(encode(image, format, **LOSSLESS.get(format, {}))).image
    assert decoded.mode == "RGB"
    expected = image.convert("RGB")
    for corner in CORNERS:
        assert is_near(color_at(decoded, corner), color_at(expected, corner)), corner


def test_lab_keeps_its_colours():
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    assert_upright(
        decode(encode(to_lab.apply(quarters()), "TIFF")).image, tolerance=30
    )  # 8-bit LAB is coarse


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_alpha_lies_over_white(format):
    image = Image.new("RGBA", (32, 32), (255, 0, 0, 128))
    decoded = decode(encode(image, format, **LOSSLESS.get(format, {})))
    assert is_near(decoded.image.getpixel((9, 9)), (255, 127, 127), 3)


def test_transparent_grey_lies_over_white():
    image = Image.new("LA", (8, 8), (100, 0))
    assert decode(encode(image, "PNG")).image.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("mode", "transparency"), [("P", 1), ("P", bytes([255, 0])), ("L", 200), ("RGB", (0, 200, 0))]
)
def test_a_transparent_colour_becomes_white(mode, transparency):
    image = Image.new("RGB", (8, 8), (0, 0, 0))
    image.paste((0, 200, 0), (4, 0, 8, 8))
    if mode == "P":
        image = Image.new("P", (8, 8), 0)
        image.putpalette([0, 0, 0, 0, 200, 0])
        image.paste(1, (4, 0, 8, 8))
    elif mode == "L":
        image = Image.new("L", (8, 8), 0)
        image.paste(200, (4, 0, 8, 8))
    decoded = decode(encode(image, "PNG", transparency=transparency)).image
    assert decoded.getpixel((7, 0)) == (255, 255, 255)
    assert decoded.getpixel((0, 0)) == (0, 0, 0)


def test_a_transparent_gif_lies_over_white():
    image = Image.new("RGBA", (8, 8), (0, 0, 255, 255))
    image.paste((0, 0, 0, 0), (4, 0, 8, 8))
    decoded = decode(encode(image, "GIF")).image
    assert decoded.getpixel((7, 0)) == (255, 255, 255)
    assert decoded.getpixel((0, 0)) == (0, 0, 255)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([0, 257, 25700, 65535], np.uint16), [0, 1, 100, 255]),
        (np.array([0, 1000, 2048, 4095], np.uint16), [0, 62, 127, 255]),  # 12 bits in 16
        (np.array([0, 100, 200, 255], np.uint16), [0, 100, 200, 255]),  # 8 bits in 16
        (np.array([0, 257, 25700, 65535], np.int32), [0, 1, 100, 255]),
        (np.array([-1000, 0, 500, 1000], np.int32), [0, 127, 191, 255]),
        (np.array([0, 10**6, 5 * 10**8, 10**9], np.int32), [0, 0, 127, 255]),
        (np.array([0, 0.25, 0.5, 1], np.float32), [0, 63, 127, 255]),
        (np.array([0, np.nan, 0.5, 1], np.float32), [0, 0, 127, 255]),
        (np.array([-1, -1, 0, 1], np.float32), [0, 0, 127, 255]),
        (np.array([0, 0, 0, 0], np.uint16), [0, 0, 0, 0]),
        (np.array([-5, -5, -5, -5], np.int32), [0, 0, 0, 0]),
    ],
)
def test_high_bit_depths_are_scaled(values, expected):
    decoded = decode(encode(Image.fromarray(values.reshape(1, 4)), "TIFF"))
    np.testing.assert_allclose(gray(decoded.image)[0], expected, atol=1)


def test_16_bit_png():
    values = np.arange(0, 65536, 64, dtype=np.uint16).reshape(32, 32)
    values[-1, -1] = 65535
    decoded = decode(encode(Image.fromarray(values), "PNG"))
    np.testing.assert_allclose(gray(decoded.image), values / 257, atol=1)


def test_big_endian_16_bit():
    pixels = np.array([0, 256, 25700, 65535], ">u2").tobytes()
    decoded = decode(big_endian_tiff(4, 1, bits=16, pixels=pixels))
    np.testing.assert_allclose(gray(decoded.image)[0], [0, 1, 100, 255], atol=1)


# EXIF orientation. For each value: the side of the upright image where the first stored row lies,
# and the side of the first stored column (EXIF 2.32, tag 274).
SIDES = {
    1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
    5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom"),
}  # fmt: skip
OPPOSITE = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}


def upright_corner(stored_corner: str, orientation: int) -> str:
    row, column = SIDES[orientation]
    row = row if "top" in stored_corner else OPPOSITE[row]
    column = column if "left" in stored_corner else OPPOSITE[column]
    return " ".join(sorted((row, column), key=["top", "bottom", "left", "right"].index))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(format, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    options = LOSSLESS.get(format, {})
    decoded = decode(encode(quarters(), format, exif=exif, **options), min_side=4)
    size = (32, 64) if orientation >= 5 else (64, 32)
    assert (decoded.width, decoded.height) == size
    assert (decoded.image.width > decoded.image.height) == (size == (64, 32))
    for corner, color in CORNERS.items():
        place = upright_corner(corner, orientation)
        width, height = decoded.image.size
        x = width // 4 if "left" in place else width * 3 // 4
        y = height // 4 if "top" in place else height * 3 // 4
        assert is_near(decoded.image.getpixel((x, y)), color, 40), (corner, place)
    assert ImageOps.exif_transpose(decoded.image).tobytes() == decoded.image.tobytes()


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff", b"\0"])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_broken_exif_is_ignored(format, exif):
    assert_upright(decode(encode(quarters(), format, exif=exif, **LOSSLESS.get(format, {}))).image)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_unknown_orientation_is_ignored(value):
    exif = Image.Exif()
    exif[274] = value
    assert_upright(decode(encode(quarters(), "JPEG", exif=exif)).image)


# Colour profiles


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_icc_profile_is_converted_to_srgb(format):
    image = Image.new("RGB", (32, 32), (128, 128, 128))
    options = {"icc_profile": icc_profile(gamma=1.0), **LOSSLESS.get(format, {})}
    decoded = decode(encode(image, format, **options))
    assert is_near(decoded.image.getpixel((9, 9)), (188, 188, 188), 3)  # half the light
    assert "icc_profile" not in decoded.image.info


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_icc_profile(mode):
    image = Image.new("L", (8, 8), 128).convert(mode)
    decoded = decode(encode(image, "PNG", icc_profile=icc_profile(gamma=1.0, space="GRAY")))
    assert is_near(decoded.image.getpixel((0, 0)), (188, 188, 188), 3)


def test_alpha_is_applied_after_the_profile():
    image = Image.new("RGBA", (8, 8), (128, 128, 128, 255))
    image.paste((0, 0, 0, 0), (4, 0, 8, 8))
    decoded = decode(encode(image, "PNG", icc_profile=icc_profile(gamma=1.0))).image
    assert is_near(decoded.getpixel((0, 0)), (188, 188, 188), 3)
    assert decoded.getpixel((7, 0)) == (255, 255, 255)


@pytest.mark.parametrize(
    "profile",
    [
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(),  # for other pixels
        icc_profile(gamma=1.0, space="GRAY"),
        icc_profile(gamma=1.0)[:200],
        b"not a profile",
    ],
    ids=["srgb", "lab", "grey", "cut", "garbage"],
)
def test_a_profile_that_says_nothing_changes_nothing(profile):
    image = Image.effect_noise((64, 64), 90).convert("RGB")
    assert decode(encode(image, "PNG", icc_profile=profile)).image.tobytes() == image.tobytes()


def test_threads_share_a_profile():
    noise = Image.effect_noise((300, 200), 90).convert("RGB")
    data = encode(noise, "PNG", icc_profile=icc_profile(gamma=1.8))
    with ThreadPoolExecutor(8) as pool:
        results = {image.image.tobytes() for image in pool.map(decode, [data] * 40)}
    assert len(results) == 1


# Scaling while decoding


@pytest.mark.parametrize(
    ("min_side", "size"),
    [(None, (1600, 1200)), (301, (1600, 1200)), (300, (800, 600)), (100, (400, 300)),
     (75, (200, 150)), (1, (200, 150))],
)  # fmt: skip
def test_min_side_scales_jpegs_down(min_side, size):
    decoded = decode(encode(quarters(1600, 1200), "JPEG"), min_side=min_side)
    assert decoded.image.size == size
    assert (decoded.width, decoded.height) == (1600, 1200)
    assert_upright(decoded.image)


@pytest.mark.parametrize("format", ["PNG", "WEBP", "BMP"])
def test_min_side_leaves_other_formats_alone(format):
    image = quarters(400, 300)
    data = encode(image, format, **LOSSLESS.get(format, {}))
    assert decode(data, min_side=20).image.tobytes() == image.tobytes()


@given(st.integers(1, 700), st.integers(1, 700), st.integers(1, 300), st.sampled_from([1, 6]))
@settings(max_examples=60, deadline=None)
def test_the_short_side_stays_twice_min_side(width, height, min_side, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    decoded = decode(encode(quarters(width, height), "JPEG", exif=exif), min_side=min_side)
    assert (decoded.width, decoded.height) == ((width, height), (height, width))[orientation == 6]
    assert min(decoded.image.size) >= min(2 * min_side, width, height)


# Bad input


def png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IDAT"


def resized_jpeg(width: int, height: int) -> bytes:
    data = encode(quarters(), "JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


@pytest.mark.parametrize(
    "data",
    [
        png_header(100_000, 100_000),
        resized_jpeg(60_000, 50_000),
        b"GIF89a" + struct.pack("<HH", 65535, 65535) + bytes(3)
        + b",\0\0\0\0" + struct.pack("<HH", 65535, 65535) + b"\0\x08",
        b"P6 90000 90000 255\n",
    ],
    ids=["png", "jpeg", "gif", "ppm"],
)  # fmt: skip
def test_a_bomb_is_named_before_it_is_decoded(data):
    with pytest.raises(ImageError, match=r"pixels .*megapixels.*limit is 200 megapixels"):
        decode(data)


def test_a_real_bomb():
    data = encode(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(data) < 100_000
    with pytest.raises(ImageError, match="20000 × 20000 pixels"):
        decode(data)


def test_the_pixel_limit_is_exact():
    data = encode(quarters(64, 32), "PNG")
    assert decode(data, max_pixels=64 * 32).width == 64
    with pytest.raises(ImageError, match="limit"):
        decode(data, max_pixels=64 * 32 - 1)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_truncated_files_are_rejected(format, part):
    noise = Image.effect_noise((120, 90), 90).convert("RGB")
    data = encode(noise, format)
    with pytest.raises(ImageError, match=rf"^The {format} file is (truncated|damaged)"):
        decode(data[: int(len(data) * part)])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The file is empty."),
        (bytes(5000), "The file holds only zero bytes."),
        (b"hello", "Its content is not an image of a known format."),
        (b"\n<!DOCTYPE html><html>404</html>", "It is a web page, not an image."),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "It is a Git LFS pointer"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC is not supported; convert the file"),
        (b"\xff\x0a\xfa\x1f", "JPEG XL is not supported; convert the file"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "It is a video"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "Its content is not an image of a known format."),
        (b"\xff\xd8\xff", "The JPEG file is"),
        (b"\x89PNG\r\n\x1a\n", "The PNG file is"),
        (b"II*\0\x08\0\0\0\0\0\0\0\0\0", "The TIFF file is"),
    ],
)
def test_the_reason_says_what_it_is(data, reason):
    with pytest.raises(ImageError) as caught:
        decode(data)
    assert str(caught.value).startswith(reason)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("format", FORMATS)
def test_magic_bytes_alone_are_rejected_in_plain_words(format):
    with pytest.raises(ImageError) as caught:
        decode(encode(quarters(), format)[:32])
    assert "object at 0x" not in str(caught.value)
    assert "BytesIO" not in str(caught.value)


def test_nothing_reaches_standard_error(tmp_path):
    """Pillow warns about odd metadata and bad APNGs, which are common."""
    exif = Image.Exif()
    exif[271] = "a maker"
    odd_exif = bytearray(encode(quarters(), "JPEG", exif=exif))
    at = odd_exif.index(b"\x01\x0f\x00\x02" if b"MM\0*" in odd_exif else b"\x0f\x01\x02\x00")
    odd_exif[at + 4 : at + 12] = b"\x70" * 8  # more text than there is
    bad_apng = PngImagePlugin.PngInfo()
    bad_apng.add(b"acTL", struct.pack(">II", 0, 0))
    files = [bytes(odd_exif), encode(quarters(), "PNG", pnginfo=bad_apng)]
    for number, data in enumerate(files):
        (tmp_path / str(number)).write_bytes(data)
    code = (
        "import pathlib, sys; from explorer.images import decode\n"
        "for path in sys.argv[1:]: decode(pathlib.Path(path).read_bytes()).image.getexif()"
    )
    paths = [str(tmp_path / str(number)) for number in range(len(files))]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", code, *paths], capture_output=True, env=env)
    assert (run.returncode, run.stderr) == (0, b"")


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(("ink", "ground"), [(255, 0), (230, 0), (128, 255), (0, 255)])
def test_the_ground_of_a_drawing_is_one_on_which_it_is_seen(ink, ground, format):
    image = Image.new("RGBA", (40, 40), (ink, ink, ink, 0))
    image.paste((ink, ink, ink, 255), (10, 10, 20, 30))
    decoded = decode(encode(image, format, **LOSSLESS.get(format, {}))).image
    assert decoded.getpixel((0, 0)) == (ground,) * 3
    assert decoded.getpixel((15, 15)) == (ink,) * 3


def test_a_white_page_with_writing_and_transparent_corners_stays_on_white():
    image = Image.new("RGBA", (100, 100), "white")
    for line in range(10, 90, 8):
        image.paste((40, 40, 40, 255), (10, line, 90, line + 3))
    image.paste((255, 255, 255, 0), (0, 0, 4, 4))
    assert decode(encode(image, "PNG")).image.getpixel((0, 0)) == (255, 255, 255)
