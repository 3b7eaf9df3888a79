"""A server that cannot be reached says why before it starts anything."""

import socket
import subprocess
import sys

import pytest

from tests.cli.company import vaglio


@pytest.mark.parametrize(("host", "why"), [("127.0.0.1", "Address already in use"), ("nonsense.invalid", "Name or service not known")])
def test_where_nothing_can_listen_it_ends_at_once(host: str, why: str) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as a server of ours does, which would share the port
        other.bind(("127.0.0.1", 0))
        other.listen()
        told = subprocess.run(
            [sys.executable, "-m", "vaglio.cli.main", "serve", "--host", host, "--port", str(other.getsockname()[1])],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert told.returncode == 2 and why in told.stderr and "choose another by --port or --host" in told.stderr
    assert "Vaglio on" not in told.stdout


@pytest.mark.parametrize("command", ["serve", "demo"])
@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999"])
def test_what_is_no_port_is_refused(command: str, port: str) -> None:
    told = vaglio(command, "--port", port)
    assert told.returncode == 2 and "--port" in told.stderr and "Traceback" not in told.stderr
