"""Handing images over, in any of the formats: all or nothing, checked, and repeatable."""

import errno
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.curate.exports import recipe as recipes
from explorer.curate.exports.formats import FORMATS
from explorer.curate.exports.job import ExportOptions, Job, OnFile
from explorer.curate.exports.names import RECIPE
from explorer.curate.exports.reading import read_back
from explorer.curate.exports.recipe import Origin, Recipe
from explorer.curate.exports.staging import Staging, staged
from explorer.curate.exports.tables import exported_columns
from explorer.errors import ExplorerError, ExportError
from explorer.filters import expression, shown_mask
from explorer.store import Dataset, Space

MOST_NAMED = 5


@dataclass(frozen=True)
class Exported:
    """What was written, and where. notes: what one should know about it, in sentences."""

    to: str
    format: str
    images: int
    files: int
    bytes: int
    notes: tuple[str, ...] = ()


def export(
    space: Space,
    image_ids: Sequence[int],
    *,
    format: str,
    to: str | Path,
    options: ExportOptions | None = None,
    origin: Origin | None = None,
    force: bool = False,
    on_file: OnFile | None = None,
) -> Exported:
    """Write images into the new folder `to`: it appears whole, at the end, or not at all.

    `format` is a name in `FORMATS`, `options` say more. All is read back and compared before it
    takes its place; recipe.json says what it was made from (`origin` tells where the images come
    from), and `repeat` makes the same again from it. After an interrupt the same call goes on. With
    `force` an earlier export is replaced, never a folder that holds anything else. `on_file` is
    told (stage, done, total). Raises `ExportError` when there is nothing to export, `to` cannot be
    used, or an image file is gone or has changed.
    """
    if format not in FORMATS:
        raise ExportError(f"There is no format {format!r}. There are: {', '.join(FORMATS)}.")
    if not len(image_ids):
        raise ExportError("There is nothing to export: no image is selected.")
    table = _rows(exported_columns(space), space, image_ids)
    told = recipes.describe(space, table, format, options or ExportOptions(), origin or Origin())
    return _Export(space, table, told, on_file or _unheard).run(to, force=force)


def repeat(
    recipe: str | Path,
    dataset: Dataset,
    *,
    to: str | Path,
    force: bool = False,
    on_file: OnFile | None = None,
) -> Exported:
    """Make exactly the export again that a recipe is of, on the dataset it was made from.

    Raises `ExportError`, which says what has changed, when that is not possible; nothing is written
    then.
    """
    old = recipes.read_recipe(Path(recipe))
    if old["format"] not in FORMATS:
        raise ExportError(f"This Explorer has no format {old['format']!r}, which the recipe names.")
    space = dataset.space(str(old["space"].get("id")))
    gone = np.setdiff1d(np.array(old["image_ids"], np.int64), space.image_ids).tolist()
    known = exported_columns(space)
    columns = [name for name in old["columns"] if name in known.column_names]
    lost = [name for name in old["columns"] if name not in columns]
    if gone or lost:
        what = [f"{len(gone):,} of its images are gone (ids {_listed(gone)})"] if gone else []
        what += [f"there is no column {name!r} any more" for name in lost]
        raise ExportError(f"The recipe cannot be repeated: {'; '.join(what)}.")
    table = _rows(known.select(columns), space, old["image_ids"])
    origin = recipes.origin_of(old)
    new = recipes.describe(space, table, old["format"], recipes.options_of(old), origin)
    again = _Export(space, table, new, on_file or _unheard, expected=old)
    return again.run(to, force=force, notes=_filter_now(space, origin, old["image_ids"]))


def _filter_now(space: Space, origin: Origin, image_ids: list[int]) -> tuple[str, ...]:
    """Whether the filter would choose other images by now."""
    if not origin.filter or origin.tags:
        return ()
    try:
        now = space.image_ids[shown_mask(space, origin.filter)]
    except ExplorerError:
        asked = expression(origin.filter)
        return (f"The filter {asked!r} does not work any more; the ids of the recipe count.",)
    more = len(np.setdiff1d(now, image_ids))
    return (f"{more:,} more images pass the filter by now.",) if more else ()


def _unheard(stage: str, done: int, total: int) -> None:
    """Nobody asked how far it is."""


def _rows(table: pa.Table, space: Space, image_ids: Sequence[int]) -> pa.Table:
    rows = [space.row(int(image_id)) for image_id in image_ids]
    return table.take(pa.array(rows, pa.int64())).combine_chunks()


def _listed(ids: list[int]) -> str:
    more = ", …" if len(ids) > MOST_NAMED else ""
    return ", ".join(map(str, ids[:MOST_NAMED])) + more


@dataclass
class _Export:
    """One export: from what its recipe says to the folder in its place."""

    space: Space
    table: pa.Table
    told: Recipe
    on_file: OnFile
    expected: Recipe | None = None

    def run(self, to: str | Path, *, force: bool, notes: tuple[str, ...] = ()) -> Exported:
        # Resolved, so that neither `..` nor a link hides where it lies.
        target = Path(to).expanduser().resolve()
        _check_target(target, self.space, force=force)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._check_room(target.parent)
            with staged(target) as staging:
                files, told = self._write(staging)
                staging.finish()
        except OSError as error:
            reason = error.strerror or str(error)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                reason += "; free some space, or choose a folder on another disk"
            raise ExportError(f"Cannot export to {target}: {reason}.") from error
        size = sum((target / name).stat().st_size for name in files)
        return Exported(
            str(target), self.told["format"], len(self.table), len(files), size, (*notes, *told)
        )

    def _check_room(self, folder: Path) -> None:
        copies = FORMATS[self.told["format"]].copies and self.told["options"]["link"] == "copy"
        needed = int(pc.sum(self.table["bytes"]).as_py() or 0) if copies else 0
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise ExportError(
                f"The images take {needed / 1e9:.1f} GB, and {folder} has {free / 1e9:.1f} GB "
                "left. Free some space, choose a folder on another disk, or links."
            )

    def _write(self, staging: Staging) -> tuple[set[str], list[str]]:
        """The files of the export, and what one should know about it."""
        staging.begin(json.dumps(self.told))
        options = recipes.options_of(self.told)
        job = Job(self.space, self.table, options, staging, self.on_file)
        FORMATS[self.told["format"]].write(job)
        files = {name: staging.files[name] for name in sorted(job.written)}
        if self.expected is not None:
            self._compare(files)
        staging.write(RECIPE, recipes.as_bytes(self.told | {"files": files}))
        wanted = {*files, RECIPE}
        staging.check(wanted, lambda done, total: self.on_file("Checking", done, total))
        self.on_file("Reading back", len(self.table), len(self.table))
        read_back(job, FORMATS[self.told["format"]].reader, staging.folder)
        return wanted, job.notes

    def _compare(self, files: dict[str, str]) -> None:
        assert self.expected is not None
        if found := recipes.file_differences(self.expected["files"], files):
            why = recipes.differences(self.expected, self.told)
            raise ExportError(
                f"The recipe gives another export by now: {'; '.join(found)}. What has changed: "
                f"{'; '.join(why) or 'the tags it sorts by, or what the recipe says'}."
            )


def _check_target(target: Path, space: Space, *, force: bool) -> None:
    if target.is_relative_to(Path(space.dataset.source).resolve()):
        raise ExportError(
            f"{target} lies inside the source folder, where the copies would count as new images. "
            "Choose a folder outside it."
        )
    if not target.exists():
        return
    if not force:
        raise ExportError(f"{target} exists already. Choose another folder, or use --force.")
    if not target.is_dir() or (any(target.iterdir()) and not _is_export(target)):
        raise ExportError(
            f"{target} is not an earlier export, or holds more than that (see its {RECIPE}), so "
            "it is never replaced. Choose another folder."
        )


def _is_export(folder: Path) -> bool:
    """Whether a folder holds the files of an export and no others.

    What file managers leave (.DS_Store) does not count.
    """
    try:
        listed = {*recipes.read_recipe(folder / RECIPE)["files"], RECIPE}
    except ExportError:
        return False
    shown = (path for path in folder.rglob("*") if not path.name.startswith("."))
    there = {
        path.relative_to(folder).as_posix()
        for path in shown
        if path.is_symlink() or not path.is_dir()
    }
    return there <= listed
