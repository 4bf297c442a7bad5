"""How many threads decode: found out on the first images of a new space, and kept with it."""

import itertools
import os
import time
from collections.abc import Mapping, Sequence

from explorer.batch.pipeline import Batcher, Mapper, Outcome, ordered_map
from explorer.batch.plan import Item
from explorer.extractors import ForwardPass
from explorer.store import Calibration, SpaceInfo

FEWEST = 2048
"""Images from which a measurement pays: it takes as long as a few hundred of them."""

_SECONDS = 0.7  # per number of threads
_GOOD_ENOUGH = 0.95


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def remembered(info: SpaceInfo | None) -> Calibration | None:
    """The calibration of a space, if it was made on as many cores as there are now."""
    kept = info.calibration if info else None
    return kept if kept and kept.cores == cores() else None


def calibrate(
    mapper: Mapper, items: Sequence[Item], *, passes: Sequence[ForwardPass], batch_size: int
) -> Calibration:
    """Try the whole way to the vectors with several numbers of threads, for 3 seconds in all.

    Taken is the smallest number that is within 5 % of the best: as many threads as there are cores
    where decoding is the work, more where most of it is waiting for a distant source. Few images
    are not worth it: they get a thread per core. What is made here is thrown away.

    The size of batches is not measured: networks run on 16 images at a time whatever it is, so
    that a vector never depends on it.
    """
    here = cores()
    if len(items) < FEWEST:
        return Calibration(here, here)
    rates: dict[int, float] = {}
    waiting = iter(items)
    for workers in sorted({max(1, here // 2), here, 2 * here, 4 * here}):
        outcomes = ordered_map(mapper, waiting, workers=workers, ahead=4 * batch_size)
        started, done = time.perf_counter(), 0
        while batch := list(itertools.islice(outcomes, batch_size)):
            _run(batch, passes, batch_size)
            done += len(batch)
            if time.perf_counter() - started >= _SECONDS:
                break
        outcomes.close()
        if done:
            rates[workers] = done / (time.perf_counter() - started)
    return Calibration(
        fewest(rates), here, {str(each): round(rate, 1) for each, rate in rates.items()}
    )


def fewest(rates: Mapping[int, float]) -> int:
    """The fewest threads that come within 5 % of the best rate."""
    enough = _GOOD_ENOUGH * max(rates.values())
    return min(workers for workers, rate in rates.items() if rate >= enough)


def _run(batch: Sequence[Outcome], passes: Sequence[ForwardPass], batch_size: int) -> None:
    for forward in passes:
        batcher = Batcher(forward, batch_size)
        for number, outcome in enumerate(batch):
            batcher.add(outcome, number)
        batcher.rows()
