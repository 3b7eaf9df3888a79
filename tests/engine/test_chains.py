"""Models of very many conditions and rules: what puts them together is no deeper than it must be, and what is too deep is one line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import add
from typing import Any

import ibis
import pytest

from tests.engine.tables import document_of, engine_called, facts_of, shared_engine
from vaglio.asking import asked
from vaglio.engine import planning
from vaglio.errors import EngineError
from vaglio.plan import Facts, Instants
from vaglio.plan.chains import chained, every, some, total
from vaglio.plan.steps import Steps
from vaglio.scoring import score_rows, score_tables

AT = Instants(10**15, 10**15)
ENGINES = ("duckdb", "sqlite")
# Python's own bound is 1,000 calls. Here plans may go so deep, or it would take a thousand conditions, and half a minute, to see one that
# goes a call deeper for each.
ROOM = 180
CONDITIONS, RULES = 270, 105  # half as many again as there was room for before they were chained two by two


@contextmanager
def shallow() -> Iterator[None]:
    """Let calls go little deeper than here."""
    here, frame = 0, sys._getframe()
    while (before := frame.f_back) is not None:
        here, frame = here + 1, before
    bound = sys.getrecursionlimit()
    sys.setrecursionlimit(here + ROOM)
    try:
        yield
    finally:
        sys.setrecursionlimit(bound)


def document(rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "format": 1, "name": "many", "inputs": {"fields": {"employees": "integer"}},
        "profile": {"rules": rules, "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": [], "digits": {"1": 3, "2": 2, "3": 1}},
    }  # fmt: skip


def facts(engine: Any, read: Any, many: int) -> Facts:
    none: dict[str, list[Any]] = {name: [] for name in ("accounts", "activities", "field_changes", "lists")}
    return facts_of(engine, read, {"leads": [{"lead_id": "L", "employees": 7}, {"lead_id": "M", "employees": many + 1}], **none})


def of_conditions(name: str, joined: str, many: int) -> dict[str, Any]:
    """Return the points and flags of leads by a rule of so many conditions."""
    test = "equals" if joined == "any" else "from"
    held = [{"field": "employees", test: number} for number in range(many)]
    read = document_of(document([{"id": "r", "kind": "fields", "points": 2, "flag": "f", "bands": [{joined: held}]}]))
    found = score_rows(engine_called(name), read, facts(engine_called(name), read, many), AT, next_change=True)
    return {row["lead_id"]: (row["profile_millipoints"], row["flags"]) for row in found}


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("joined", ["any", "all"])
def test_hundreds_of_conditions(name: str, joined: str) -> None:
    of_conditions(name, joined, 9)  # what is imported on the way is there then
    with shallow():
        points = of_conditions(name, joined, CONDITIONS)
    nothing, all_of_it = (0, None), (2_000, "f")
    assert points == ({"L": all_of_it, "M": nothing} if joined == "any" else {"L": nothing, "M": all_of_it})


def of_rules(name: str, many: int) -> tuple[Any, Any]:
    """Return the scores of leads by so many rules, and their lines."""
    one = {"kind": "fields", "field": "employees"}
    rules = [one | {"id": f"r{n}", "flag": f"f{n % 2}", "bands": [{"from": n, "points": 1}]} for n in range(many)]
    read = document_of(document(rules))
    return score_tables(engine_called(name), read, facts(engine_called(name), read, many), AT)


@pytest.mark.parametrize("name", ENGINES)
def test_more_than_a_hundred_rules_and_their_lines(name: str) -> None:
    of_rules(name, 9)
    with shallow():
        scores, lines = of_rules(name, RULES)
    rows = {row["lead_id"]: row for row in scores.to_pylist()}
    assert rows["L"]["profile_millipoints"] == 8_000 and rows["M"]["profile_millipoints"] == 1_000 * RULES
    assert rows["L"]["flags"] == "f0;f1" and lines.num_rows == RULES + 8


def test_chains_are_as_deep_as_they_are_often_halved() -> None:
    table = ibis.table({"a": "boolean", "n": "int64"}, name="t")
    assert depth(every(table.a for _ in range(1_024)).op()) == 10 + depth(table.a.op())
    assert depth(total(table.n for _ in range(1_025)).op()) == 11 + depth(table.n.op())
    assert every([]).op().value is True and some([]).op().value is False
    text = chained(add, [ibis.literal(letter) for letter in "abcdefg"])
    assert shared_engine().arrow(text.name("text").as_table()).to_pylist() == [{"text": "abcdefg"}]  # in its order


def depth(node: Any) -> int:
    return 1 + max((depth(each) for each in node.__args__ if isinstance(each, ibis.expr.operations.Value)), default=0)


@pytest.mark.parametrize("name", ENGINES)
def test_what_is_too_deep_is_an_error_of_the_engine(name: str) -> None:
    engine = engine_called(name)
    read = document_of(document([]))

    def write(_steps: Steps, known: Facts) -> ibis.Table:
        one: ibis.Value = ibis.literal(0.1)
        return known.leads.select(deep=reduce(add, [one] * 5_000))

    with pytest.raises(EngineError, match=f"^{name}: the model says more at once than can be planned; take rules") as failed:
        asked(engine, facts(engine, read, 9), AT, write)
    assert "\n" not in str(failed.value)


def test_other_errors_while_planning_stay_what_they_are() -> None:
    with pytest.raises(ZeroDivisionError), planning("duckdb"):
        raise ZeroDivisionError
