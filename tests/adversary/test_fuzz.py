"""A run of `make fuzz`, of 10 seconds, or `EXPLORER_FUZZ_SECONDS`."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SECONDS = os.environ.get("EXPLORER_FUZZ_SECONDS", "10")
SCRIPT = Path(__file__).with_name("fuzz_images.py")


def test_a_short_run_of_the_fuzzer_finds_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    command = [sys.executable, str(SCRIPT), "--seconds", SECONDS, "--seed", "1000"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300 + float(SECONDS),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = re.fullmatch(r"(\d+) decoded, (\d+) rejected, 0 failed\n", done.stdout)
    assert counts, done.stdout
    decoded, rejected = map(int, counts.groups())
    record_property("mutated photos", decoded + rejected)
    assert min(decoded, rejected) > 20
