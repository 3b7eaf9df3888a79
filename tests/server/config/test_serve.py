"""A server that cannot be reached says why before it starts anything."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.company import vaglio
from tests.server.running import answers, free_port
from vaglio_server.config.serve import say_first_start


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


def test_the_link_is_said_once_somebody_is_heard_there(database: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "vaglio.cli.main", "serve", "--role", "web", "--workers", "1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"VAGLIO_HOME": str(database)}) as server:
        assert server.stdout is not None
        try:
            assert server.stdout.readline() == f"Vaglio on http://127.0.0.1:{port} (Ctrl-C stops it)\n"
            assert answers(port, timeout=60)  # of a machine that has much to do; who is not heard is refused at once
        finally:
            server.terminate()


def test_a_first_start_says_what_it_makes_and_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("VAGLIO_HOME", str(tmp_path))
    say_first_start()
    (tmp_path / "postgres/data").mkdir(parents=True)
    say_first_start()
    assert capsys.readouterr().out == f"making a database in {tmp_path / 'postgres'}; that takes some seconds, this once\n"


def test_a_mail_of_the_demo_is_not_told_word_by_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from smtplib import SMTP

    from vaglio_server.config.mailbox import mailbox

    with mailbox(tmp_path) as address, SMTP("127.0.0.1", int(address.rpartition(":")[2])) as server:
        server.sendmail("a@b.example", ["c@d.example"], b"Subject: hello\n\nhello\n")
    assert len([*tmp_path.iterdir()]) == 1 and [each.getMessage() for each in caplog.records if each.name == "mail.log"] == []
