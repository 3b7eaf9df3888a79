"""What counted of a lead's lines: rules after their caps, the rules of a capped group as one."""

from tests.engine.tables import document_of
from vaglio.counted import counted, reasons_of

DOCUMENT = document_of(
    {
        "format": 1,
        "name": "made",
        "inputs": {"fields": {"title": "string"}, "activities": {"visit": {}, "call": {}, "mail": {}}},
        "profile": {"rules": [], "letters": {"A": 75, "B": 50, "C": 25}},
        "engagement": {
            "at_most": 100,
            "groups": {"touches": {"at_most": 30}},
            "rules": [
                {"id": "pricing", "kind": "activity", "activity": "visit", "points": 30, "at_most": 40},
                {"id": "calls", "kind": "activity", "activity": "call", "points": 20, "group": "touches"},
                {"id": "mails", "kind": "activity", "activity": "mail", "points": 5, "group": "touches"},
            ],
            "digits": {"1": 75, "2": 50, "3": 25},
        },
    }
)


def of(**lines: int) -> dict[tuple[str, str, str], int]:
    return {("engagement", *name.rsplit("_", 1)): points for name, points in lines.items()}  # type: ignore[misc]


def test_a_rule_counts_after_its_cap_and_a_capped_group_as_one() -> None:
    lines = of(pricing_rule=214_090, pricing_cap=-174_090, calls_rule=40_000, mails_rule=5_000, touches_cap=-15_000)
    assert counted(DOCUMENT, lines) == of(pricing_rule=40_000, touches_rule=30_000)


def test_rules_of_a_group_whose_cap_took_nothing_are_told_apart_and_bounds_of_an_axis_stay() -> None:
    lines = of(calls_rule=20_000, mails_rule=5_000, engagement_cap=-7_000)
    assert counted(DOCUMENT, lines) == lines


def test_reasons_come_the_most_first_and_by_name_where_they_are_alike_whatever_the_order_of_lines() -> None:
    lines = of(calls_rule=20_000, intercept_rule=90_000, pricing_rule=30_000, engagement_cap=-20_000, mails_rule=20_000)
    ordered = ["pricing", "calls", "engagement", "mails"]
    for given in (lines, dict(reversed(lines.items()))):
        assert [name for _axis, name, _part in reasons_of(DOCUMENT, given)] == ordered
