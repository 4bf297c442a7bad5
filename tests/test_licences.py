"""Under which licences the packages come that Explorer needs, as docs/licences.md says."""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def licences():
    spec = importlib.util.spec_from_file_location("licences", DOCS / "licences.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_package_has_a_known_licence_and_stands_on_the_page(licences):
    """Versions are left out: some machines have a torch of their own."""
    page = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (DOCS / "licences.md").read_text("utf-8").splitlines()
    ]
    said = {(row[0], row[2]) for row in page if len(row) == 4}
    found = [licences.licence(name) for name in licences.needed(licences.OURS, licences.EXTRAS)]
    assert {"torch", "streamlit", "faiss-cpu"} < {each.package for each in found}
    assert {(each.package, each.name) for each in found} <= said
    assert not [each for each in found if licences.UNWANTED.search(each.name)]


@pytest.mark.parametrize(
    "name", ["GPL-3.0-or-later", "AGPL-3.0-only", "MIT AND LGPL-2.1", "CC-BY-NC-4.0", "SSPL-1.0"]
)
def test_what_is_not_wanted_is_known(licences, name):
    assert licences.UNWANTED.search(name)
    assert not licences.UNWANTED.search("MIT AND NCSA AND Apache-2.0")


def test_a_licence_that_nobody_has_looked_at_is_an_error(licences, tmp_path, monkeypatch):
    folder = tmp_path / "strange-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: strange\nVersion: 1.0\nLicense: Ask me\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(licences.UnknownLicence, match=r"strange 1\.0 says Ask me .* Look it up"):
        licences.licence("strange")
