"""Scorers are lent and kept: a question does not wait for a connection, and a lost one is noticed before it is asked."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from tests.server.running import wait_for
from tests.server.scoring.test_backlog import fill
from tests.server.world import MODEL, leads

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    from vaglio_server.scoring.scorers import close_all

    close_all()
    yield
    close_all()


def server_process(scorer: Any) -> int:
    with scorer.snapshot() as snapshot:
        return int(snapshot.cursor.execute("SELECT pg_backend_pid()").fetchall()[0][0])


def connected(*processes: int) -> int:
    """Return how many of these processes of the database there still are."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)", [list(processes)])
        return int(cursor.fetchone()[0])


def test_the_next_question_finds_the_connection_of_the_last() -> None:
    from vaglio_server.scoring.scorers import a_scorer

    with a_scorer() as first:
        before = server_process(first)
    with a_scorer() as second:
        assert second is first and server_process(second) == before


def test_two_at_once_have_their_own_and_no_more_than_two_are_kept() -> None:
    from vaglio_server.scoring.scorers import a_scorer

    with a_scorer() as one, a_scorer() as two, a_scorer() as three:
        processes = [server_process(each) for each in (one, two, three)]
        assert connected(*processes) == 3
    wait_for(lambda: connected(processes[0]) == 0, 10)  # the last that was given back
    assert connected(*processes) == 2


def test_a_connection_that_was_lost_meanwhile_costs_no_question() -> None:
    from django.db import connection

    from vaglio.dates import to_microseconds
    from vaglio_server.scoring.engine import Instants, document_of
    from vaglio_server.scoring.scorers import a_scorer

    fill(1)
    (lead,) = leads().values()
    with a_scorer() as before:
        lost = server_process(before)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [lost])
    wait_for(lambda: connected(lost) == 0, 10)
    at = to_microseconds(lead.created_at) + 1_000_000
    with a_scorer() as scorer:
        found = scorer.explanation(document_of(MODEL), lead.pk, Instants(at, at))
        assert found is not None and found.row["lead_id"] == str(lead.pk) and server_process(scorer) != lost


def test_a_question_that_fails_leaves_a_scorer_that_answers() -> None:
    from vaglio_server.scoring.scorers import a_scorer

    with pytest.raises(ZeroDivisionError), a_scorer() as scorer, scorer.snapshot():
        raise ZeroDivisionError
    with a_scorer() as again:
        assert again is scorer and server_process(again) > 0


def test_models_that_are_too_much_for_sqlite_are_remembered_up_to_a_bound(scorer: Any) -> None:
    from vaglio.engine import Engine
    from vaglio.errors import EngineError
    from vaglio.plan import Facts
    from vaglio_server.scoring.engine import read_document

    rows = {"leads": pa.table({"lead_id": ["1"]})}
    asked: list[tuple[str, str]] = []
    models = [read_document(MODEL.replace("name: small", f"name: small{number}")) for number in range(65)]

    def refused_by_sqlite(name: str) -> Any:
        def ask(engine: Engine, _facts: Facts) -> None:
            asked.append((name, engine.name))
            if engine.name == "sqlite":
                raise EngineError("sqlite", "too much")

        return ask

    for model in [*models, models[64], models[0]]:
        scorer._answer(model, rows, refused_by_sqlite(model.name))
    assert asked[-3:] == [("small64", "duckdb"), ("small0", "sqlite"), ("small0", "duckdb")]  # the first is forgotten, the last is not
    assert len(asked) == 2 * 65 + 3 and len(scorer._too_much) == 64
