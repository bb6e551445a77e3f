"""Pictures of numbers, and the tables beside them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

from bridge.web.console import charts
from bridge.web.console.charts import Line
from tests.visit import Visit

AT = datetime(2026, 11, 1, tzinfo=UTC)
D = Decimal


def drawn(chart, what):
    return ET.fromstring(chart).findall(what)


def test_lines_reach_from_nought_to_the_most():
    """The highest value is at the top, nought on the ground, from edge to edge."""
    chart = charts.lines(
        "about", ["a", "b"], [Line("paid", "paid", [D(0), D(5), D(10)])]
    )
    [line] = drawn(chart, "polyline")
    ys = [float(point.split(",")[1]) for point in line.get("points").split()]

    assert [charts.HIGH - charts.BOTTOM, charts.TOP] == [ys[0], ys[2]]
    assert ys[0] - ys[1] == ys[1] - ys[2]


def test_nothing_is_drawn_flat_and_without_a_fault():
    """No values, nought alone, one single day."""
    for values in ([], [D(0)], [D(0), D(0)]):
        drawn(charts.lines("about", [], [Line("paid", "paid", values)]), "line")
    drawn(charts.bars("about", ["a"], [0]), "rect")
    drawn(charts.steps("about", [(AT, D(0))]), "path")


def test_what_is_written_in_a_picture_is_no_markup():
    """A package's name is somebody's text."""
    chart = charts.bars('<b>"', ["<script>"], [1])

    assert "<script>" not in chart
    assert '<b>"' not in chart


def test_credit_is_level_until_something_moves_it():
    """Across first, then up."""
    hour = timedelta(hours=1)
    chart = charts.steps(
        "about", [(AT, D(0)), (AT + hour, D(10)), (AT + 2 * hour, D(5))]
    )
    [path] = drawn(chart, "path")
    top, middle = f"{charts.TOP:.1f}", path.get("d")

    assert middle.startswith("M")
    assert middle.index("H") < middle.index(f"V{top}")


def test_what_is_booked_after_a_look_is_there_at_the_next(opened):
    """U9: on the day of the look, and on the days after it."""
    # Guard off (what is not over is remembered as well): red, it is there twice.
    rig, _ = opened
    visit = Visit(rig)
    for line, days in (("2", 0), ("3", 0), ("4", 3)):
        rig.wait(days * 86400.0)
        visit.log_in()
        rig.topup(line)
        rig.run()
        visit.get("/")
    page = visit.get("/").text

    assert '<td class="number" data-of="Paid">20.00</td>' in page
    assert '<td class="number" data-of="Applied">10.00</td>' in page


def test_how_long_events_took_is_shown(opened):
    """The order is done, within a second or some."""
    page = Visit(opened[0]).get("/").text

    assert "The newest 1 that are done" in page
