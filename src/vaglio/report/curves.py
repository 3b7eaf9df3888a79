"""Charts of how well leads are ranked and how honest probabilities are: the same in every report."""

from collections.abc import Sequence
from math import ceil

from vaglio.evaluation.calibration import Calibration
from vaglio.evaluation.proof import Tenth
from vaglio.report.study import Axis, Chart, Line, Row, chart
from vaglio.report.words import _, number, percent

TENTHS = tuple(str(place) for place in range(1, 11))
PERCENT = "{:.0%}".format
Curve = Sequence[tuple[float, float]]


def gain_chart(curves: Sequence[tuple[str, Curve]]) -> Chart:
    """Return how many of the good leads are reached by calling so many of all, of models by name."""
    return chart(
        _("Gain"), _("How many of the good leads are reached by calling so many of all, the best first. The dashed line is chance."),
        Axis(_("share of leads, the best first"), 0, 1, PERCENT), Axis(_("share of good leads"), 0, 1, PERCENT),
        [Line(_("chance"), ((0, 0), (1, 1)), "guide"), *(Line(name, curve) for name, curve in curves)],
    )  # fmt: skip


def roc_chart(curves: Sequence[tuple[str, Curve]]) -> Chart:
    """Return how many good leads are reached for so many of the others, of models by name."""
    return chart(
        _("ROC"), _("Good leads reached, for so many of the others called in vain."),
        Axis(_("share of the others"), 0, 1, PERCENT), Axis(_("share of good leads"), 0, 1, PERCENT),
        [Line(_("chance"), ((0, 0), (1, 1)), "guide"), *(Line(name, curve) for name, curve in curves)],
    )  # fmt: skip


def lift_chart(name: str, tenths: Sequence[Tenth]) -> Chart:
    """Return how many times as often as on average leads of each tenth come out well."""
    points = [(float(place), tenth.lift.value) for place, tenth in enumerate(tenths)]
    ranges = [(tenth.lift.low, tenth.lift.high) for tenth in tenths]
    return chart(
        _("Lift by tenths: {name}").format(name=name),
        _(
            "How many times as often as on average leads of each tenth come out well, the best first, with 95% intervals. "
            "Bars should fall from left to right."
        ),
        Axis(_("tenth of leads"), places=TENTHS), Axis(_("times the average"), 0),
        [Line(name, points, "bars", ranges), Line(_("average"), ((-0.5, 1), (9.5, 1)), "guide")],
    )  # fmt: skip


def honesty_chart(name: str, said: Calibration) -> Chart:
    """Return what was stated beside what came."""
    points = [(each.stated, each.came.share) for each in said.bins]
    ranges = [each.came.interval() for each in said.bins]
    top = min(1.0, ceil(max([*(x for x, _y in points), *(high for _low, high in ranges)]) * 10) / 10)
    return chart(
        name,
        _("Each dot is a tenth of the leads: what was stated, and what came (95% interval). Honest dots lie on the line."),
        Axis(_("stated probability"), 0, top, PERCENT), Axis(_("came out well"), 0, top, PERCENT),
        [Line(_("honest"), ((0, 0), (top, top)), "guide"), Line(name, points, "dots", ranges)],
    )  # fmt: skip


def tenth_rows(tenths: Sequence[Tenth]) -> list[Row]:
    """Return a row for each tenth: how many leads, how many of them good, its lift, and the good ones reached down to it."""
    return [
        Row((str(place), number(each.leads), number(round(each.outcomes, 1)), f"{each.lift.value:.2f}×", percent(each.captured)))
        for place, each in enumerate(tenths, 1)
    ]
