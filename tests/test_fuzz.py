"""A short run of `make fuzz`."""

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("fuzz_images.py")


def test_a_short_run_of_the_fuzzer_finds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--seconds", "10", "--seed", "1000"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = re.fullmatch(r"(\d+) decoded, (\d+) rejected, 0 failed\n", done.stdout)
    assert counts, done.stdout
    assert min(map(int, counts.groups())) > 20
