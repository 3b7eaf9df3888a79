"""Codes: every text has its own, or there are none."""

import ibis
import pyarrow as pa
import pytest

from tests.engine.tables import shared_engine
from vaglio.engines.duckdb import DuckDBSteps
from vaglio.plan import Facts, Instants, Plan
from vaglio.plan.codes import ask_codes, told_codes
from vaglio.plan.steps import OtherWay


def codes(steps: DuckDBSteps, texts: list[str]) -> dict[str | None, int]:
    engine = shared_engine()
    ask_codes(steps, lambda _found: texts)
    running = engine.run(Facts(engine.load("leads", pa.table({"lead_id": ["L"]}))), Instants(0, 0))
    try:
        running.carry_out(Plan(steps.token, tuple(steps.made), {}))
        return told_codes(running.found)
    finally:
        running.close()


def test_every_text_has_its_own_code() -> None:
    found = codes(DuckDBSteps("run_"), [f"/page/{number}" for number in range(5000)])
    assert len(set(found.values())) == len(found) == 5002  # with null and the empty text
    assert min(found.values()) >= 0


class Lengths(DuckDBSteps):
    """Steps whose codes are shared by all texts of a length."""

    def coded(self, text: ibis.Value) -> ibis.Value:
        return text.length().fill_null(0)


def test_texts_that_would_share_a_code_have_none() -> None:
    with pytest.raises(OtherWay):
        codes(Lengths("run_"), ["ab", "cd"])
