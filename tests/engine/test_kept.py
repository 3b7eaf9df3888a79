"""Kept plans: one that is run again on other facts and instants says what a fresh one says, and nothing is compiled again."""

import random
import threading
from copy import deepcopy
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from tests.engine import oracle
from tests.engine.engines import spark
from tests.engine.rules.score import AS_OF, INPUTS, TABLES
from tests.engine.strategies import LAWS, drawn, models
from tests.engine.tables import document_of, engine_called, facts_of, shared_engine
from tests.engine.test_equals_oracle import SEED, assert_equal_scores
from vaglio.condition import Test
from vaglio.document import ModelDocument
from vaglio.engine import compiling
from vaglio.engines.sqlite import SQLiteEngine
from vaglio.errors import EngineError
from vaglio.kept import Kept, _Key, run
from vaglio.plan import Facts, Instants, Plan, Wanted
from vaglio.plan.holds import NoValue
from vaglio.plan.marks import TextTests

DAY = 86_400 * 10**6
NEW_TEXTS = ("Überraschung", "ＶＰ of nothing", "/pricing/new?x=1", "ceo", " ", "", None, "?")
ENGINES = ("duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.drill), spark(pytest.mark.drill))
EXAMPLES = drawn(LAWS)


def changed(case: Any, number: int) -> Any:
    """Return a case with the same document and other facts: rows gone, texts nobody saw before, other instants."""
    document, facts, as_of, known_at = deepcopy(case)
    made = random.Random(number)
    inputs = document["inputs"]
    texts = {name for kind in ("fields", "account_fields") for name, its in inputs.get(kind, {}).items() if its == "string"}
    properties = {name for its in inputs.get("activities", {}).values() for name, kind in its.items() if kind == "string"}
    for table in ("leads", "accounts", "activities", "lists"):
        facts[table] = [row for row in facts[table] if made.random() < 0.8]
    for row in [*facts["leads"], *facts["accounts"]]:
        _renewed(made, row, texts)
    for row in facts["activities"]:
        _renewed(made, row.get("properties") or {}, properties)
    move = made.choice([0, 1, -DAY, 10 * DAY, -40 * DAY])
    return document, facts, as_of + move, known_at + move


def _renewed(made: random.Random, row: dict[str, Any], names: set[str]) -> None:
    for name in names & row.keys():
        if made.random() < 0.4:
            row[name] = made.choice(NEW_TEXTS)


def answer(name: str, case: Any, plans: Kept) -> tuple[dict[str, Any], list[Any]]:
    """Return scores by lead and sorted contributions."""
    plain, facts, as_of, known_at = case
    engine, document = engine_called(name), document_of(plain)
    running, plan = run(engine, document, facts_of(engine, document, facts), Instants(as_of, known_at), Wanted(by_rule=True), plans)
    try:
        rows = {row["lead_id"]: row for row in running.arrow(plan, "scores").to_pylist()}
        lines = running.arrow(plan, "contributions").to_pylist()
    finally:
        running.close()
    return rows, sorted((line["lead_id"], line["axis"], line["rule_id"], line["part"], line["millipoints"]) for line in lines)


@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize("name", ENGINES)
def test_a_plan_that_is_run_again_equals_the_oracle(name: str, part: int) -> None:
    @seed(SEED + 300 + part)
    @EXAMPLES
    @given(models(), st.integers(0, 10**6))
    def check(case: Any, number: int) -> None:
        plans = Kept()
        for each in (case, changed(case, number), changed(case, number + 1), case):
            rows, lines = answer(name, each, plans)
            wanted = oracle.score(*each)
            assert_equal_scores(rows, wanted.scores)
            assert lines == sorted(wanted.contributions)

    check()


@pytest.mark.parametrize("name", ENGINES)
def test_the_second_run_compiles_nothing(name: str) -> None:
    @seed(SEED + 400)
    @EXAMPLES
    @given(models(), st.integers(0, 10**6))
    def check(case: Any, number: int) -> None:
        plans = Kept()
        answer(name, case, plans)
        before = engine_called(name).compiled
        answer(name, changed(case, number), plans)
        assert engine_called(name).compiled == before

    check()


OPTIONAL = {"received_us": "received_at", "message_id": "message_id", "is_machine": "is_machine", "machine_us": "machine_known_at"}


@pytest.mark.parametrize("name", ENGINES)
def test_facts_of_another_shape_have_a_plan_of_their_own(name: str) -> None:
    @seed(SEED + 500)
    @EXAMPLES
    @given(models())
    def check(case: Any) -> None:
        plain, facts, as_of, known_at = deepcopy(case)
        facts["activities"] = [row | dict.fromkeys(OPTIONAL.values()) for row in facts["activities"]]
        facts["field_changes"], facts["lists"] = [], []
        engine, document, plans = engine_called(name), document_of(plain), Kept()
        whole = facts_of(engine, document, facts)
        bare = Facts(whole.leads, whole.accounts, engine.load("bare", engine.arrow(whole.activities.drop(*OPTIONAL))))
        wanted = oracle.score(plain, facts, as_of, known_at)
        for each in (whole, bare, whole):
            running, plan = run(engine, document, each, Instants(as_of, known_at), Wanted(), plans)
            rows = {row["lead_id"]: row for row in running.arrow(plan, "scores").to_pylist()}
            running.close()
            assert_equal_scores(rows, wanted.scores)

    check()


def test_threads_share_plans() -> None:
    case = next(iter(_examples(1)))
    wanted, plans, failures = oracle.score(*case), Kept(), []

    def score() -> None:
        engine = SQLiteEngine()
        document = document_of(case[0])
        try:
            for _ in range(10):
                running, plan = run(engine, document, facts_of(engine, document, case[1]), Instants(*case[2:]), Wanted(), plans)
                assert_equal_scores({row["lead_id"]: row for row in running.arrow(plan, "scores").to_pylist()}, wanted.scores)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=score) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_engines_of_two_threads_compile_one_after_the_other() -> None:
    engine = shared_engine()
    table = engine.load("words", pa.table({"lead_id": ["L"]}))
    other = threading.Thread(target=engine.typed_sql, args=(table,))
    with compiling(fused=True):
        other.start()
        other.join(0.1)
        assert ibis.options.sql.fuse_selects  # ibis's options are the whole process's
    other.join()


def test_what_many_texts_say_is_held_once() -> None:
    tests = TextTests((Test(starts_with=("/pricing",)), Test(equals="vp")), NoValue(()))
    assert tests.vector("/pricing/1") is tests.vector("/Pricing/2") == (True, False)


def test_plans_are_bounded() -> None:
    engine, plans = SQLiteEngine(), Kept(most=2)
    written = []
    facts: dict[str, list[Any]] = {name: [] for name in TABLES} | {"leads": [{"lead_id": "L"}]}
    for title in ("cto", "cfo", "ceo", "cto", "cfo", "ceo"):
        document, before = _asking(title), engine.compiled
        running, _plan = run(engine, document, facts_of(engine, document, facts), Instants(AS_OF, AS_OF), Wanted(), plans)
        running.close()
        written.append(engine.compiled > before)
    assert all(written)  # the third pushed out the first, and so on


def _asking(title: str) -> ModelDocument:
    rule = {"id": "r", "kind": "fields", "field": "job_title", "points": 1, "bands": [{"equals": title}]}
    return document_of({
        "format": 1, "name": "small", "inputs": INPUTS, "profile": {"rules": [rule], "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": [], "digits": {1: 3, 2: 2, 3: 1}},
    })  # fmt: skip


def test_a_plan_that_is_kept_waits_for_none_that_is_written() -> None:
    plans, begun, enough = Kept(), threading.Event(), threading.Event()
    kept, slow, key = Plan("kept", (), {}), Plan("slow", (), {}), keys("a", "b")
    written = []

    def write() -> Plan:
        written.append(1)
        begun.set()
        enough.wait(10)
        return slow

    assert plans.plan(key["a"], lambda: kept) is kept
    found: list[Plan] = []
    threads = [threading.Thread(target=lambda: found.append(plans.plan(key["b"], write))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    other = threading.Thread(target=lambda: found.append(plans.plan(key["a"], write)))
    other.start()
    other.join(10)
    assert found == [kept] and not other.is_alive()  # while the other is still written
    enough.set()
    for thread in threads:
        thread.join()
    assert found == [kept, slow, slow, slow] and len(written) == 1


def test_a_plan_that_could_not_be_written_is_written_by_the_next() -> None:
    plans, key = Kept(), keys("a")["a"]

    def fail() -> Plan:
        raise EngineError("sqlite", "no")

    for _ in range(2):
        with pytest.raises(EngineError):
            plans.plan(key, fail)
    plan = Plan("kept", (), {})
    assert plans.plan(key, lambda: plan) is plan


def keys(*names: str) -> dict[str, Any]:
    shape = Facts(ibis.table({"lead_id": "string"}, name="leads")).shape()
    return {name: _Key("sqlite", name, shape, Wanted(), by_class=False) for name in names}


def _examples(number: int) -> list[Any]:
    found: list[Any] = []

    @seed(SEED + 600)
    @settings(EXAMPLES, max_examples=number)
    @given(models())
    def draw(case: Any) -> None:
        found.append(case)

    draw()
    return found[:number]
