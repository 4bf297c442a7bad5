"""What can go wrong, as one small tree. Every message is a sentence for a person.

    ExplorerError
    ├── UsageError          what was asked makes no sense (unknown name, bad option value)
    │   └── LimitError      … or takes more time or memory than it may
    ├── SourceError         the images cannot be reached (missing folder, unreadable list)
    ├── ImageError          one image cannot be decoded; jobs record it and go on
    ├── ExtractorError      an extractor is unknown, lacks its weights or failed
    ├── StoreError          the cache is missing, damaged or cannot be written
    │   └── LockedError     another job is writing to the dataset
    └── ExportError         an export cannot be written as asked

A caller who catches `ExplorerError` catches everything Explorer raises for bad input. The message
says what is wrong, with which file or value, and what to do.
"""


class ExplorerError(Exception):
    """The root of the tree: catch it to catch them all."""


class UsageError(ExplorerError):
    """What was asked makes no sense: an unknown name, a value out of range."""


class LimitError(UsageError):
    """What was asked takes more time or memory than it may; asked again, it may work."""


class SourceError(ExplorerError):
    """The images cannot be reached: a missing folder, an unreadable list."""


class ImageError(ExplorerError):
    """One image cannot be decoded. Its text is the reason that goes into rejected.parquet."""


class ExtractorError(ExplorerError):
    """An extractor is unknown, lacks its weights, or failed on an image."""


class StoreError(ExplorerError):
    """The cache is missing, damaged, or cannot be written."""


class LockedError(StoreError):
    """Another job is writing to the dataset."""


class ExportError(ExplorerError):
    """An export cannot be written as asked."""
