"""Explorer: see what is in a folder of images, and whether it is separable, before you train.

    >>> import explorer
    >>> report = explorer.embed("sample_data", cache=cache)
    >>> dataset = explorer.open_dataset("sample_data", cache=cache)
    >>> space = dataset.space("efficientnet-lite0")
    >>> space.embeddings().shape
    (128, 1280)

What the command line does is here under the same names: `embed`, `analyze`, `annotate`, `relocate`,
`repair`, `report`, `search`, `compare`, `choose` (`explorer select` there), `export`, `repeat`,
`where`; `findings` gives what is worth looking at, `plot` draws a map. `open_dataset` gives a
`Dataset`, which gives its `Space`s; `extractors` is the library of feature extractors. Everything
that can go wrong is an `ExplorerError`.
"""

from typing import TYPE_CHECKING

from explorer.on_demand import names_on_demand

if TYPE_CHECKING:
    from explorer import errors, extractors
    from explorer.batch.analyze import AnalysisReport, analyze
    from explorer.batch.annotate import AnnotateReport, annotate
    from explorer.batch.embed import embed
    from explorer.batch.imports import import_vectors
    from explorer.batch.progress import Progress
    from explorer.batch.relocate import RelocateReport, relocate
    from explorer.batch.repair import RepairReport, repair
    from explorer.batch.settings import EmbedReport, EmbedSettings
    from explorer.curate import (
        ChooseSettings,
        Chosen,
        Exported,
        ExportOptions,
        choose,
        export,
        repeat,
    )
    from explorer.errors import (
        BadValueError,
        ConflictError,
        DamagedAnalysisError,
        DamagedError,
        ExplorerError,
        ExportError,
        ExtractorError,
        ImageError,
        LimitError,
        LockedError,
        NoDatasetError,
        NotAnalyzedError,
        NotAnnotatedError,
        NotPossibleError,
        OtherSourceError,
        OutdatedError,
        SourceError,
        SpaceMissingError,
        StoreError,
        UnknownLayerError,
        UnknownNameError,
        UsageError,
    )
    from explorer.filters import where
    from explorer.insight import Finding, Report, findings, report
    from explorer.insight.static_map import plot
    from explorer.probe import Comparison, compare
    from explorer.search import Hit, search
    from explorer.store import Dataset, Space, dataset_names, open_dataset

names_on_demand(__name__)
