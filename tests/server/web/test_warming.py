"""The first why of a process does not wait for plans: they are written in the background once the first page was asked for."""

from typing import Any

import pytest

from tests.server.web.people import signed_in
from tests.server.web.test_pages import shown
from tests.server.world import leads


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A process that has written no plan, and warms when it is told to; returns what it began."""
    from vaglio.kept import PLANS
    from vaglio_server.web import warming

    began: list[Any] = []

    class Timer:
        def __init__(self, _seconds: float, do: Any) -> None:
            self.do = do

        def start(self) -> None:
            began.append(self.do)

    PLANS.forget()
    monkeypatch.setattr(warming, "_state", {"serves": True, "begun": False})
    monkeypatch.setattr(warming.threading, "Timer", Timer)
    return began


def test_the_first_page_begins_it_and_the_first_why_writes_nothing(company: dict[str, Any], fresh: list[Any]) -> None:
    from vaglio import kept
    from vaglio.engine import compiling
    from vaglio.engines import sqlite

    client, anna = signed_in(company["luca"]), leads()["anna@acme.example"]
    shown(client, "/leads")
    shown(client, "/")
    assert len(fresh) == 1  # once in a process
    fresh[0]()
    plans, compiled = set(kept.PLANS._plans), []

    def counted(**how: Any) -> Any:
        compiled.append(how)
        return compiling(**how)

    before = sqlite.compiling
    try:
        sqlite.compiling = counted  # type: ignore[assignment]
        assert 'class="card why"' in shown(client, f"/leads/{anna.pk}/why")
        assert "If nothing happens" in shown(client, f"/leads/{anna.pk}/outlook")
    finally:
        sqlite.compiling = before
    assert (set(kept.PLANS._plans), compiled) == (plans, [])


def test_other_processes_warm_nothing(company: dict[str, Any], fresh: list[Any]) -> None:
    from vaglio_server.web import warming

    warming._state["serves"] = False
    shown(signed_in(company["luca"]), "/leads")
    assert fresh == []


def test_what_cannot_be_warmed_is_said_and_hurts_nobody(company: dict[str, Any], caplog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.web import warming

    def lost() -> Any:
        raise OSError("the database is gone")

    monkeypatch.setattr(warming, "live_versions", lost)
    warming.warm()
    assert "could not be written ahead" in caplog.text
