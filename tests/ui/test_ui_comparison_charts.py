"""Charts of spaces side by side."""

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from explorer.analysis import CurvePoint, Estimate, Hubness, LabelAccuracy
from explorer.probe import Comparison, PairReport, SpaceReport
from explorer.ui.charts import comparison as charts

EVIL = '<b>x</b> & "y"'


def space(name: str, accuracy: float, speed: float | None) -> SpaceReport:
    return SpaceReport(
        id=name,
        sees="",
        dimension=10,
        bytes_on_disk=1,
        images_per_second=speed,
        intrinsic_dimension=3.0,
        hubness=Hubness(0.1, 0.2, 3),
        nearest=Estimate(accuracy, accuracy - 0.1, accuracy + 0.1),
        label_accuracy=LabelAccuracy(accuracy, accuracy - 0.1, accuracy + 0.1, 0.3, 100),
        curve=[CurvePoint(size, accuracy, accuracy - 0.1, accuracy + 0.1) for size in (1, 2)],
    )


@pytest.fixture
def found() -> Comparison:
    spaces = [space("one", 0.5, 100), space(EVIL, 0.7, 20), space("untimed", 0.6, None)]
    pairs = [
        PairReport("one", EVIL, 0.2, 0.4),
        PairReport("one", "untimed", 0.3, 0.6),
        PairReport(EVIL, "untimed", 0.3, 0.5),
    ]
    return Comparison("photos", 9, 9, 2, 0.6, [], "", spaces, pairs)


def test_names_are_shown_to_the_letter(found: Comparison) -> None:
    accuracies = {each.id: 0.5 for each in found.spaces}
    for figure in (
        charts.ranking_chart(found),
        charts.curve_chart(found),
        charts.trade_off_chart(found, accuracies),
        charts.likeness_chart(found),
    ):
        said = figure.to_json()
        assert "&lt;b&gt;x" in said or "\\u0026lt;b\\u0026gt;x" in said
        assert "<b>x" not in said
        assert "\\u003cb\\u003ex" not in said


def test_the_best_is_on_top(found: Comparison) -> None:
    axis = charts.ranking_chart(found).layout.yaxis
    assert [text.startswith("&lt;") for text in axis.ticktext] == [True, False, False]
    assert axis.range[0] > axis.range[1]


@pytest.mark.parametrize("accuracy", [0.02, 0.5, 0.97, 1.0])
def test_no_axis_of_shares_goes_beyond_nothing_and_all(accuracy: float) -> None:
    found = Comparison("photos", 9, 9, 2, 0.6, [], "", [space("one", accuracy, 100)], [])
    axes = (
        charts.ranking_chart(found).layout.xaxis,
        charts.curve_chart(found).layout.yaxis,
        charts.trade_off_chart(found, {"one": accuracy}).layout.yaxis,
    )
    for axis in axes:
        assert axis.tickformat == ".0%"
        assert 0 <= axis.range[0] < axis.range[1] <= 1
        assert axis.range[0] <= accuracy <= axis.range[1]


def test_only_what_was_timed_stands_against_its_speed(found: Comparison) -> None:
    (points,) = charts.trade_off_chart(found, {each.id: 0.5 for each in found.spaces}).data
    assert list(points.x) == [100, 20]
    assert [each.id for each in charts.with_speed(found, {"one": 0.5})] == ["one"]


def test_likeness_is_the_same_from_both_sides(found: Comparison) -> None:
    cells, texts = charts.likeness_chart(found).data
    assert list(texts.text[:3]) == ["1.00", "0.40", "0.60"]
    assert cells.z.tolist() == [[1, 0.4, 0.6], [0.4, 1, 0.5], [0.6, 0.5, 1]]


def test_a_space_that_has_not_learned_has_no_curve(found: Comparison) -> None:
    spaces = [
        replace(each, curve=None, label_accuracy=None) for each in found.spaces[:1]
    ] + found.spaces[1:]
    chart = charts.curve_chart(replace(found, spaces=spaces))
    drawn = [trace.name for trace in chart.data if isinstance(trace, go.Scatter) and trace.name]
    assert "one" not in drawn
    assert len(drawn) == 2
