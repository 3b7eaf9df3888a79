"""Scores of a look at a company, whole or brought forward from an earlier look, and how both are compared."""

from typing import Any

from tests.engine.tables import engine_called, facts_of, shared_engine
from tests.engine.test_clock import SHOWN
from tests.engine.worlds import Look
from vaglio.files.earlier import COLUMNS, hold_earlier
from vaglio.incremental import rescore, with_digests
from vaglio.plan import Instants
from vaglio.plan.due import Remembered
from vaglio.results import SCORES
from vaglio.scoring import score

OWN = [name for name in SCORES if name not in ("rank", "as_of", "known_at")]  # what a row says whenever it was scored


def full(document: Any, look: Look, as_of: int, known_at: int) -> Any:
    """Return all scores at two instants."""
    engine, at = shared_engine(), Instants(as_of, known_at)
    facts = facts_of(engine, document, look.facts)
    scored = with_digests(engine, [document], facts, at, score(engine, [document], facts, at, next_change=True))
    try:
        return engine.arrow(scored.scores)
    finally:
        scored.close()


def forward(document: Any, look: Look, before: Any) -> tuple[Any, int]:
    """Return all scores at a look, brought forward from those of an earlier one, and how many rows are new."""
    engine, reader = shared_engine(), engine_called("duckdb")
    at = Instants(look.as_of, look.known_at)
    earlier = hold_earlier(reader, "before", before.select(list(COLUMNS)))
    earlier.check([document], at, look.since)
    previous = engine.load("previous", reader.arrow(earlier.remembered(document)))
    facts = facts_of(engine, document, look.facts)
    rescored = rescore(engine, document, Remembered(**vars(facts), previous=previous), at, look.since)
    try:
        rows, dropped = engine.arrow(rescored.scores), engine.arrow(rescored.dropped)
    finally:
        rescored.close()
    new, gone = reader.load("new_rows", rows), reader.load("gone", dropped)
    merged = earlier.merged(document, reader.typed_sql(new), reader.typed_sql(gone))
    return reader.arrow(earlier.whole([(document, merged)], look.known_at)), rows.num_rows


def by_lead(rows: Any) -> dict[str, Any]:
    found = {row["lead_id"]: row for row in rows.to_pylist()}
    assert len(found) == rows.num_rows
    return found


def microseconds(instant: Any) -> int:
    return int(instant.timestamp()) * 10**6 + int(instant.microsecond)


def compare(document: Any, look: Look, rows: Any) -> dict[str, Any]:
    """Hold scores that were brought forward against full runs at the look, and at each row's own instants; return the rows by lead."""
    found, now = by_lead(rows), by_lead(full(document, look, look.as_of, look.known_at))
    assert found.keys() == now.keys()
    for lead_id, row in found.items():
        assert {name: row[name] for name in SHOWN} == {name: now[lead_id][name] for name in SHOWN}, lead_id
        assert microseconds(row["known_at"]) == look.known_at
    assert [row["rank"] for row in rows.to_pylist()] == list(range(1, rows.num_rows + 1))
    for as_of in {microseconds(row["as_of"]) for row in found.values()}:
        then = now if as_of == look.as_of else by_lead(full(document, look, as_of, look.known_at))
        for lead_id, row in found.items():
            if microseconds(row["as_of"]) == as_of:
                assert {name: row[name] for name in OWN} == {name: then[lead_id][name] for name in OWN}, lead_id
    return found
