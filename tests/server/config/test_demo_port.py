"""A port that another program has is noticed before anything is made for the demo, or ended for it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.server.running import free_port


def demo(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vaglio.cli.main", "demo", *options]
    return subprocess.run(command, env=os.environ | {"VAGLIO_HOME": str(home)}, check=False, capture_output=True, text=True)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.mark.parametrize("options", [("--check",), ("--background",), ()])
def test_a_port_that_is_taken_is_said_and_nothing_is_made(tmp_path: Path, taken: int, options: tuple[str, ...]) -> None:
    told = demo(tmp_path / "home", *options, "--port", str(taken))
    why, other = f"nothing can listen on 127.0.0.1:{taken} (Address already in use)", taken + 80
    said = f"vaglio: {why}; name another one: --port {other}, or PORT={other} make demo\n"
    assert (told.returncode, told.stderr, told.stdout) == (2, said, "")
    assert not (tmp_path / "home-demo/postgres").exists()


def test_a_port_that_is_free_is_silence(tmp_path: Path) -> None:
    told = demo(tmp_path / "home", "--check", "--port", str(free_port()))
    assert (told.returncode, told.stderr, told.stdout) == (0, "", "")


def test_the_demo_that_runs_goes_on_where_another_port_is_taken_and_may_have_its_own(tmp_path: Path, taken: int) -> None:
    own = free_port()
    (tmp_path / "home-demo").mkdir()
    waits = [sys.executable, "-c", "input()", "demo", "--port", str(own)]  # what is asked of a demo that runs is its command line
    with socket.socket() as its, subprocess.Popen(waits, stdin=subprocess.PIPE) as process:
        its.bind(("127.0.0.1", own))
        its.listen()
        (tmp_path / "home-demo/pid").write_text(str(process.pid))
        assert demo(tmp_path / "home", "--background", "--port", str(taken)).returncode == 2
        assert demo(tmp_path / "home", "--check", "--port", str(own)).returncode == 0
        assert psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE
        process.communicate()
