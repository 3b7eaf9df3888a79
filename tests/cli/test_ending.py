"""A command ends at once, and still as Python ends: with its code, its output and all that waits for the end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BEGUN = """
import atexit, sys, tempfile, threading, time
from vaglio.cli.ending import ends_at_once

class Thing:
    def __del__(self):
        print("taken apart", flush=True)

thing = Thing()
thing.its = thing
"""


def ended(text: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BEGUN + text], stderr=subprocess.PIPE, text=True, check=False, timeout=60, **more)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize(("leaving", "code"), [("", 0), ("raise SystemExit", 0), ("raise SystemExit(3)", 3)])
def test_what_waits_for_the_end_has_its_turn_and_nothing_is_taken_apart(tmp_path: Path, leaving: str, code: int) -> None:
    done = ended(
        f"""
with ends_at_once():
    atexit.register(lambda: print("asked at the end"))
    folder = tempfile.TemporaryDirectory(dir={str(tmp_path)!r})
    threading.Thread(target=lambda: (time.sleep(0.3), print("a thread"))).start()
    print("said")
    {leaving}
""",
        stdout=subprocess.PIPE,
    )
    assert (done.returncode, done.stdout.split("\n"), done.stderr) == (code, ["said", "a thread", "asked at the end", ""], "")
    assert not list(tmp_path.iterdir())


def test_whoever_waits_for_the_end_since_before_is_called_too() -> None:
    done = ended("atexit.register(lambda: print('a tracer'))\nwith ends_at_once():\n    raise SystemExit(3)", stdout=subprocess.PIPE)
    assert done.returncode == 3 and "a tracer" in done.stdout and "taken apart" in done.stdout


def test_nobody_waits_for_the_end_when_a_command_begins() -> None:
    done = ended("from vaglio.cli import main\nprint(atexit._ncallbacks())", stdout=subprocess.PIPE)
    assert done.stdout.splitlines()[0] == "0"


@pytest.mark.parametrize(("arguments", "code"), [(["kinds"], 0), (["score", "nowhere.yaml", "--leads", "x.csv", "--out", "y.csv"], 2)])
def test_without_anywhere_to_print_it_ends_as_quietly(arguments: list[str], code: int) -> None:
    command = [sys.executable, "-m", "vaglio.cli.main", *arguments]
    done = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *command], stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == code and "Exception" not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(("leaving", "told"), [("1 / 0", "ZeroDivisionError"), ("raise SystemExit('in words')", "in words")])
def test_what_nobody_expects_is_told_in_pythons_own_way(leaving: str, told: str) -> None:
    done = ended(f"with ends_at_once():\n    {leaving}", stdout=subprocess.PIPE)
    assert done.returncode == 1 and told in done.stderr and "taken apart" in done.stdout


NO_ROOM = "vaglio: not all could be written: No space left on device; see where it prints, its --out, and $TMPDIR\n"
NEEDS_FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full to write to")


@NEEDS_FULL
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["kinds"], ["schema"], ["score", "--help"]])
def test_where_there_is_no_room_to_print_a_command_says_so_in_a_line(arguments: list[str], unbuffered: str) -> None:
    command = [sys.executable, "-m", "vaglio.cli.main", *arguments]
    with open("/dev/full", "w") as full:
        env = os.environ | {"PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60, env=env)
    assert done.returncode == 2
    assert done.stderr == NO_ROOM


@NEEDS_FULL
@pytest.mark.parametrize(("leaving", "code", "told"), [
    ("raise VaglioError('amiss', 'this went wrong', 'try that')", 2, "vaglio: this went wrong; try that\n"),
    ("signal.raise_signal(signal.SIGINT)", 130, "vaglio: stopped; what was not finished is not written\n"),
    ("None", 2, NO_ROOM),
    ("raise SystemExit(1)", 2, NO_ROOM),
])  # fmt: skip
def test_an_error_that_was_told_is_the_one_line_also_where_there_is_no_room_to_print(leaving: str, code: int, told: str) -> None:
    text = f"""
import signal
from vaglio.cli import main
from vaglio.errors import VaglioError

@main.app.command("now")
def now():
    print("said")
    {leaving}

main.main()
"""
    with open("/dev/full", "w") as full:
        env = os.environ | {"PYTHONUNBUFFERED": ""}
        command = [sys.executable, "-c", text, "now"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60, env=env)
    assert (done.returncode, done.stderr) == (code, told)


@NEEDS_FULL
def test_output_that_cannot_be_written_is_no_success() -> None:
    with open("/dev/full", "w") as full:
        done = ended("with ends_at_once():\n    print('said')", stdout=full)
    assert done.returncode != 0 and "No space left on device" in done.stderr
