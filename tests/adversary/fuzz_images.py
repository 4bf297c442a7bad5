"""Mutate sample photos in all formats for a bounded time: `make fuzz`, `--seconds 600`.

Every mutated file must decode, or be rejected with a sentence. Whatever else happens is written
out beside its seed, and the exit code is 1.
"""

import argparse
import io
import random
import sys
import time
import traceback
from pathlib import Path

from PIL import Image

from explorer.errors import ImageError
from explorer.images import SafeDecoder, thumbnail

PHOTOS = sorted((Path(__file__).parents[2] / "sample_data").glob("*/*.jpg"))
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
MAX_PIXELS = 4_000_000  # a damaged header may announce many more: quicker to refuse


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--failures", type=Path, default=Path("fuzz-failures"))
    arguments = parser.parse_args()
    counts = {"decoded": 0, "rejected": 0, "failed": 0}
    deadline = time.monotonic() + arguments.seconds
    seed = arguments.seed
    with SafeDecoder(max_pixels=MAX_PIXELS) as decoder:
        while time.monotonic() < deadline:
            seed += 1
            data = mutated(random.Random(seed))
            try:
                counts[outcome(decoder, data)] += 1
            except Exception:
                counts["failed"] += 1
                arguments.failures.mkdir(exist_ok=True)
                (arguments.failures / f"{seed}.bin").write_bytes(data)
                traceback.print_exc()
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if counts["failed"] else 0


def outcome(decoder: SafeDecoder, data: bytes) -> str:
    """What became of a file; anything but these two is an exception."""
    try:
        decoded = decoder.decode(data, min_side=256)
    except ImageError as error:
        if not str(error).endswith(".") or "object at 0x" in str(error):
            raise AssertionError(f"not a sentence: {error}") from error
        return "rejected"
    assert decoded.image.mode == "RGB"
    assert 0 < decoded.width * decoded.height <= MAX_PIXELS
    assert thumbnail(decoded.image).startswith(b"\xff\xd8")
    return "decoded"


def mutated(dice: random.Random) -> bytes:
    """A sample photo in some format, with a few of its bytes changed, cut or doubled."""
    buffer = io.BytesIO()
    image = Image.open(dice.choice(PHOTOS))
    image.resize((dice.randrange(1, 300), dice.randrange(1, 300))).save(
        buffer, dice.choice(FORMATS)
    )
    data = bytearray(buffer.getvalue())
    for _ in range(dice.choice((1, 2, 5, 20))):
        # Mostly near the front, where the headers are.
        at = dice.randrange(min(len(data), 400) if dice.random() < 0.6 else len(data))
        length = dice.randrange(1, 40)
        kind = dice.randrange(4)
        if kind == 0:
            data[at] = dice.randrange(256)
        elif kind == 1:
            data[at] ^= 1 << dice.randrange(8)
        elif kind == 2:
            del data[at : at + length]
        else:
            data[at:at] = data[at : at + length]
        if not data:
            return b""
    return bytes(data)


if __name__ == "__main__":
    sys.exit(main())
