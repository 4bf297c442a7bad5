"""How true what is said of labels is: at random, on images never seen, on planted mistakes.

    python -m benchmarks.labels DATASET --cache DIR [--json FOLDER]

DATASET is one that has been embedded with ten labels or more alike in number, such as CIFAR-10's
test images. Beside ours stands what cleanlab ranks by, its self-confidence and its normalized
margin, on the probabilities of scikit-learn's logistic regression, cross-validated.
"""

import argparse
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score as precision
from sklearn.model_selection import cross_val_predict

from benchmarks.analysis import Line
from benchmarks.machine import save
from benchmarks.planted import flipped
from explorer import open_dataset
from explorer.analysis import held_out, label_accuracy, label_issues, label_margin, label_trouble

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PER_LABEL = (5, 10, 20, 50, 200)
IMAGES = 4000  # of all draws together, about
UNSEEN = 1000
SHUFFLES = 100
REPEATS = 3  # as the analysis does


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dataset")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    dataset = open_dataset(given.dataset, cache=given.cache)
    names = np.array(dataset.table(["label"])["label"].to_pylist(), dtype=str)
    vectors, labels = dataset.space().embeddings(), np.unique(names, return_inverse=True)[1]
    lines = [line for size in PER_LABEL for line in unseen(vectors, labels, size)]
    lines += at_random(vectors, labels)
    for size in (50, 200):
        lines += mistakes(vectors, labels, size)
    table = Table("what", "case", "ours", "bar", "beside", "holds")
    for line in lines:
        figures = (f"{line.ours:.3f}", f"{line.bar:.3f}", line.beside)
        table.add_row(line.what, line.case, *figures, "yes" if line.holds else "NO")
    Console().print(table)
    save("labels", {"bars": [asdict(line) | {"holds": line.holds} for line in lines]}, given.json)


def drawn(labels: Ints, size: int, seed: int) -> tuple[Ints, Ints]:
    """Rows: so many of each label, and of the others as many as are asked for what is unseen."""
    random = np.random.default_rng((size, seed))
    order = random.permutation(len(labels))
    rows = np.concatenate([order[labels[order] == code][:size] for code in np.unique(labels)])
    return rows, random.permutation(np.setdiff1d(order, rows))[:UNSEEN]


def unseen(vectors: Floats, labels: Ints, size: int) -> list[Line]:
    """The accuracy said of some images less the one on images that have no part in it."""
    apart = []
    for seed in range(max(3, IMAGES // (10 * size))):
        rows, others = drawn(labels, size, seed)
        both = np.concatenate([rows, others])
        given = np.concatenate([labels[rows], np.full(len(others), -1)])
        truth = (held_out(vectors[both], given).suggested[len(rows) :] == labels[others]).mean()
        said = label_accuracy(held_out(vectors[rows], labels[rows], repeats=REPEATS), labels[rows])
        assert said is not None
        apart.append(said.value - truth)
    error = np.std(apart, ddof=1) / np.sqrt(len(apart))
    beside = f"{np.mean(apart):+.3f} ± {error:.3f} in {len(apart)} draws"
    case = f"{size} images a label"
    near = 1 - abs(float(np.mean(apart)))
    return [Line("accuracy: 1 less how far from that of unseen images", case, near, 0.98, beside)]


def at_random(vectors: Floats, labels: Ints) -> list[Line]:
    """Labels shuffled, twenty of each: what is told, and what is flagged."""
    silent, flagged = 0, 0.0
    for seed in range(SHUFFLES):
        rows, _ = drawn(labels, 20, seed)
        shuffled = np.random.default_rng(seed).permutation(labels[rows])
        found = held_out(vectors[rows], shuffled, repeats=REPEATS)
        accuracy = label_accuracy(found, shuffled)
        silent += accuracy is not None and not accuracy.told
        flagged += float(label_issues(found, shuffled).mean()) / SHUFFLES
    case = f"20 images a label, shuffled {SHUFFLES} times"
    return [
        Line("said that they cannot be told", case, silent / SHUFFLES, 0.95, ""),
        Line("labels not flagged", case, 1 - flagged, 0.99, ""),
    ]


def mistakes(vectors: Floats, labels: Ints, size: int) -> list[Line]:
    """One label in twenty wrong: any other one, or the one that it is most often taken for."""
    lines = []
    for kind in ("any other label", "the most confused label"):
        scores = []
        for seed in range(4):
            rows, _ = drawn(labels, size, seed)
            truth = labels[rows]
            given, wrong = flipped(truth, seed=seed)
            if kind != "any other label":
                given = np.where(wrong, taken_for(vectors[rows], truth)[truth], truth)
            scores.append(ranked(vectors[rows], given, wrong))
        trouble, margin, self_confidence, normalized, recall, right = np.mean(scores, axis=0)
        case = f"{size} images a label; {kind}"
        lines += [
            Line("label_trouble: average precision", case, trouble, self_confidence, "cleanlab")
            if kind == "any other label"
            else Line("label_margin: average precision", case, margin, normalized, "cleanlab"),
            Line("label_issue: precision", case, right, 0.25, f"recall {recall:.3f}"),
        ]
    return lines


def taken_for(vectors: Floats, truth: Ints) -> Ints:
    """(classes,) the other label that images of each are likeliest taken for."""
    found = held_out(vectors, truth, repeats=REPEATS).probabilities
    means = np.stack([found[truth == code].mean(axis=0) for code in range(found.shape[1])])
    np.fill_diagonal(means, -1)
    return np.asarray(means.argmax(axis=1))


def ranked(vectors: Floats, given: Ints, wrong: Bools) -> tuple[float, ...]:
    """Average precision of our two rankings and cleanlab's; recall and precision of the flag."""
    found = held_out(vectors, given, repeats=REPEATS)
    guess = cross_val_predict(LogisticRegression(), vectors, given, method="predict_proba")
    each = np.arange(len(given))
    own = guess[each, given]
    guess[each, given] = -1
    issues = label_issues(found, given)
    return (
        float(precision(wrong, label_trouble(found, given))),
        float(precision(wrong, label_margin(found, given))),
        float(precision(wrong, 1 - own)),
        float(precision(wrong, guess.max(axis=1) - own)),
        float(issues[wrong].mean()),
        float(wrong[issues].mean()),
    )


if __name__ == "__main__":
    main()
