"""Charts as tables and words: what is written is what is drawn."""

from vaglio.report.study import Axis, Line, chart

PERCENT = "{:.0%}".format


def test_dots_beside_each_other_are_of_the_place_between_them() -> None:
    then, now = ([(place + shift, 0.1 * (place + 1)) for place in range(3)] for shift in (-0.12, 0.12))
    lines = [Line("then", then, "dots"), Line("now", now, "dots")]
    made = chart("", "", Axis("rating", places=["A1", "A2", "B1"]), Axis("", 0, 1, PERCENT), lines)
    assert [[mark.words.split(":")[0] for mark in line.marks] for line in made.lines] == [["A1", "A2", "B1"]] * 2
    assert made.table[1:] == (("A1", "10%", "10%"), ("A2", "20%", "20%"), ("B1", "30%", "30%"))


def test_a_line_that_lacks_a_place_is_blank_there_and_right_after_it() -> None:
    lines = [Line("one", [(0.0, 0.5), (2.0, 0.7)]), Line("other", [(0.0, 0.6), (1.0, 0.65), (2.0, 0.8)])]
    made = chart("", "", Axis("", places=["x", "y", "z"]), Axis("AUC", spelled=PERCENT), lines)
    assert made.table[1:] == (("x", "50%", "60%"), ("y", "", "65%"), ("z", "70%", "80%"))


def test_curves_of_other_points_are_read_at_the_same_share() -> None:
    few = [(place / 4, place / 4) for place in range(5)]
    many = [(place / 100, (place / 100) ** 0.5) for place in range(101)]
    axes = Axis("leads", 0, 1, PERCENT), Axis("good", 0, 1, PERCENT)
    assert chart("", "", *axes, [Line("learned", many), Line("hand", few)]).table[1::5] == (
        ("0%", "0%", "0%"), ("50%", "71%", "50%"), ("100%", "100%", "100%"),
    )  # fmt: skip
    other_way = chart("", "", *axes, [Line("hand", few), Line("learned", many)]).table
    assert len(other_way) == 12 and other_way[2] == ("10%", "10%", "32%")
    open_end = chart("", "", Axis("calls", 0), Axis("good", 0, 1, PERCENT), [Line("", [(float(place), 0.5) for place in range(30)])]).table
    assert [row[0] for row in open_end[1:4]] == ["0", "3", "6"]
