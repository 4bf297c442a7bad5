"""Search by words: what they are matched to, and which photos come."""

import numpy as np
import pytest
from support.fakes import Fake, embed, fill, picture

from explorer import batch, extractors
from explorer.errors import UsageError
from explorer.extractors import class_words, match_classes, sentences
from explorer.extractors.concepts import concepts_of
from explorer.search import by_words, read_words, search, understands_words
from explorer.store import open_dataset

NAMES = extractors.get("efficientnet-lite0", device="cpu").class_names


@pytest.fixture(scope="module")
def dataset(sample_cache):
    return open_dataset("sample_data", cache=sample_cache)


def names(words: str) -> list[str]:
    return [match.name for match in match_classes(words, NAMES)]


@pytest.mark.parametrize(
    ("words", "name"),
    [("Screwdriver", "screwdriver"), ("  screw \t drivers ", ""), ("cabs", "taxicab")],
)
def test_a_name_or_synonym_is_that_class_alone(words, name):
    if name:
        assert [(match.name, match.nearness) for match in match_classes(words, NAMES)] == [
            (name, 1)
        ]
    else:
        assert names(words)[0] == "screwdriver"


def members(words: str) -> set[str]:
    return {member for match in match_classes(words, NAMES) for member in match.members}


@pytest.mark.parametrize(
    ("words", "among", "not_among"),
    [
        ("Dogs", "German Shepherd Dog", "hot dog"),
        ("horse", "common sorrel horse", "hippopotamus"),
        ("fish", "tench", "crayfish"),
        ("automobile", "taxicab", "railroad car"),
        ("churches", "church", "mosque"),
    ],
)
def test_a_kind_is_all_the_classes_of_that_kind(words, among, not_among):
    assert among in members(words)
    assert not_among not in members(words)
    assert {match.nearness for match in match_classes(words, NAMES)} == {1}


def test_every_class_is_a_thing_and_no_kind_is_without_classes():
    concepts = concepts_of(tuple(NAMES))
    assert set(next(each.classes for each in concepts if "entity" in each.said)) == set(range(1000))
    assert all(set(each.classes) <= set(range(1000)) and each.classes for each in concepts)


def test_other_words_are_matched_by_meaning():
    assert {"church", "mosque"} & set(names("religious building"))
    assert "Siamese cat" in names("kitty from Thailand")
    assert names("geese")[0] == "goose"


def test_the_last_words_say_what_it_is():
    assert names("coral reef fish")[0] == "fish"
    assert "coral reef" not in members("coral reef fish")
    assert "Scottish Deerhound" not in members("deer")


def test_without_the_model_words_are_matched_by_their_letters(monkeypatch):
    monkeypatch.setattr(class_words, "can_embed_sentences", lambda: False)
    assert {"container ship", "pirate ship"} <= members("ships")
    assert "German Shepherd Dog" in members("my dog")
    assert names("kitty from Thailand") == []


def test_the_sentence_vectors_are_those_of_the_model_as_published():
    from transformers import AutoModel, AutoTokenizer

    texts = ["a dog", "the quick brown fox jumps over the lazy dog!", "Übergröße 犬"]
    folder = str(sentences.model_files())
    tokens = AutoTokenizer.from_pretrained(folder)(texts, padding=True, return_tensors="pt")
    model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    hidden = model(**tokens).last_hidden_state.detach().numpy()
    mask = tokens["attention_mask"].numpy()[..., None]
    expected = (hidden * mask).sum(1) / mask.sum(1)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(sentences.embed_sentences(texts), expected, atol=2e-5)


@pytest.mark.parametrize("label", ["screwdriver", "hammer", "fish"])
def test_photos_that_show_what_the_words_say_come_first(dataset, label):
    hits = search(dataset, text=label, k=3)
    assert [hit.label for hit in hits] == [label] * 3
    assert 1 >= hits[0].similarity >= hits[-1].similarity > 0


def test_a_dog_is_found_by_the_word(dataset):
    hits = search(dataset, text="dog", k=5)
    assert hits[0].path.endswith("farm_animal/dog.jpg")
    assert hits[0].similarity > 0.5 > hits[1].similarity


@pytest.mark.parametrize("text", ["qwxyz", "annual tax return", "happiness"])
def test_what_imagenet_does_not_know_is_refused_in_words(dataset, text):
    words = read_words(dataset.space(), text)
    assert f"nothing is like “{text}”" in words.warning
    assert search(dataset, text=text) == []
    assert read_words(dataset.space(), "tree frog").warning == ""


def test_photos_that_hardly_show_it_are_no_answers(dataset):
    assert all(hit.similarity >= 0.01 for hit in search(dataset, text="church", k=128))
    words = read_words(dataset.space(), "truck")
    assert words.are_known
    assert len(by_words(dataset.space(), words, 128)[0]) == 0
    assert "No photo shows that" in words.nothing


def test_only_accepted_images_are_answers(dataset):
    space = dataset.space()
    words = read_words(space, "castle")
    best = by_words(space, words, 5)[0]
    rest = by_words(space, words, 5, accept=lambda ids: ~np.isin(ids, best[:2]))[0]
    assert rest[:3].tolist() == best[2:].tolist()


@pytest.mark.parametrize("text", ["", " \n ", "\x00", "x" * 201])
def test_words_that_cannot_be_searched_for(dataset, text):
    with pytest.raises(UsageError, match=r"Search by at most|the words are empty"):
        search(dataset, text=text)


@pytest.mark.parametrize("text", ["<b>'\"; DROP TABLE", "🐸", "%s {0} \\", "犬"])
def test_strange_words_are_words(dataset, text):
    assert len(search(dataset, text=text, k=3)) <= 3


class Talks(Fake):
    """An extractor with a text tower that knows pictures by their number."""

    def embed_text(self, texts):
        return self.extract(np.stack([self.prepare(picture(int(text))) for text in texts]))


_INFO = extractors.ExtractorInfo(
    id="fake-text", dimension=8, input_size=8, sees="Numbers, for tests.", licence="Apache-2.0"
)
extractors.register(_INFO)(lambda device, precision: Talks(_INFO))


def test_a_text_tower_takes_the_words_as_they_are(tmp_path):
    source = fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(9)})
    report = embed(source, tmp_path / "c", extractors=["fake-text"])
    made = open_dataset(report.dataset, cache=tmp_path / "c")
    batch.analyze(made)
    made = open_dataset(report.dataset, cache=tmp_path / "c")
    hits = search(made, text="5", k=2)
    assert hits[0].path == "5.jpg"
    assert hits[0].similarity == pytest.approx(1, abs=1e-2)
    words = read_words(made.space(), "5")
    assert (words.matches, words.warning) == ((), "")


def test_a_space_without_words_says_which_have_them(tmp_path):
    source = fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(3)})
    made = open_dataset(embed(source, tmp_path / "c").dataset, cache=tmp_path / "c")
    assert not understands_words(made.space())
    with pytest.raises(UsageError, match=r"efficientnet-lite0.*open-clip"):
        search(made, text="dog")


def test_words_and_images_are_not_mixed(dataset):
    with pytest.raises(UsageError, match="one at a time"):
        search(dataset, text="dog", ids=[1])
