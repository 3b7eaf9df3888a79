"""The bell: loops are woken by what anybody writes, and left alone while nobody does."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.server.running import wait_for
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


def test_who_need_not_come_at_once_looks_more_rarely_while_nothing_is_written() -> None:
    bell, stop = Bell(), threading.Event()
    looks: list[float] = []

    def rests() -> None:
        for _ in range(2):
            heard = bell.rung
            begun = time.monotonic()
            bell.rest(stop, 0.2, heard)
            looks.append(time.monotonic() - begun)

    thread = threading.Thread(target=rests)
    thread.start()
    wait_for(lambda: len(looks) == 1, 10)
    bell.ring()
    thread.join()
    assert looks[0] >= 0.2 * bells.QUIET > looks[1] >= 0.2


def test_what_is_written_while_somebody_looks_is_not_slept_through() -> None:
    bell = Bell()
    heard = bell.rung
    bell.ring()  # while its step asks the database
    begun = time.monotonic()
    bell.rest(threading.Event(), 0.2, heard)
    assert time.monotonic() - begun < 0.2 * bells.QUIET
