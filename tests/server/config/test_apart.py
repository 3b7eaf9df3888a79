"""What has a process of its own: one process does one piece of work after the other, and however it ends, the next has its turn."""

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import psutil
import psycopg
import pytest

from tests.server.world import AT
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


def test_one_that_breaks_off_says_so_and_the_next_has_its_turn(apart: Apart) -> None:
    assert apart.run("looking", 404, on) == 1
    assert apart.run("looking", search().pk, on) == 0
    assert apart.run("looking", 404, on) == 1
    assert mine() == []


def test_one_that_is_killed_at_work_is_a_failure_and_not_tried_again(apart: Apart) -> None:
    from vaglio_server.config import env

    assert apart.run("looking", search().pk, on) == 0
    asked, looks = search(), []

    def kill() -> bool:
        looks.append(1)
        if len(looks) == 3:
            os.kill(mine()[0].pid, signal.SIGKILL)
        return False

    database = env.database()
    with psycopg.connect(dbname=database["NAME"], host=database["HOST"], user=database["USER"], password=database["PASSWORD"]) as other:
        other.execute("SELECT FROM duplicates_search WHERE id = %s FOR UPDATE", [asked.pk])  # so that it cannot be done
        assert apart.run("looking", asked.pk, kill) == -signal.SIGKILL
    asked.refresh_from_db()
    assert asked.state == "running" and len(looks) == 3


def test_it_ends_when_it_is_off_or_the_worker_stops(apart: Apart) -> None:
    assert apart.run("looking", search().pk, lambda: True) is None
    assert mine() == []
