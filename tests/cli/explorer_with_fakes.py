"""The command `explorer` with the fake extractors; `slow-fake` takes its time ($SLOWNESS)."""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.fakes import Fake

from explorer.cli import main
from explorer.extractors import ExtractorInfo, register


class SlowFake(Fake):
    def extract(self, batch):
        time.sleep(float(os.environ.get("SLOWNESS", "0.1")))
        return super().extract(batch)


INFO = ExtractorInfo(id="slow-fake", dimension=8, input_size=8, sees="Little.", licence="MIT")
register(INFO)(lambda device, precision: SlowFake(INFO))

if __name__ == "__main__":
    main()
