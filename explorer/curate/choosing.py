"""Choosing for people: a few images that stand for all, cleaned of copies, or split into parts."""

from dataclasses import asdict, dataclass, field

import numpy as np
import numpy.typing as npt

from explorer.analysis import Coverage, coverage
from explorer.curate.pool import Pool
from explorer.curate.settings import ChooseSettings
from explorer.curate.spread import Spread
from explorer.curate.strategies import STRATEGIES
from explorer.errors import BadValueError, NotPossibleError, UnknownNameError
from explorer.store import Space


@dataclass(frozen=True)
class Chosen:
    """What was chosen.

    image_ids: (m,) int64 in the order of choosing, the best first where there is a best. given:
    how many images counted as chosen already. parts: of a split, the ids of each part, and spread:
    how many images of each label each part has. coverage: how the chosen and the given together
    stand for all that could be chosen; None for all of it or nothing. notes: what one should know
    about it, in sentences.
    """

    settings: ChooseSettings
    image_ids: npt.NDArray[np.int64]
    given: int
    coverage: Coverage | None
    parts: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    spread: Spread | None = None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """All of it as what JSON can hold."""
        return {
            **asdict(self.settings),
            "chosen": len(self.image_ids),
            "given": self.given,
            "coverage": asdict(self.coverage) if self.coverage else None,
            "image_ids": self.image_ids.tolist(),
            "parts": {name: ids.tolist() for name, ids in self.parts.items()},
            "spread": self.spread.as_dict() if self.spread else None,
            "notes": list(self.notes),
        }


def choose(
    space: Space,
    settings: ChooseSettings,
    *,
    among: npt.ArrayLike | None = None,
    given: npt.ArrayLike = (),
) -> Chosen:
    """Choose images of a space.

    `among` are the ids that may be chosen (default: all), `given` those that count as chosen
    already; ids of images that have left are passed over. The same settings on the same images
    choose the same. Raises `UsageError` when it cannot be done, with what to do.
    """
    if settings.how not in STRATEGIES:
        raise UnknownNameError(
            f"There is no strategy {settings.how!r}. There are: {', '.join(STRATEGIES)}."
        )
    strategy = STRATEGIES[settings.how]
    if settings.count is not None and strategy.count == "none":
        raise BadValueError(
            f"“{settings.how}” takes no number: it decides itself how many there are."
        )
    ids = space.image_ids
    already = np.flatnonzero(np.isin(ids, np.asarray(given, np.int64)))
    rows = np.arange(len(ids)) if among is None else np.flatnonzero(np.isin(ids, among))
    rows = np.setdiff1d(rows, already)
    if not len(rows):
        raise NotPossibleError("There is nothing to choose from: no image passes.")
    pool = Pool(space, settings, rows, already)
    picked = strategy.pick(pool)
    together = np.concatenate([picked.places, pool.given_places])
    parts = {}
    if picked.part is not None:
        parts = {
            name: ids[rows[picked.places[picked.part == number]]]
            for number, (name, _) in enumerate(settings.parts)
        }
    covers = None
    if 0 < len(together) < len(pool.everything):
        covers = coverage(len(pool.everything), together, pool.vectors, seed=settings.seed)
    return Chosen(
        settings,
        ids[rows[picked.places]],
        len(already),
        covers,
        parts=parts,
        spread=picked.spread,
        notes=picked.notes,
    )
