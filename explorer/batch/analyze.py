"""The analysis run: from the stored vectors to the graph, and from the graph to the columns."""

import dataclasses
import math
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from explorer.analysis import (
    ANALYSES,
    NEIGHBORS,
    Analysis,
    Column,
    Graph,
    ImageGroup,
    Inputs,
    build_index,
    find_analysis,
    neighbor_graph,
)
from explorer.batch.inputs import Given, digest, last_values
from explorer.batch.progress import Progress, Report, silent
from explorer.errors import BadValueError, DamagedError, NotAnalyzedError
from explorer.store import (
    AnalysisMeta,
    ClusterMeta,
    ColumnMeta,
    Columns,
    Dataset,
    NeighborTable,
    Space,
    Values,
    graph_metadata,
    index_digest,
    read_columns,
    write_columns,
    write_graph,
    write_index,
    writing,
)

# Raise it when `neighbor_graph` would give another graph for the same vectors.
GRAPH_VERSION = 1
PUBLISH_EVERY = 3.0  # seconds
_FIRST = ANALYSES[0]  # of the vectors alone
_FEW = 2000  # images: of fewer, several threads would mostly wait for each other


@dataclass
class AnalysisReport:
    """What a run did: the analyses that were computed, and those that were still good."""

    space: str
    computed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False
    figures: dict[str, Mapping[str, float]] = field(default_factory=dict)


def analyze(
    dataset: Dataset,
    *,
    space: str | None = None,
    changes: Sequence[str] = (),
    only: Sequence[str] = (),
    on_progress: Report = silent,
    stop: threading.Event | None = None,
) -> AnalysisReport:
    """Bring the graph and the columns of a space up to date; what is still good is kept.

    `changes` are settings such as `"map.n_neighbors=30"`; they stay until they are changed again.
    `only` names analyses: these are computed, with those that they look at, and no others.
    Setting `stop` ends the run after the analysis in hand (`interrupted` is then true in the
    report): the columns stay as they were, or hold more than there was before.
    Raises `UsageError` for a setting that does not exist, `LockedError` when another job is
    writing to the dataset.
    """
    started = time.perf_counter()
    changed = parse_changes(changes)
    with writing(dataset.root):
        run = _Run(Dataset(dataset.root).space(space), changed, on_progress)
        run.all(_with_needs(only), stop or threading.Event())
    run.report.seconds = time.perf_counter() - started
    return run.report


def look_ahead(space: Space) -> None:
    """Make the graph and a first map of a new space while more images come; its job calls this.

    Does nothing for a space that has been analysed: what is there is better.
    """
    if _columns_before(space).analyses.keys() <= {"graph", _FIRST.name}:
        _Run(space, {}, silent).all((_FIRST.name,), threading.Event())


def parse_changes(changes: Sequence[str]) -> dict[str, dict[str, str]]:
    """`["map.n_neighbors=30"]` as `{"map": {"n_neighbors": "30"}}`, each one checked."""
    parsed: dict[str, dict[str, str]] = defaultdict(dict)
    for change in changes:
        target, equals, value = change.partition("=")
        analysis, dot, setting = target.partition(".")
        if not (equals and dot):
            raise BadValueError(f"A setting reads like map.n_neighbors=30, not {change!r}.")
        parsed[analysis][setting] = value
    for name, settings in parsed.items():
        find_analysis(name).with_settings(settings)
    return parsed


def _with_needs(only: Sequence[str]) -> Collection[str]:
    """The names of these analyses, and of all that they look at; of every one if none is named."""
    wanted = {find_analysis(name).name for name in only} or {each.name for each in ANALYSES}
    for analysis in reversed(ANALYSES):
        if analysis.name in wanted:
            wanted.update(analysis.needs, analysis.uses)
    return wanted


class _Run:
    """One pass over the declared analyses for one space."""

    def __init__(
        self, space: Space, changed: Mapping[str, Mapping[str, str]], on_progress: Report
    ) -> None:
        self.space = space
        self.report = AnalysisReport(space.id)
        self._changed = changed
        self._on_progress = on_progress
        self._fingerprints: dict[str, str] = {"vectors": space.fingerprint}
        self._before = _columns_before(space)
        self._now = Columns(space.image_ids)
        self._names: dict[str, list[str]] = {}

    def all(self, wanted: Collection[str], stop: threading.Event) -> None:
        """The graph, then every wanted analysis whose inputs are there, in the declared order.

        A run that makes more than there was publishes what it has every few seconds: those who
        wait for the map can look at the rest.
        """
        self._on_progress(Progress("Neighbours", 0, 0))
        inputs = self._inputs(self._graph())
        with threadpool_limits(1 if len(self.space) < _FEW else None):
            self._analyses(inputs, wanted, stop)
        if self.report.interrupted:
            return
        if self.report.computed or self._before.analyses.keys() != self._now.analyses.keys():
            write_columns(self.space.columns_path, self._now)
        self.report.figures = {name: made.figures for name, made in self._now.analyses.items()}

    def _analyses(self, inputs: Inputs, wanted: Collection[str], stop: threading.Event) -> None:
        published = time.monotonic()
        for analysis in ANALYSES:
            if analysis.name not in wanted:
                self._leave(analysis.name)
                continue
            self._on_progress(Progress(analysis.title, 0, 0))
            if stop.is_set():
                self.report.interrupted = True
                return
            is_more = self._before.meta.keys() <= self._now.meta.keys()
            if is_more and time.monotonic() - published > PUBLISH_EVERY:
                write_columns(self.space.columns_path, self._now)
                published = time.monotonic()
            if all(name in self._fingerprints for name in analysis.needs):
                self._analysis(analysis, inputs)

    @cached_property
    def _vectors(self) -> npt.NDArray[np.float32]:
        return self.space.embeddings()

    def _graph(self) -> Graph:
        """The stored graph when it is that of these vectors; else a new one, which is stored."""
        ids = self.space.image_ids
        wanted = {
            "vectors": self.space.fingerprint,
            "k": str(NEIGHBORS),
            "version": str(GRAPH_VERSION),
        }
        self._fingerprints["graph"] = digest(wanted)
        made = graph_metadata(self.space.graph_path)
        stored = self._stored_graph(made) if wanted.items() <= made.items() else None
        if stored:
            self.report.kept.append("graph")
            self._note_graph(float(made["recall"]))
            return Graph(np.searchsorted(ids, stored.neighbor_ids), stored.similarities)
        index = build_index(self._vectors, ids=ids)
        graph = neighbor_graph(self._vectors, k=NEIGHBORS, index=index)
        write_index(self.space.index_path, index.faiss)
        origin = {"recall": str(index.recall), "index": index_digest(self.space.index_path)}
        table = NeighborTable(ids, ids[graph.neighbors], graph.similarities)
        write_graph(self.space.graph_path, table, wanted | origin)
        self.report.computed.append("graph")
        self._note_graph(index.recall)
        return graph

    def _stored_graph(self, made: Mapping[str, str]) -> NeighborTable | None:
        """What is on disk; None, so that it is made again, when it or its index is damaged."""
        try:
            if made.get("index") == index_digest(self.space.index_path):
                return self.space.graph()
        except (DamagedError, NotAnalyzedError):
            pass
        return None

    def _note_graph(self, recall: float) -> None:
        self._now.analyses["graph"] = AnalysisMeta(
            self._fingerprints["graph"],
            parameters={"k": NEIGHBORS},
            figures={"recall": recall},
            parts=self.space.next_part,
        )

    def _inputs(self, graph: Graph) -> Inputs:
        given = Given(self.space, self._on_progress)
        self._names = given.names
        self._fingerprints |= given.fingerprints
        return Inputs(
            graph,
            lambda: self._vectors,
            **given.inputs,
            names=given.names,
            columns=self._now.values,
            before=partial(last_values, self._before, self.space),
        )

    def _analysis(self, analysis: Analysis[Any], inputs: Inputs) -> None:
        before = self._before.analyses.get(analysis.name)
        stored = before.parameters if before else {}
        settings = analysis.settings_of(stored, self._changed.get(analysis.name, {}))
        fingerprint = analysis.fingerprint(settings, self._fingerprints)
        self._fingerprints[analysis.name] = fingerprint
        if before and before.fingerprint == fingerprint:
            self._keep(analysis.name, before)
            return
        if before and before.version == analysis.version:
            inputs = dataclasses.replace(inputs, settings_before=analysis.settings_of(stored))
        result = analysis.run(inputs, settings)
        self.report.computed.append(analysis.name)
        self._now.analyses[analysis.name] = AnalysisMeta(
            fingerprint,
            parameters=dataclasses.asdict(settings),
            figures=result.figures,
            groups={name: self._described(groups) for name, groups in result.groups.items()},
            version=analysis.version,
        )
        for column in analysis.columns:
            if column.name in result.columns:
                self._now.values[column.name] = self._named(column, result.columns[column.name])
                about = (column.kind, column.title, column.explains)
                self._now.meta[column.name] = ColumnMeta(*about, analysis.name)

    def _described(self, groups: Sequence[ImageGroup]) -> tuple[ClusterMeta, ...]:
        """Groups as columns.parquet keeps them: with image ids, and None for what is not known."""
        return tuple(
            ClusterMeta(
                group.code,
                group.name,
                int(self.space.image_ids[group.medoid]),
                None if math.isnan(group.purity) else group.purity,
            )
            for group in groups
        )

    def _keep(self, name: str, made: AnalysisMeta) -> None:
        self.report.kept.append(name)
        self._now.analyses[name] = made
        for column, meta in self._before.meta.items():
            if meta.analysis == name:
                self._now.meta[column] = meta
                self._now.values[column] = self._before.values[column]

    def _leave(self, name: str) -> None:
        """What nobody asks for stays as it was, if the vectors did."""
        before, graph = (self._before.analyses.get(each) for each in (name, "graph"))
        if before and graph and graph.fingerprint == self._fingerprints["graph"]:
            self._keep(name, before)

    def _named(self, column: Column, values: Values) -> Values:
        """Codes as their names, where they have any."""
        if column.names is None:
            return values
        names = self._names[column.names] if isinstance(column.names, str) else column.names
        return np.array([*names, None], object)[values]


def _columns_before(space: Space) -> Columns:
    """What the last run left; nothing when it is damaged, so that all of it is made again."""
    try:
        return read_columns(space.columns_path)
    except DamagedError:
        return Columns(np.empty(0, np.int64))
