"""Which files may be run as code, by their content.

A dataset names its extractors, and a dataset can come from anybody. So what is code is run only
after its user has said, once, that this very content is to be trusted.
"""

from pathlib import Path

from explorer.errors import ExtractorError
from explorer.extractors.model_cache import models_root, sha256


def trust(file: Path) -> None:
    """Remember that this content may be run. Raises ExtractorError when that cannot be done."""
    try:
        mark = _mark(file)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(f"{file.absolute()}\n")
    except OSError as error:
        raise ExtractorError(f"{file} cannot be trusted: {error.strerror or error}.") from error


def demand(file: Path) -> None:
    """Raise ExtractorError unless the content of the file was trusted."""
    if not _mark(file).exists():
        raise ExtractorError(
            f"{file} is a program that can do all that you can do here. If you trust who made it: "
            f"explorer extractors trust {file}"
        )


def _mark(file: Path) -> Path:
    return models_root() / "trusted" / sha256(file)
