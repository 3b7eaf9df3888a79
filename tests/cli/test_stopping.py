"""Ctrl-C, or SIGTERM, is a command that somebody stopped, and no fault of the library that says so in its own words."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.cli.company import ROOT
from tests.engine.engines import needs_spark, postgres_url

BEGUN = """
import os, signal, tempfile, threading
from vaglio.cli import main
from vaglio.connections import connect
from vaglio.errors import EngineError

def interrupted():
    raw = connect()
    raw.execute("SET threads = 2")  # now this thread works, now it waits for the other
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    raw.execute("SELECT sum(range) FROM range(1_000_000_000_000)")

def in_a_folder():
    with tempfile.TemporaryDirectory(prefix="vaglio-"):
        interrupted()

def told_otherwise():
    try:
        interrupted()
    except BaseException:
        raise EngineError("duckdb", "it was interrupted", "try again")
"""


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        ("interrupted()", 130, "vaglio: stopped; what was not finished is not written\n"),
        ("told_otherwise()", 130, "vaglio: stopped; what was not finished is not written\n"),
        ("int('x')", 1, "ValueError: invalid literal for int() with base 10: 'x'\n"),
    ],
)
def test_what_an_interrupt_raises_is_that_somebody_stopped_it(command: str, code: int, told: str) -> None:
    text = f"{BEGUN}\nmain.app.command('now')(lambda: {command})\nmain.main()"
    done = subprocess.run([sys.executable, "-c", text, "now"], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr[-len(told) :]) == (code, told)
    assert ("Traceback" in done.stderr) is (code == 1)


@pytest.mark.parametrize(("sent", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_whoever_is_told_to_end_leaves_no_temporary_folder(tmp_path: Path, sent: str, code: int) -> None:
    text = f"{BEGUN.replace('SIGINT', sent)}\nmain.app.command('now')(in_a_folder)\nmain.main()"
    env = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", text, "now"], capture_output=True, text=True, check=False, timeout=60, env=env)
    assert (done.returncode, done.stderr) == (code, "vaglio: stopped; what was not finished is not written\n")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_it_is_loading_is_one_line_too() -> None:
    text = """
import signal, sys

class Stop:
    def find_spec(self, name, *others):
        if name == "typer":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Stop())
from vaglio.cli.start import main
main()
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (130, "vaglio: stopped; what was not finished is not written\n")
    script = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]["vaglio"]
    assert script == "vaglio.cli.start:main"


IN_POSTGRES = """
import os, signal, threading
from vaglio.cli import main
from vaglio.engines import make

def interrupted():
    engine = make("postgres", url={url!r})
    {before}
    engine.session.create("counted", "SELECT count(*) AS n FROM generate_series(1, 1000000000000)")

main.app.command("now")(interrupted)
main.main()
"""


@pytest.mark.parametrize(
    ("before", "code", "told"),
    [
        (
            "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()",
            130,
            "vaglio: stopped; what was not finished is not written",
        ),
        pytest.param(
            "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()",
            143,
            "vaglio: stopped; what was not finished is not written",
            marks=pytest.mark.drill,  # that it ends with SIGTERM's own code, all engines are told in one place
        ),
        ("engine.session.execute('SET statement_timeout = 100')", 2, "vaglio: postgres: canceling statement due to statement timeout"),
    ],
)
def test_a_query_in_postgres_is_stopped_alike(before: str, code: int, told: str) -> None:
    """The main thread hears of Ctrl-C while it waits, and has the query cancelled."""
    text = IN_POSTGRES.format(url=postgres_url(), before=before)
    done = subprocess.run([sys.executable, "-c", text, "now"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(told) and len(done.stderr.splitlines()) == 1


MANY_IN_POSTGRES = """
import os, signal, threading
from vaglio.cli import main
from vaglio.engines import make

def interrupted():
    engine = make("postgres", url={url!r})
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    for _ in range(20_000):
        engine.session.execute("SELECT 1")

main.app.command("now")(interrupted)
main.main()
"""


def test_ctrl_c_between_two_short_queries_in_postgres_is_not_lost() -> None:
    """The driver would take it, cancel what is over already, and say nothing."""
    text = MANY_IN_POSTGRES.format(url=postgres_url())
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", text, "now"], capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (130, "vaglio: stopped; what was not finished is not written\n")


IN_SPARK = """
import os, signal, sys, threading
from vaglio.cli import main
from vaglio.engines import make

def heard(event, given):
    if event == "subprocess.Popen" and "spark-submit" in str(given):
        threading.Timer(0.5, os.kill, (os.getpid(), signal.{sent})).start()

sys.addaudithook(heard)
main.app.command("now")(lambda: make("spark", master=""))
main.main()
"""


@needs_spark
@pytest.mark.parametrize(("sent", "code"), [("SIGINT", 130), pytest.param("SIGTERM", 143, marks=pytest.mark.drill)])
def test_a_java_that_only_begins_ends_too(sent: str, code: int) -> None:
    """As long as it lives, what it prints into stays open, and nobody comes back from here."""
    command = [sys.executable, "-c", IN_SPARK.format(sent=sent), "now"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (code, "vaglio: stopped; what was not finished is not written\n")


ELSEWHERE = """
import contextlib, os, signal, threading
from vaglio.cli.stopping import stopped_by_hand
from vaglio.connections import connect

raw = connect()
raw.execute("SET enable_progress_bar = false")

def ask():
    with contextlib.suppress(BaseException):
        raw.execute("SELECT sum(range) FROM range(1_000_000_000_000)")

with stopped_by_hand():
    {handler}
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        thread.join({wait})
    except KeyboardInterrupt:
        thread.join(3)
    print("goes on" if thread.is_alive() else "ended", flush=True)
    os._exit(0)
"""


@pytest.mark.parametrize(
    ("handler", "wait", "said"),
    [("", 5, "ended\n"), ("signal.signal(signal.SIGINT, lambda *_: None)", 1, "goes on\n")],
)
def test_a_query_of_another_thread_is_interrupted_unless_the_command_stops_in_its_own_way(handler: str, wait: int, said: str) -> None:
    text = ELSEWHERE.format(handler=handler, wait=wait)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == (said, "")
