"""Ctrl-C in the middle of a query is a command that somebody stopped, and no fault of the library that says so in its own words."""

import subprocess
import sys

import pytest

BEGUN = """
import os, signal, threading
import duckdb
from vaglio.cli import main

def interrupted():
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    duckdb.execute("SELECT sum(a.range * b.range) FROM range(10_000_000) AS a, range(10_000_000) AS b")
"""


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        ("interrupted()", 130, "vaglio: stopped; what was not finished is not written\n"),
        ("int('x')", 1, "ValueError: invalid literal for int() with base 10: 'x'\n"),
    ],
)
def test_what_an_interrupt_raises_is_that_somebody_stopped_it(command: str, code: int, told: str) -> None:
    text = f"{BEGUN}\nmain.app.command('now')(lambda: {command})\nmain.main()"
    done = subprocess.run([sys.executable, "-c", text, "now"], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr[-len(told) :]) == (code, told)
    assert ("Traceback" in done.stderr) is (code == 1)
