"""The bell: loops are woken by what anybody writes, and left alone while nobody does."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.server.world import elsewhere
from vaglio_server.config import bell as bells
from vaglio_server.config.bell import Bell

pytestmark = pytest.mark.usefixtures("tables")


@contextmanager
def watching(bell: Bell) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=bell.watch, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def quiet(woken: threading.Event) -> None:
    """Wait until nothing was heard for half a second; PostgreSQL itself writes now and then."""
    until = time.monotonic() + 60
    while woken.wait(0.5):
        woken.clear()
        assert time.monotonic() < until, "it rings on and on"


def test_all_are_woken_by_what_is_written() -> None:
    bell = Bell()
    one, two = bell.event(), bell.event()
    with watching(bell), elsewhere(autocommit=True) as other:
        other.execute("CREATE TABLE IF NOT EXISTS bell_test (id int)")
        other.execute("SELECT count(*) FROM bell_test")
        quiet(one)
        two.clear()
        other.execute("INSERT INTO bell_test VALUES (1)")
        assert one.wait(10) and two.wait(10)
        quiet(one)
        other.execute("DROP TABLE bell_test")


def test_nobody_waits_on_at_the_end() -> None:
    bell = Bell()
    woken = bell.event()
    with watching(bell):
        quiet(woken)
    assert woken.is_set()


def test_where_it_is_not_told_loops_look_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "REACHED", "SELECT what_no_database_has()")
    bell = Bell()
    woken = bell.event()
    with watching(bell):
        for _ in range(3):
            assert woken.wait(10)
            woken.clear()
