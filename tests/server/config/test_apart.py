"""What has a process of its own: one process does one piece of work after the other, and however it ends, the next has its turn."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from tests.server.running import wait_for
from tests.server.world import AT, elsewhere
from vaglio_server.config.apart import Apart


@pytest.fixture
def apart(tables: Any) -> Iterator[Apart]:
    found = Apart(threading.Event())
    yield found
    found.close()
    assert mine() == []


def mine() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if "vaglio_server.config.lingering" in " ".join(each.cmdline())]


def search() -> Any:
    """Return a search that was begun: over no lead, it is done at once."""
    from vaglio_server.duplicates.actions import ask_search

    return ask_search(by="test", at=AT)


@contextmanager
def held() -> Iterator[None]:
    """Keep searches from being done: they wait for a row of theirs."""
    with elsewhere() as other:
        other.execute("LOCK TABLE duplicates_search IN SHARE MODE")
        yield


def on() -> bool:
    return False


def test_one_process_does_one_after_the_other(apart: Apart) -> None:
    pids = set()
    for _ in range(3):
        its = search()
        assert apart.run("looking", its.pk, on) == 0
        its.refresh_from_db()
        assert its.state == "done"
        pids |= {each.pid for each in mine()}
    assert len(pids) == 1


def test_one_that_was_killed_in_peace_is_no_failure(apart: Apart) -> None:
    assert apart.run("looking", search().pk, on) == 0
    (process,) = mine()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    its = search()
    assert apart.run("looking", its.pk, on) == 0
    its.refresh_from_db()
    assert its.state == "done"


def test_one_that_has_ended_is_let_go(apart: Apart) -> None:
    assert apart.run("looking", search().pk, on) == 0
    open_files = psutil.Process().num_fds()
    apart.tidy()
    (process,) = mine()
    process.terminate()
    wait_for(lambda: process.status() == psutil.STATUS_ZOMBIE, 20)
    apart.tidy()
    assert not process.is_running() and psutil.Process().num_fds() == open_files - 2
    assert apart.run("looking", search().pk, on) == 0


def test_one_that_breaks_off_says_so_and_the_next_has_its_turn(apart: Apart) -> None:
    assert apart.run("looking", 404, on) == 1
    assert apart.run("looking", search().pk, on) == 0
    assert apart.run("looking", 404, on) == 1
    assert mine() == []


def test_one_that_is_killed_at_work_is_a_failure_and_not_tried_again(apart: Apart) -> None:
    assert apart.run("looking", search().pk, on) == 0
    asked, looks = search(), []

    def kill() -> bool:
        looks.append(1)
        if len(looks) == 3:
            os.kill(mine()[0].pid, signal.SIGKILL)
        return False

    with held():
        assert apart.run("looking", asked.pk, kill) == -signal.SIGKILL
    asked.refresh_from_db()
    assert asked.state == "running" and len(looks) == 3


def test_it_ends_when_it_is_off_or_the_worker_stops(apart: Apart) -> None:
    assert apart.run("looking", search().pk, lambda: True) is None
    assert mine() == []


def test_where_nobody_can_tell_whether_it_is_off_it_ends(apart: Apart) -> None:
    def fails() -> bool:
        raise OSError("the database is away")

    asked = search()
    with held(), pytest.raises(OSError, match="away"):
        apart.run("looking", asked.pk, fails)
    assert mine() == []
    assert apart.run("looking", 404, on) == 1  # and its answer is nobody else's


@pytest.mark.parametrize(("is_told", "code"), [(True, None), (False, -signal.SIGTERM)])
def test_one_that_is_told_to_end_with_the_worker_is_no_failure(apart: Apart, is_told: bool, code: int | None) -> None:
    def ends() -> bool:
        mine()[0].terminate()
        if is_told:
            threading.Timer(0.3, apart._stop.set).start()
        return False

    asked = search()
    with held():
        assert apart.run("looking", asked.pk, ends) == code
