"""What can go wrong, as one small tree. Every message is a sentence for a person.

    ExplorerError
    ├── UsageError              what was asked cannot be done as it was asked
    │   ├── UnknownNameError    no dataset, space, column, tag, image … is called so
    │   │   ├── NoDatasetError      … as there is none in the cache yet
    │   │   └── SpaceMissingError   … the dataset has no such space
    │   ├── BadValueError       a value, an expression or a request makes no sense
    │   ├── NotPossibleError    it makes sense, but not with these images, or not now
    │   │   └── NotAnnotatedError   … as the images lack what people say of them
    │   ├── ConflictError       it is in the way of what others do, or have done meanwhile
    │   └── LimitError          it takes more time or memory than it may
    ├── SourceError             the images cannot be reached (missing folder, unreadable list)
    ├── ImageError              one image cannot be decoded; jobs record it and go on
    ├── ExtractorError          an extractor is unknown, lacks its weights or failed
    │   └── UnknownLayerError   it has no such layer
    ├── StoreError              the cache is missing, damaged or cannot be written
    │   ├── NotAnalyzedError    what the analysis makes is not there yet
    │   ├── DamagedError        a file of the dataset is missing or damaged
    │   │   └── DamagedAnalysisError   … which the analysis makes again
    │   ├── OtherSourceError    the dataset was made of other images
    │   └── LockedError         another job is writing to the dataset
    └── ExportError             an export cannot be written as asked
        └── OutdatedError       … as the source has changed since it was embedded

A caller who catches `ExplorerError` catches everything Explorer raises for bad input. The message
says what is wrong, and with which file or value; what it is about, as far as it is known, stands in
`dataset`, `source` and `space`, for whoever tells people which command or button mends it.
"""


class ExplorerError(Exception):
    """The root of the tree: catch it to catch them all."""

    def __init__(
        self, message: str = "", *, dataset: str = "", source: str = "", space: str = ""
    ) -> None:
        super().__init__(message)
        self.dataset = dataset
        self.source = source
        self.space = space


class UsageError(ExplorerError):
    """What was asked cannot be done as it was asked."""


class UnknownNameError(UsageError):
    """There is no dataset, space, column, tag, image … of that name; it tells which there are."""


class NoDatasetError(UnknownNameError):
    """There is no dataset in the cache yet."""


class SpaceMissingError(UnknownNameError):
    """The dataset has not been embedded through that extractor: `source` and `space` tell which."""


class BadValueError(UsageError):
    """A value, an expression or a request makes no sense: out of range, say, or no number."""


class NotPossibleError(UsageError):
    """What was asked makes sense, but not with these images, or not at this moment."""


class NotAnnotatedError(NotPossibleError):
    """The images of `dataset` lack what people have to say of them, such as their splits."""


class ConflictError(UsageError):
    """It is in the way of what others do at this moment, or of what they have changed meanwhile."""


class LimitError(UsageError):
    """What was asked takes more time or memory than it may; asked again, it may work."""


class SourceError(ExplorerError):
    """The images cannot be reached: a missing folder, an unreadable list."""


class ImageError(ExplorerError):
    """One image cannot be decoded. Its text is the reason that goes into rejected.parquet."""


class ExtractorError(ExplorerError):
    """An extractor is unknown, lacks its weights, or failed on an image."""


class UnknownLayerError(ExtractorError):
    """The extractor `space` has no such layer."""


class StoreError(ExplorerError):
    """The cache is missing, damaged, or cannot be written."""


class NotAnalyzedError(StoreError):
    """The analysis of `dataset` has not made this yet."""


class DamagedError(StoreError):
    """A file is missing or damaged; `dataset` tells of what, where that is known."""


class DamagedAnalysisError(DamagedError):
    """A file is damaged that the analysis makes again."""


class OtherSourceError(StoreError):
    """`dataset` was made of other images than those of `source`."""


class LockedError(StoreError):
    """Another job is writing to the dataset."""


class ExportError(ExplorerError):
    """An export cannot be written as asked."""


class OutdatedError(ExportError):
    """An image is not what it was when `source` was embedded."""
