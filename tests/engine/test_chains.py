"""Models of very many conditions and rules: what puts them together is no deeper than it must be, and what is too deep is one line."""

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
MANY = 1_050  # of as many Python's own bound of 1,000 calls would end a plan that goes one deeper for each


def document(rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "format": 1, "name": "many", "inputs": {"fields": {"employees": "integer"}},
        "profile": {"rules": rules, "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": [], "digits": {"1": 3, "2": 2, "3": 1}},
    }  # fmt: skip


def facts(engine: Any, read: Any) -> Facts:
    none: dict[str, list[Any]] = {name: [] for name in ("accounts", "activities", "field_changes", "lists")}
    return facts_of(engine, read, {"leads": [{"lead_id": "L", "employees": 7}, {"lead_id": "M", "employees": MANY + 1}], **none})


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("joined", ["any", "all"])
def test_a_thousand_conditions(name: str, joined: str) -> None:
    test = "equals" if joined == "any" else "from"
    held = [{"field": "employees", test: number} for number in range(MANY)]
    read = document_of(document([{"id": "r", "kind": "fields", "points": 2, "flag": "f", "bands": [{joined: held}]}]))
    found = score_rows(engine_called(name), read, facts(engine_called(name), read), AT, next_change=True)
    points = {row["lead_id"]: (row["profile_millipoints"], row["flags"]) for row in found}
    nothing, all_of_it = (0, None), (2_000, "f")
    assert points == ({"L": all_of_it, "M": nothing} if joined == "any" else {"L": nothing, "M": all_of_it})


@pytest.mark.parametrize("name", ENGINES)
def test_hundreds_of_rules_and_their_lines(name: str) -> None:
    one = {"kind": "fields", "field": "employees"}
    rules = [one | {"id": f"r{n}", "flag": f"f{n % 2}", "bands": [{"from": n, "points": 1}]} for n in range(300)]
    read = document_of(document(rules))
    scores, lines = score_tables(engine_called(name), read, facts(engine_called(name), read), AT)
    rows = {row["lead_id"]: row for row in scores.to_pylist()}
    assert rows["L"]["profile_millipoints"] == 8_000 and rows["M"]["profile_millipoints"] == 300_000
    assert rows["L"]["flags"] == "f0;f1" and lines.num_rows == 308


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
        asked(engine, facts(engine, read), AT, write)
    assert "\n" not in str(failed.value)


def test_other_errors_while_planning_stay_what_they_are() -> None:
    with pytest.raises(ZeroDivisionError), planning("duckdb"):
        raise ZeroDivisionError
