import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fakes import analyzed, fill

from explorer.errors import UsageError
from explorer.filters import identifier, literal, where


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filters")
    source = fill(folder / "photos", {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(8)})
    return analyzed(source, folder / "cache").space()


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("label = 'a'", lambda row: row["label"] == "a"),
        (
            "label = 'a' AND NOT path LIKE '%2%'",
            lambda row: row["path"] in ("a/0.jpg", "a/4.jpg", "a/6.jpg"),
        ),
        ("outlier_score > 0.01", lambda row: row["outlier_score"] > 0.01),
        ("width >= 640", lambda row: False),
        ("split IS NULL", lambda row: True),
        ("split = 'train'", lambda row: False),
        ("mtime > TIMESTAMP '2000-01-01'", lambda row: True),
        ("image_id IN (1, 3, 99)", lambda row: row["image_id"] in (1, 3)),
        ("image_id IN (SELECT max(image_id) FROM images)", lambda row: row["image_id"] == 7),
        ("label = 'a' -- and a comment", lambda row: row["label"] == "a"),
        ("path = 'a'' OR 1 = 1'", lambda row: False),
        # What reaches columns without naming them.
        ("#1 = 3", lambda row: row["image_id"] == 3),
        ("COLUMNS('outlier.*') > 0.01", lambda row: row["outlier_score"] > 0.01),
        ("contains(images::VARCHAR, '4.jpg')", lambda row: row["path"].endswith("4.jpg")),
        ("images.LABEL = 'a'", lambda row: row["label"] == "a"),
        ("\"Label\" = 'a'", lambda row: row["label"] == "a"),
        ("width*height > 1", lambda row: True),
    ],
)
def test_an_expression_chooses_images(space, expression, wanted):
    rows = space.table().to_pylist()
    assert where(space, expression).tolist() == [row["image_id"] for row in rows if wanted(row)]


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "(",
        "label =",
        "nonsense",
        "label",
        "label = a",
        "count(*) > 1",
        "1 / 'x' = 1",
        "'\udcff' = label",
        "\0",
        "; DROP TABLE images",
        "1 = 1; DROP TABLE images",
        "DROP TABLE images",
        "true) UNION SELECT 1 --",
        "true); COPY images TO '{file}' --",
        "COPY images TO '{file}'",
        "true); ATTACH '{file}' AS other --",
        "ATTACH '{file}' AS other",
        "true); INSTALL httpfs; LOAD httpfs --",
        "true); EXPORT DATABASE '{file}' --",
        "(SELECT count(*) FROM read_csv('{secret}')) > 0",
        "(SELECT count(*) FROM read_text('{secret}')) > 0",
        "(SELECT count(*) FROM read_blob('{secret}')) > 0",
        "(SELECT count(*) FROM sniff_csv('{secret}')) > 0",
        "(SELECT count(*) FROM parquet_metadata('{secret}')) > 0",
        "(SELECT count(*) FROM '{secret}') > 0",
        "(SELECT count(*) FROM glob('{folder}/*')) > 0",
        "(SELECT count(*) FROM read_parquet('https://example.org/x.parquet')) > 0",
        "(SELECT count(*) FROM space) > 0",
        "getenv('HOME') = 'x'",
    ],
)
def test_what_is_wrong_or_reaches_out_is_refused_in_a_sentence(space, tmp_path, expression):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for word, value in (("file", "out"), ("secret", "secret.csv"), ("folder", "")):
        expression = expression.replace(f"{{{word}}}", str(tmp_path / value))
    with pytest.raises(UsageError) as caught:
        where(space, expression)
    assert "does not work" in str(caught.value)
    assert "It may use these columns: image_id, path" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]


def test_the_refused_file_could_have_been_read_otherwise(tmp_path):
    """The check above means something: without the lock, DuckDB does read files."""
    (tmp_path / "secret.csv").write_text("a\n1\n")
    query = f"SELECT count(*) FROM read_csv('{tmp_path}/secret.csv')"
    assert duckdb.connect().execute(query).fetchall() == [(1,)]


def test_a_misspelt_column_is_told_with_the_nearest(space):
    with pytest.raises(UsageError, match=r'"lable" not found.*label'):
        where(space, "lable = 'a'")


@settings(max_examples=20)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_any_text_is_a_literal(space, text):
    assert len(where(space, f"{literal(text)} = {literal(text)}")) == 8
    assert len(where(space, f"{literal(text + 'x')} = {literal(text)}")) == 0


@settings(max_examples=20)
@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**62), 2**62))
def test_any_number_is_a_literal(space, number):
    assert len(where(space, f"{literal(number)} <= {literal(number)}")) == 8


@pytest.mark.parametrize("name", ["order", "my column", 'a"b', "SELECT", "label", "größe", "1st"])
def test_any_name_is_an_identifier(name):
    found = duckdb.sql(f"SELECT 1 AS {identifier(name)}")
    assert found.columns == [name]


def test_the_lock_cannot_be_opened_from_within(space):
    with pytest.raises(UsageError):
        where(space, "SET enable_external_access = true")
    assert len(where(space, "current_setting('enable_external_access') = false")) == 8
