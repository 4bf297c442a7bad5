"""The jobs that write: embedding a source, analysing a space."""

from typing import TYPE_CHECKING

from explorer.on_demand import names_on_demand

if TYPE_CHECKING:
    from explorer.batch.analyze import AnalysisReport, analyze, parse_changes
    from explorer.batch.annotate import AnnotateReport, annotate
    from explorer.batch.background import AnalysisRequest, JobRequest, start_job
    from explorer.batch.bench import BenchRow, bench
    from explorer.batch.embed import embed
    from explorer.batch.imports import import_vectors
    from explorer.batch.progress import Progress, Report, silent
    from explorer.batch.relocate import RelocateReport, relocate
    from explorer.batch.repair import RepairReport, repair
    from explorer.batch.settings import DEFAULT_EXTRACTOR, EmbedReport, EmbedSettings, told_about
    from explorer.batch.spaces import goes_on_with

names_on_demand(__name__)
