"""Codes: every text has its own, or there are none."""

import ibis
import pytest

from tests.engine.tables import shared_engine
from vaglio.engines.duckdb import DuckDBSession
from vaglio.plan.codes import codes


def test_every_text_has_its_own_code() -> None:
    found = codes(shared_engine().session(), (f"/page/{number}" for number in range(5000)))
    assert found is not None
    assert len(set(found.values())) == len(found) == 5002  # with null and the empty text
    assert min(found.values()) >= 0


def test_texts_that_would_share_a_code_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def length(_session: DuckDBSession, text: ibis.Value) -> ibis.Value:
        return text.length().fill_null(0)

    monkeypatch.setattr(DuckDBSession, "coded", length)
    assert codes(shared_engine().session(), ["ab", "cd"]) is None
