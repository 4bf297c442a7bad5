"""Files made once from a model's weights (converted networks, class weights) and kept on disk.

They live in `$EXPLORER_MODELS`, or else in the user's cache directory, one folder per key. A folder
appears whole (it is written under a temporary name and renamed) and its manifest holds the hash of
every file, so one that was damaged later is noticed and made again.
"""

import contextlib
import functools
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from urllib.parse import quote

import platformdirs

from explorer import environment
from explorer.errors import ExtractorError

_MANIFEST = "manifest.json"
_LONGEST = 200  # characters of a folder's name, of which file systems take 255

_tell: ContextVar[Callable[[str], None] | None] = ContextVar("tell", default=None)


@contextlib.contextmanager
def telling(tell: Callable[[str], None]) -> Iterator[None]:
    """Meanwhile, let `tell` know in a phrase what is made that takes seconds, once for each."""
    token = _tell.set(functools.cache(tell))
    try:
        yield
    finally:
        _tell.reset(token)


def model_folder(key: str, build: Callable[[Path], None], *, making: str = "") -> Path:
    """The folder kept under `key`, made by `build(empty folder)` when it is missing or damaged.

    making: what is told then, where it takes long. Raises ExtractorError when it cannot be written.
    """
    root = models_root()
    name = quote(key, safe="")
    if len(name) > _LONGEST:
        name = f"{name[: _LONGEST // 2]}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    folder = root / name
    if _is_intact(folder):
        return folder
    if making and (tell := _tell.get()):
        tell(making)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".new-") as temporary:
            new = Path(temporary, "model")
            new.mkdir()
            build(new)
            hashes = {file.name: sha256(file) for file in sorted(new.iterdir())}
            (new / _MANIFEST).write_text(json.dumps(hashes, indent=1))
            _replace(folder, new, aside=Path(temporary, "damaged"))
    except OSError as error:
        raise ExtractorError(
            f"The model cache {root} cannot be written ({error.strerror or error}). "
            f"Set {environment.MODELS} to a folder that can."
        ) from error
    return folder


def converting(id: str) -> str:
    """What is told while torch looks at a network and OpenVINO converts it."""
    return f"Converting {id} for this machine, once: about 15 s"


def sha256(file: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def models_root() -> Path:
    """The folder that holds all of these."""
    own = environment.value_of(environment.MODELS)
    return Path(own) if own else platformdirs.user_cache_path("explorer") / "models"


def _is_intact(folder: Path) -> bool:
    try:
        hashes = json.loads((folder / _MANIFEST).read_bytes())
        return all(sha256(folder / name) == expected for name, expected in hashes.items())
    except (OSError, ValueError, AttributeError):
        return False


def _replace(folder: Path, new: Path, *, aside: Path) -> None:
    if folder.exists() and not _is_intact(folder):
        folder.rename(aside)
    try:
        new.rename(folder)
    except OSError:
        # Another process made the same one meanwhile, and either will do.
        if not _is_intact(folder):
            raise
