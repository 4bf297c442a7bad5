"""How fast the embedding job is: against its own limits and against the pipeline people write.

    python -m benchmarks.embed [--short] [--json FOLDER]

Everything is measured within one run, in turns, and told as ratios. The plain pipeline is PIL,
torchvision transforms, a DataLoader with 2 workers, fp32 eager torch and batch 32. Other tools are
timed by benchmarks/peers.py.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from benchmarks import plain
from benchmarks.corpus import PHOTOS, Corpus, build
from benchmarks.machine import machine, save
from explorer import EmbedSettings, embed, extractors, open_dataset
from explorer.batch.pipeline import Mapper, ordered_map
from explorer.batch.plan import Item
from explorer.images import SafeDecoder, open_source

EXTRACTOR = "efficientnet-lite0"
CORPORA = (
    replace(PHOTOS, images=2048),  # long enough for start and last write to weigh little
    Corpus("photos-12mp", 96, (4000, 3000)),
    Corpus("png-640x480", 512, (640, 480), "PNG"),
)
Vectors = npt.NDArray[np.float32]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="an eighth of the images, one turn")
    parser.add_argument("--turns", type=int, default=3, help="each figure is their median")
    parser.add_argument("--corpus", type=Path, default=Path("cache/.benchmarks"))
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()
    turns = 1 if arguments.short else arguments.turns
    results: dict[str, Any] = {"machine": machine(), "turns": turns, "corpora": {}}
    for corpus in CORPORA:
        if arguments.short:
            corpus = Corpus(corpus.name, corpus.images // 8, corpus.size, corpus.format)
        folder = build(corpus, arguments.corpus)
        results["corpora"][corpus.name] = measure(folder, turns)
        print(f"{corpus.name} is done.", file=sys.stderr, flush=True)
        if not arguments.short:
            save("embed", results, arguments.json)
    print_table(results)
    if not arguments.short:
        save("embed", results, arguments.json)


def measure(folder: Path, turns: int) -> dict[str, Any]:
    """Rates in images/s, each the median of some turns, and the drift of our vectors."""
    paths = sorted(folder.rglob("*.*"))
    rates: dict[str, list[float]] = {}
    vectors: dict[str, Vectors] = {}
    for precision in ("bf16", "fp32"):
        alone(ours, folder, precision)  # converts the model, reads the files
    precisions = ("bf16", "fp32")
    made = {"plain": partial(plain.measure, folder)}
    made |= {name: partial(alone, ours, folder, name) for name in precisions}
    limits = {f"forward-{name}": partial(alone, forward_only, folder, name) for name in precisions}
    limits["decode"] = partial(alone, decode_only, folder)

    def embed_all(turn: int) -> None:
        # Forwards and backwards, so that a machine that slows down treats all alike.
        for name in [*made, *limits][:: -1 if turn % 2 else 1]:
            if name in made:
                vectors[name], rate = made[name]()
            else:
                rate = limits[name]()
            rates.setdefault(name, []).append(rate)

    for turn in range(turns):
        embed_all(turn)
    labels = np.array([path.parent.name for path in paths])
    result: dict[str, Any] = {
        "images": len(paths),
        "images_per_second": {name: statistics.median(each) for name, each in rates.items()},
    }
    for precision in ("bf16", "fp32"):
        result[precision] = compare(result["images_per_second"], precision) | drift(
            vectors[precision], vectors["plain"], labels
        )
    # What bf16 alone does to the vectors, whatever decoding and resizing do.
    result["bf16_against_fp32"] = drift(vectors["bf16"], vectors["fp32"], labels)
    return result


def compare(rates: dict[str, float], precision: str) -> dict[str, float]:
    """Our rate against what decoding and the model allow together, and against the plain one."""
    limit = 1 / (1 / rates["decode"] + 1 / rates[f"forward-{precision}"])
    return {
        "of_combined_limit": rates[precision] / limit,
        "times_plain": rates[precision] / rates["plain"],
    }


def alone(measure: Callable[..., Any], *arguments: Any) -> Any:
    """What a function gives in a process of its own: the threads of one model slow another's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, *arguments).result()


def ours(folder: Path, precision: str) -> tuple[Vectors, float]:
    """Embed into a new cache: the vectors in the order of the paths, and images/s."""
    cache = Path(tempfile.mkdtemp(prefix="explorer-bench-"))
    try:
        settings = EmbedSettings(precision=precision, analyze=False)
        report = embed(folder, cache=cache, settings=settings)
        space = open_dataset(cache=cache).space()
        return space.embeddings(), report.images_per_second
    finally:
        shutil.rmtree(cache)


def mapper(folder: Path, decoder: SafeDecoder) -> tuple[Mapper, list[Item]]:
    """The job's own reading and decoding, without the model."""
    source = open_source(folder)
    opened = {EXTRACTOR: extractors.get(EXTRACTOR)}
    made = Mapper(
        source,
        decoder,
        extractors=opened,
        passes=extractors.forward_passes(opened),
        embedded={},
        pictured=np.zeros(0, bool),
        known_contents=(),
    )
    return made, [Item(ref, None, row) for row, ref in enumerate(source.list().refs)]


def decode_only(folder: Path) -> float:
    """Images/s of reading, decoding, thumbnails and preparation on all cores."""
    with SafeDecoder() as decoder:
        decode, items = mapper(folder, decoder)
        started = time.perf_counter()
        for _ in ordered_map(decode, items, workers=2, ahead=64):
            pass
        return len(items) / (time.perf_counter() - started)


def forward_only(folder: Path, precision: str) -> float:
    """Images/s of the model alone, on images that are decoded already."""
    extractor = extractors.get(EXTRACTOR, precision=precision)
    with SafeDecoder() as decoder:
        decode, items = mapper(folder, decoder)
        prepared = [decode(item).prepared for item in items[:64]]
    batch = np.stack([each.inputs[EXTRACTOR] for each in prepared if each])
    extractor.extract(batch[:16])
    started = time.perf_counter()
    for _ in range(8):
        for start in range(0, len(batch), 16):
            extractor.extract(batch[start : start + 16])
    return 8 * len(batch) / (time.perf_counter() - started)


def drift(vectors: Vectors, reference: Vectors, labels: npt.NDArray[np.str_]) -> dict[str, float]:
    """How far vectors are from those of full decoding in fp32: cosine, recall@10, accuracy."""
    ours, theirs = unit(vectors), unit(reference)
    mine, true = nearest(ours, 10), nearest(theirs, 10)
    found = [len(set(a) & set(b)) / len(b) for a, b in zip(mine, true, strict=True)]
    return {
        "cosine_lowest": float((ours * theirs).sum(1).min()),
        "cosine_mean": float((ours * theirs).sum(1, dtype=np.float64).mean()),
        "recall_at_10": float(np.mean(found)),
        "accuracy": float((labels[mine[:, 0]] == labels).mean()),
        "accuracy_of_reference": float((labels[true[:, 0]] == labels).mean()),
    }


def unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def nearest(vectors: Vectors, k: int) -> npt.NDArray[np.int64]:
    """The k nearest others of each row by cosine, (n, k)."""
    similarities = vectors @ vectors.T
    np.fill_diagonal(similarities, -np.inf)
    return np.argsort(-similarities, axis=1, kind="stable")[:, :k]


def print_table(results: dict[str, Any]) -> None:
    table = Table(
        "corpus", "precision", "images/s", "× plain", "of the limit", "recall@10", "1-NN accuracy"
    )
    for name, result in results["corpora"].items():
        for precision in ("bf16", "fp32"):
            figures = result[precision]
            table.add_row(
                name,
                precision,
                f"{result['images_per_second'][precision]:.0f}",
                f"{figures['times_plain']:.1f}",
                f"{figures['of_combined_limit']:.2f}",
                f"{figures['recall_at_10']:.3f}",
                f"{figures['accuracy']:.3f} ({figures['accuracy_of_reference']:.3f})",
            )
    Console().print(table)
    amx = results["machine"]["amx_bf16"]
    Console().print(f"AMX-bf16, which the bars are for: {'yes' if amx else 'no'}")


if __name__ == "__main__":
    main()
