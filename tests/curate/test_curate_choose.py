"""Choosing from a real dataset: what people get, and what they are told."""

import csv
import io

import numpy as np
import pytest
from PIL import Image
from support.fakes import analyzed, embed, fill

from explorer import batch
from explorer.curate import STRATEGIES, ChooseSettings, choose
from explorer.errors import NotAnalyzedError, UsageError
from explorer.filters import where
from explorer.store import choice_of, open_dataset, remember_choice

COUNTED = [name for name, strategy in STRATEGIES.items() if strategy.count == "needed"]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """60 pictures of three labels; every fifth is there twice, once as a PNG of the same pixels."""
    folder = tmp_path_factory.mktemp("choose")
    files = {f"{'abc'[i % 3]}/{i:02}.jpg": i for i in range(60)}
    files |= {f"{'abc'[i % 3]}/{i:02}-copy.jpg": i for i in range(0, 60, 5)}
    source = fill(folder / "photos", files | {f"a/00{end}.jpg": small() for end in ("", "-copy")})
    (source / "a" / "00-large.png").write_bytes(saved(large(), "PNG"))
    made = analyzed(source, folder / "cache")
    table = folder / "splits.csv"
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "split"])
        for path in made.table(["path"])["path"].to_pylist():
            writer.writerow([path, "test" if "copy" in path else "train"])
    batch.annotate(made, table)
    return open_dataset(cache=folder / "cache")


def large():
    """A picture with more in it than `fakes.picture`: small, it is still itself."""
    granularities = np.random.default_rng(99).integers(0, 256, (9, 9, 3), np.uint8)
    return Image.fromarray(granularities).resize((96, 80), Image.Resampling.BICUBIC)


def small():
    return saved(large().resize((48, 40), Image.Resampling.BICUBIC), "JPEG")


def saved(image, format):
    out = io.BytesIO()
    image.save(out, format)
    return out.getvalue()


@pytest.fixture(scope="module")
def space(dataset):
    return dataset.space()


def labels(space, ids):
    known = dict(zip(*space.table(["image_id", "label"]).to_pydict().values(), strict=True))
    return [known[i] for i in ids.tolist()]


def hashes(space, ids):
    known = dict(zip(*space.table(["image_id", "content_hash"]).to_pydict().values(), strict=True))
    return [known[i] for i in ids.tolist()]


@pytest.mark.parametrize("how", COUNTED)
def test_as_many_as_asked_for_the_same_every_time_and_none_of_the_given(space, how):
    among = where(space, "label <> 'c'")
    given = among[:4]
    settings = ChooseSettings(how, 12, seed=3)
    chosen = choose(space, settings, among=among, given=given)
    assert len({*chosen.image_ids.tolist()}) == 12
    assert np.isin(chosen.image_ids, among).all()
    assert not np.isin(chosen.image_ids, given).any()
    again = choose(space, settings, among=among, given=given)
    np.testing.assert_array_equal(again.image_ids, chosen.image_ids)
    assert again.coverage == chosen.coverage
    with pytest.raises(UsageError, match=r"there are \d+ to choose from"):
        choose(space, ChooseSettings(how, 10_000))
    with pytest.raises(UsageError, match="How many images"):
        choose(space, ChooseSettings(how))


def test_diverse_covers_better_than_chance_and_takes_what_is_tagged_into_account(space):
    chosen = choose(space, ChooseSettings("diverse", 12))
    assert chosen.coverage.worst > chosen.coverage.random_worst
    before, after = chosen.image_ids[:6], chosen.image_ids[6:]
    again = choose(space, ChooseSettings("diverse", 6), given=before)
    assert sorted(again.image_ids.tolist()) == sorted(after.tolist())
    assert again.coverage.worst == pytest.approx(chosen.coverage.worst)


def test_balanced_makes_up_for_what_there_is(space):
    chosen = choose(space, ChooseSettings("balanced", 30))
    assert sorted(map(labels(space, chosen.image_ids).count, "abc")) == [10, 10, 10]
    more = choose(space, ChooseSettings("balanced", 10), given=where(space, "label = 'a'")[:10])
    assert labels(space, more.image_ids).count("a") == 0


def test_stratified_keeps_the_proportions(space):
    there = labels(space, space.image_ids)
    chosen = labels(space, choose(space, ChooseSettings("stratified", 25)).image_ids)
    for label in "abc":
        assert abs(chosen.count(label) - 25 * there.count(label) / len(there)) < 1


def test_typical_and_outliers_are_the_two_ends(space):
    score, alone = space.column("outlier_score"), space.column("isolation")
    odd = choose(space, ChooseSettings("outliers", 5)).image_ids
    usual = choose(space, ChooseSettings("typical", 5)).image_ids
    rows = [space.row(i) for i in odd.tolist()]
    assert score[rows[0]] == np.nanmax(score)
    assert (np.diff(score[rows]) <= 0).all()
    assert alone[[space.row(i) for i in usual.tolist()]].max() <= np.nanmedian(alone)


def test_without_near_duplicates_the_best_stays_and_never_is_all_lost(space):
    kept = choose(space, ChooseSettings("unique", threshold=0.9999))
    paths = dict(zip(*space.table(["image_id", "path"]).to_pydict().values(), strict=True))
    left = [paths[i] for i in kept.image_ids.tolist()]
    assert "a/00-large.png" in left  # the largest
    assert not {"a/00.jpg", "a/00-copy.jpg"} & {*left}
    # Whatever went, the same file or a better one of its group is still there.
    gone = np.setdiff1d(space.image_ids, kept.image_ids)
    assert {paths[i][:4] for i in gone.tolist()} <= {path[:4] for path in left}
    # Of two copies a filter leaves only the one that would have gone: it stays then.
    among = np.array([i for i, path in paths.items() if "copy" in path])
    assert (
        len(choose(space, ChooseSettings("unique", threshold=0.9999), among=among).image_ids) == 12
    )


def test_no_near_duplicates_are_among_what_is_left(space):
    kept = choose(space, ChooseSettings("unique", threshold=0.999)).image_ids
    again = choose(space, ChooseSettings("unique", threshold=0.999), among=kept)
    assert len(again.image_ids) == len(kept)


def test_a_split_does_not_leak_and_is_as_large_as_asked_for(space):
    parts = (("train", 6), ("val", 2), ("test", 2))
    chosen = choose(space, ChooseSettings("split", parts=parts, threshold=0.9999))
    assert [len(ids) for ids in chosen.parts.values()] == [44, 15, 14]
    assert sorted(np.concatenate([*chosen.parts.values()])) == space.image_ids.tolist()
    parts_of = {name: {*hashes(space, ids)} for name, ids in chosen.parts.items()}
    assert not parts_of["train"] & (parts_of["val"] | parts_of["test"])
    assert not parts_of["val"] & parts_of["test"]
    assert any("0 images leak" in note for note in chosen.notes)


def test_groups_that_are_too_large_for_the_parts_are_told_of(space):
    chosen = choose(space, ChooseSettings("split", threshold=0.2))
    assert any("instead of" in note and "higher threshold" in note for note in chosen.notes)


def test_leaks_are_the_copies_on_the_smaller_side(space):
    leaks = choose(space, ChooseSettings("leaks", threshold=0.9999))
    paths = dict(zip(*space.table(["image_id", "path"]).to_pydict().values(), strict=True))
    assert {paths[i] for i in leaks.image_ids.tolist()} == {
        path for path in paths.values() if "copy" in path
    }


def test_how_it_was_chosen_is_remembered_by_what_was_chosen(dataset):
    remember_choice(dataset.curation, [3, 1, 2], {"how": "random", "seed": 1})
    assert choice_of(dataset.curation, [1, 2, 3]) == {"how": "random", "seed": 1}
    assert choice_of(dataset.curation, [1, 2]) is None


@pytest.mark.parametrize(
    ("settings", "among", "sentence"),
    [
        ({"how": "best"}, None, r"no strategy 'best'\. There are: diverse, representative"),
        ({"how": "unique", "count": 3}, None, "“unique” takes no number"),
        ({"count": 0}, None, "At least 1 image"),
        ({"count": 1}, [], "nothing to choose from"),
        ({"how": "split", "parts": (("a", 1),)}, None, "at least two parts"),
        ({"how": "split", "parts": (("a", 1), ("a", 1))}, None, "a name of its own"),
        ({"how": "split", "parts": (("a", 1), ("b", 0))}, None, "size above 0"),
        ({"how": "balanced", "count": 2, "by": "colour"}, None, "no column 'colour' to balance"),
        ({"how": "unique", "threshold": 1.5}, None, "cannot be 1.5"),
        ({"count": 1, "seed": -1}, None, "cannot be -1"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(space, settings, among, sentence):
    with pytest.raises(UsageError, match=sentence):
        choose(space, ChooseSettings(**settings), among=among)


def test_without_analyses_it_says_what_to_run(tmp_path):
    source = fill(tmp_path / "photos", {"a.jpg": 1, "b.jpg": 2})
    embed(source, tmp_path / "cache")
    space = open_dataset(cache=tmp_path / "cache").space()
    with pytest.raises(NotAnalyzedError, match="has not been computed") as caught:
        choose(space, ChooseSettings("typical", 1))
    assert caught.value.dataset == "photos"
    assert len(choose(space, ChooseSettings("diverse", 1)).image_ids) == 1
