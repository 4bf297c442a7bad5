"""The embedding job: a source becomes parts on disk; killed at any moment, it can go on."""

import contextlib
import itertools
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from explorer.batch.analyze import analyze, look_ahead
from explorer.batch.calibrate import calibrate, remembered
from explorer.batch.identity import Identities, shows_the_same
from explorer.batch.part import PartBuilder
from explorer.batch.pipeline import Mapper, Outcome, ordered_map
from explorer.batch.plan import Item, Known, Plan, make_plan
from explorer.batch.progress import Progress, Report, silent
from explorer.batch.report import nothing_in, tell_removed, tell_spaces
from explorer.batch.settings import EmbedReport, EmbedSettings, part_size_of
from explorer.batch.spaces import chosen_spaces, open_extractors, vectors_there
from explorer.batch.taken_over import take_over
from explorer.errors import ExplorerError, SourceError
from explorer.extractors import Extractor, ForwardPass, telling
from explorer.images import Listing, SafeDecoder, Source, open_source
from explorer.store import Dataset, DatasetWriter, Part, cache_folder, folder_name, write_dataset

_LOOKED_AT = 6  # parts: with the images of more, what is shown meanwhile takes its time, too


def embed(
    source: str | Path,
    *,
    name: str | None = None,
    cache: str | Path | None = None,
    settings: EmbedSettings | None = None,
    on_progress: Report = silent,
    stop: threading.Event | None = None,
) -> EmbedReport:
    """Embed the images of `source` into the dataset `name` (default: the folder's name).

    >>> report = embed("sample_data", cache=cache)
    >>> report.embedded + report.unchanged, report.rejected
    (128, 0)

    Does only what is still to be done: files that are known and unchanged cost one look at their
    size and time. Setting `stop` ends the job cleanly after the image or the analysis in hand
    (`interrupted` is then true in the report, and nothing done so far is lost).

    Raises `SourceError` (no such folder, no images), `ExtractorError` (unknown id, no weights),
    `LockedError` (another job is writing) and `StoreError` (cannot write).
    """
    settings = settings or EmbedSettings()
    started = time.perf_counter()
    images = open_source(source, labels=settings.labels)
    on_progress(Progress("Listing files", 0, 0))
    listing = images.list()
    if not listing.refs:
        raise SourceError(nothing_in(images, listing))
    root = cache_folder(cache) / folder_name(name or images.name)
    with write_dataset(root, source=images.uri, labels=settings.labels) as writer:
        on_progress(Progress("Loading the extractor", 0, 0))
        asked, others = chosen_spaces(writer, settings)
        to_open = others if _is_anything_due(listing, writer, others) else ()
        with telling(lambda making: on_progress(Progress(making, 0, 0))):
            opened = open_extractors(writer, asked, settings, others=to_open)
        job = EmbedJob(
            images,
            writer,
            extractors=opened.extractors,
            passes=opened.passes,
            settings=settings,
            stop=stop or threading.Event(),
        )
        report = job.run(listing, on_progress)
        writer.finish()
    report.not_opened = {space_id: str(error) for space_id, error in opened.failed.items()}
    dataset = Dataset(root)
    tell_removed(report, writer.images, dataset)
    if not report.interrupted:
        report.tags, report.groups = take_over(dataset)
    if settings.analyze and not report.interrupted:
        for space_id in (each for each in dataset.space_ids if each in (*asked, *others)):
            run = analyze(dataset, space=space_id, on_progress=on_progress, stop=stop)
            report.interrupted |= run.interrupted
    report.seconds = time.perf_counter() - started
    tell_spaces(report, dataset)
    return report


def _is_anything_due(listing: Listing, writer: DatasetWriter, spaces: Sequence[str]) -> bool:
    """Is there a file that may have to be embedded? Else no network need be loaded for it."""
    there = {name: vectors_there(writer, name) for name in spaces}
    return bool(spaces) and bool(make_plan(listing, writer, there).items)


@dataclass
class EmbedJob:
    """One run over one source; see `embed`."""

    source: Source
    writer: DatasetWriter
    extractors: Mapping[str, Extractor]
    passes: Sequence[ForwardPass]
    settings: EmbedSettings
    stop: threading.Event

    def run(self, listing: Listing, on_progress: Report) -> EmbedReport:
        """Work through the plan part by part, and say what was done."""
        embedded = {name: vectors_there(self.writer, name) for name in self.extractors}
        plan = make_plan(listing, self.writer, embedded)
        report = EmbedReport(
            dataset=self.writer.name,
            cache=str(self.writer.root.parent),
            unchanged=plan.unchanged,
            rejected=plan.rejected_before + len(listing.refused),
            ignored=listing.ignored,
        )
        with SafeDecoder() as decoder:
            mapper = Mapper(
                self.source,
                decoder,
                extractors=self.extractors,
                passes=self.passes,
                embedded=embedded,
                pictured=plan.pictured,
                known_contents={*plan.vanished, *plan.doubtful},
            )
            self._identities = Identities(plan, self.source.read, self.writer.image_path)
            self._work(plan, mapper, report=report, on_progress=on_progress)
        if not report.interrupted:
            self._settle(plan, listing)
        return report

    def _work(
        self, plan: Plan, mapper: Mapper, *, report: EmbedReport, on_progress: Report
    ) -> None:
        settings = self.settings
        workers = settings.workers or self._calibrated(plan.items, mapper)
        outcomes = ordered_map(mapper, plan.items, workers=workers, ahead=4 * settings.batch_size)
        started = time.perf_counter()
        number = self.writer.parts
        part = self._new_part(plan)
        failure: SourceError | None = None
        # The disk works while the model does, on one part at a time.
        with (
            ThreadPoolExecutor(1, thread_name_prefix="commit") as committer,
            contextlib.closing(outcomes),
        ):
            pending: Future[None] | None = None
            try:
                for done, outcome in enumerate(outcomes, start=1):
                    self._take(outcome, plan, mapper=mapper, part=part, report=report)
                    if part.files == part_size_of(number, settings.part_size):
                        _wait(pending)
                        pending = committer.submit(self._commit, part.finish())
                        number, part = number + 1, self._new_part(plan)
                    if done % settings.batch_size == 0 or done == len(plan.items):
                        on_progress(Progress("Embedding", done, len(plan.items), report.rejected))
                    if self.stop.is_set():
                        report.interrupted = True
                        break
            except SourceError as error:
                failure = error
            _wait(pending)
            self.writer.commit(part.finish())
        if failure:
            raise failure
        seconds = time.perf_counter() - started
        report.images_per_second = report.embedded / seconds if report.embedded else 0.0

    def _commit(self, part: Part) -> None:
        """Write a part; the first ones of a new dataset can be looked at while the rest comes."""
        self.writer.commit(part)
        if self.settings.analyze and self.writer.parts <= _LOOKED_AT:
            with contextlib.suppress(ExplorerError):  # the analysis afterwards tells what is wrong
                for space_id in self.extractors:
                    look_ahead(self.writer.dataset().space(space_id))

    def _calibrated(self, items: list[Item], mapper: Mapper) -> int:
        """The number of decode threads, measured for a new space and remembered with it."""
        infos = (self.writer.space_info(name) for name in self.extractors)
        if kept := next(filter(None, map(remembered, infos)), None):
            return kept.workers
        found = calibrate(mapper, items, passes=self.passes, batch_size=self.settings.batch_size)
        if found.images_per_second:
            for name in self.extractors:
                self.writer.note(name, found)
        return found.workers

    def _new_part(self, plan: Plan) -> PartBuilder:
        return PartBuilder(
            self.writer, self.passes, values=plan.values, batch_size=self.settings.batch_size
        )

    def _take(
        self,
        outcome: Outcome,
        plan: Plan,
        *,
        mapper: Mapper,
        part: PartBuilder,
        report: EmbedReport,
    ) -> None:
        """Put one outcome into the part, and count it."""
        known, outcome = self._identify(outcome, mapper=mapper, part=part)
        if outcome.reason:
            self._check_source(outcome)
            part.reject(outcome)
            # What was known of it is no longer what the file holds.
            if known and not outcome.unread:
                part.mark_gone(known)
            report.rejected += 1
            return
        is_pictured = known is None or plan.pictured[known.image_id]
        part.add(outcome, known, news=bool(plan.news[outcome.item.row]) or not is_pictured)
        if known and self.writer.image_path(known.row) != outcome.item.ref.path:
            report.moved += 1
        elif outcome.prepared:
            report.embedded += 1
        else:
            report.unchanged += 1

    def _identify(
        self, outcome: Outcome, *, mapper: Mapper, part: PartBuilder
    ) -> tuple[Known | None, Outcome]:
        """The image that a file is, None for a new one; the one that it replaces is marked gone."""
        before = known = self._identities.at_path(outcome.item.known)
        if outcome.data:
            read = (outcome.item, outcome.content_hash, outcome.data)
            if known := self._identities.of_content(outcome.content_hash):
                outcome = mapper.decode_missing(*read, known.image_id)
            else:
                outcome = mapper.decode(*read, tuple(self.extractors))
                known = before
        changed = known and known.content_hash != outcome.content_hash and outcome.prepared
        if known and changed and not shows_the_same(self._before, known, changed.jpeg):
            known = None
        if before and known is not before:
            part.mark_gone(before)
            self._identities.replace(before)
        elif before and not outcome.reason:
            self._identities.keep(before)
        return known, outcome

    @cached_property
    def _before(self) -> Dataset:
        """The dataset as the job found it, or a little later."""
        return self.writer.dataset()

    def _check_source(self, outcome: Outcome) -> None:
        """Many unreadable files have one cause when the source itself has gone."""
        if not outcome.unread:
            return
        try:
            open_source(self.source.uri)
        except SourceError as error:
            raise SourceError(
                f"{self.source.uri} has vanished while it was being embedded. What was embedded "
                "so far is kept: run the same command again when it is back."
            ) from error

    def _settle(self, plan: Plan, listing: Listing) -> None:
        """Record new labels and values, what is gone, and what could not even be listed."""
        for start in range(0, len(plan.updates), self.settings.part_size):
            part = self._new_part(plan)
            for item in plan.updates[start : start + self.settings.part_size]:
                part.update(item)
            self.writer.commit(part.finish())
        part = self._new_part(plan)
        for known in itertools.chain.from_iterable(plan.vanished.values()):
            if known.is_present and known.image_id not in self._identities.replaced:
                part.mark_gone(known)
        refused = {path for path, _ in listing.refused}
        for path, reason in listing.refused:
            part.refuse(path, reason)
        self.writer.forget_rejected(plan.gone_rejected - refused)
        self.writer.commit(part.finish())


def _wait(pending: Future[None] | None) -> None:
    if pending:
        pending.result()
