"""Weights that are no part of a package: put there by the user, or else downloaded."""

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from explorer.errors import ExtractorError
from explorer.extractors.model_cache import models_root

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")


def find(id: str, *, source: str, download: Callable[[], str | Path]) -> Path:
    """The file of weights that the user put there, or else what `download` fetches from `source`.

    Raises ExtractorError, which says where a file can be put by hand.
    """
    place = models_root() / "weights" / quote(id, safe="")
    for suffix in SUFFIXES:
        file = place.with_name(place.name + suffix)
        if file.is_file():
            return file
    if not source:
        raise ExtractorError(
            f"Nobody offers weights for {id}. Name a file of your own with --weights FILE, or put "
            f"it at {place}.safetensors (or .pth)."
        )
    try:
        return Path(download())
    except Exception as error:  # of urllib, of Hugging Face's hub and of what these stand on
        reason = str(error).strip().partition("\n")[0][:200] or type(error).__name__
        raise ExtractorError(
            f"The weights of {id} could not be downloaded from {source} ({reason}). Fetch the file "
            "where there is internet, and name it with --weights FILE, or put it at "
            f"{place}.safetensors (or .pth, as it was)."
        ) from error


def from_hub(repository: str, files: Sequence[str]) -> str:
    """The first of `files` that a repository of Hugging Face's hub has, in the hub's own cache.

    What is there already is taken without asking: to ask in vain takes half a minute.
    """
    from huggingface_hub import hf_hub_download, logging, try_to_load_from_cache
    from huggingface_hub.errors import RemoteEntryNotFoundError

    for file in files:
        if isinstance(found := try_to_load_from_cache(repository, file), str):
            return found
    logging.set_verbosity_error()  # it tells of every attempt; ours is one sentence
    *others, last = files
    for file in others:
        try:
            return hf_hub_download(repository, file)
        except RemoteEntryNotFoundError:
            continue
    return hf_hub_download(repository, last)
