"""Ctrl-C in the middle of a query is a command that somebody stopped, and no fault of the library that says so in its own words."""

import subprocess
import sys

import pytest

BEGUN = """
import os, signal, threading
from vaglio.cli import main
from vaglio.connections import connect
from vaglio.errors import EngineError

def interrupted():
    raw = connect()
    raw.execute("SET threads = 2")  # now this thread works, now it waits for the other
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    raw.execute("SELECT sum(range) FROM range(1_000_000_000_000)")

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
