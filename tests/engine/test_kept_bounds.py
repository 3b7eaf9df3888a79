"""What is kept between runs is bounded, and what cannot be is said to be a mistake of ours."""

from itertools import combinations, islice
from pathlib import Path
from typing import Any

import pytest

from tests.engine.tables import document_of, facts_of
from vaglio.engine import Run
from vaglio.engines.duckdb import DuckDBEngine
from vaglio.errors import InternalError
from vaglio.files import earlier
from vaglio.kept import Kept, run
from vaglio.plan import Instants, Wanted
from vaglio.plan.lanes import KNOWN, Lanes, Latest, Sum
from vaglio.plan.steps import OtherWay

NOBODY: dict[str, Any] = {name: [] for name in ("leads", "accounts", "activities", "field_changes", "lists")}
EMPTY = {
    "format": 1, "name": "empty", "inputs": {}, "profile": {"rules": [], "letters": {"A": 3, "B": 2, "C": 1}},
    "engagement": {"rules": [], "digits": {"1": 3, "2": 2, "3": 1}},
}  # fmt: skip


def test_sets_of_readers_are_kept_up_to_a_bound() -> None:
    lanes = Lanes([Sum("s", reader, 10 + reader) for reader in range(13)] + [Latest("l", 13)], [])
    sets = list(islice((each for size in range(14) for each in combinations(range(13), size)), KNOWN + 100))
    judged = [(str(place), numbers) for place, numbers in enumerate(sets)]
    first = lanes.rows(judged), lanes.largest(judged)  # type: ignore[arg-type]
    assert (lanes.rows(judged), lanes.largest(judged)) == first  # type: ignore[arg-type]
    assert lanes._rows.cache_info().currsize == lanes._largest.cache_info().currsize == KNOWN == 4_096


class _Never(Run):
    """A run that takes no facts by whatever plan."""

    closed = 0

    def carry_out(self, plan: Any) -> None:
        raise OtherWay

    def ask(self, *_given: Any) -> Any:
        raise NotImplementedError

    keep = forget = put = table = ask

    def close(self) -> None:
        _Never.closed += 1


class _Engine(DuckDBEngine):
    def run(self, facts: Any, at: Instants) -> Any:
        return _Never(at)


def test_facts_that_no_plan_takes_are_our_mistake() -> None:
    engine, document = _Engine(), document_of(EMPTY)
    with pytest.raises(InternalError, match="the plan by classes takes any facts") as failed:
        run(engine, document, facts_of(engine, document, NOBODY), Instants(10**15, 10**15), Wanted(), Kept())
    assert failed.value.code == "internal" and "please report it" in failed.value.hint
    assert _Never.closed == 1


def test_a_parquet_file_of_earlier_scores_that_would_be_copied_is_our_mistake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(earlier, "open_source", lambda _raw, _table, _path, _rejects, folder: folder())
    with pytest.raises(InternalError, match="a Parquet file is read where it lies"):
        earlier.open_earlier(DuckDBEngine(), tmp_path / "scores.parquet")
