"""The walk through 10,000 photos in docs/curate.md: as benchmarks/results/walk.json has it."""

import re

from test_docs_figures import ROOT, results

from benchmarks.walk import NAME, REPRESENTATIVE, SECTION, SPLIT_ALL, commands

PAGE = (ROOT / "docs" / "curate.md").read_text("utf-8")
WALK = PAGE.partition(SECTION)[2]
TEXT = " ".join(WALK.split())
ANALYSES = " ".join((ROOT / "docs" / "analysis.md").read_text("utf-8").split())


def shown() -> dict[str, list[str]]:
    """The lines that the page shows after each command."""
    found: dict[str, list[str]] = {}
    for block in re.findall(r"^```\n(\$ .+?)^```$", WALK, re.MULTILINE | re.DOTALL):
        for part in block.replace("\\\n", " ").split("$ ")[1:]:
            command, _, lines = part.partition("\n")
            found[" ".join(command.split())] = lines.splitlines()
    return found


def number(pattern: str, text: str) -> str:
    """What the only group of the pattern holds, which is there once."""
    [found] = re.findall(pattern, text)
    return str(found)


def test_every_command_prints_what_the_page_shows():
    said = results("walk")["commands"]
    assert list(shown()) == commands(PAGE)
    for command, lines in shown().items():
        rest = " ".join(said[command].split())
        for line in lines:
            for piece in filter(None, (" ".join(each.split()) for each in line.split("…"))):
                assert piece in rest, (command, line)
                rest = rest.partition(piece)[2]


def test_what_the_page_tells_in_words_of_what_was_printed():
    said = results("walk")["commands"]
    info, clean = said[f"explorer info {NAME}"], said[commands(PAGE)[1]]
    outliers = number(r"outliers\s+(\d+)", info)
    groups = number(r"duplicate groups\s+(\d+)", info)
    assert f"shows {outliers} image that stands apart; Duplicates {groups} groups" in TEXT
    worst = number(r"worst served (0\.\d+) \(at", clean)
    assert f"where {worst} is all, the pixels told" in TEXT
    mean = number(r"is (0\.\d+) like", said[REPRESENTATIVE])
    worst = number(r"worst served (0\.\d+) \(at", said[REPRESENTATIVE])
    assert f"`--how representative` reaches {mean} and {worst} with the same number" in TEXT
    split = " ".join(said[SPLIT_ALL].split())
    assert "train: 8,000 val: 1,000 test: 1,000" in split
    largest = number(rf"{groups} groups of .+ the largest of (\d+) images; 0 images leak", split)
    assert f"keeps all {groups} groups whole, the largest of {largest} images" in TEXT
    assert "at exactly 8,000, 1,000 and 1,000" in TEXT
    clarity = float(number(r"clarity +(\S+)", info))
    assert f"CIFAR-10's test images have {clarity:.2f}," in ANALYSES
    assert outliers == "1"
    assert "Of CIFAR-10's 10,000 test images one does" in ANALYSES


def test_what_the_page_tells_in_words_of_the_dataset():
    told = results("walk")["told"]
    surplus, turned = told["images too many"], told["of them mirrored or turned"]
    assert turned == 3
    assert f"with {surplus} images too many, three of them mirrored or turned" in TEXT
    assert "of a quarter of the images another class" in TEXT
    assert 0.22 < told["share of another label"] < 0.28
    passed = told["pass the filter"]
    assert f"The filter lets {passed:,} pass, and of those {surplus} have a better" in TEXT
    fewest, most = told["representative, of each label"]
    assert f"between {fewest} and {most} of each class" in TEXT
    divided, tested = zip(*told["by chance in two parts"], strict=True)
    assert f"puts {min(divided)} to {max(divided)} images of these groups into two parts" in TEXT
    assert f"{min(tested)} to {max(tested)} of them in val or test (three draws)" in TEXT
    assert len(divided) == 3
    images, classes = told["train, as torchvision finds it"]
    assert f"finds {images} images in {classes} classes" in TEXT
