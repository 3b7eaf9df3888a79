"""A full disk: the intake says 503 and nothing it acknowledged is lost; once there is room it goes on by itself."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests.server.running import running, wait_for
from tests.server.sending import Sender, at_work, together
from tests.server.world import MODEL

pytestmark = pytest.mark.drill
SIZE = "400M"
PADDING = 25_000  # characters per call, so that the room is used up soon


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, where the machine permits one."""
    image, mounted = tmp_path / "image", Path("/mnt") / f"vaglio-{os.getpid()}"
    try:
        mounted.mkdir()
        with image.open("wb") as file:
            file.truncate(int(SIZE.removesuffix("M")) * 1024**2)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", image], check=True, capture_output=True)
        subprocess.run(["mount", "-o", "loop", image, mounted], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        with suppress(OSError):
            mounted.rmdir()
        pytest.skip(f"no disk of its own can be mounted here: {error}")
    yield mounted
    subprocess.run(["umount", mounted], check=True)
    mounted.rmdir()
    image.unlink()


def vaglio(home: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "vaglio.cli.main", *arguments]
    told = subprocess.run(command, env=os.environ | {"VAGLIO_HOME": str(home)}, capture_output=True, text=True, check=True)
    return told.stdout.strip().splitlines()[-1]


def fill(home: Path) -> Path:
    """Leave no room at all."""
    filler = home / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1024**2, 4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    return filler


def dies_of_its_log(home: Path) -> bool:
    """Use up the log's files that were made beforehand: for the next one there is no room, of which PostgreSQL dies."""
    try:
        with psycopg.connect(host=str(home / "postgres"), user="vaglio", dbname="vaglio", autocommit=True) as link:
            for _ in range(300):
                link.execute("SELECT pg_logical_emit_message(true, 'test', 'used')")
                link.execute("SELECT pg_switch_wal()")
    except psycopg.OperationalError:
        return True
    return False


def stored(home: Path) -> list[str]:
    with psycopg.connect(host=str(home / "postgres"), user="vaglio", dbname="vaglio") as link:
        return [message for (message,) in link.execute("SELECT message_id FROM tracking_event").fetchall()]


def waiting(home: Path) -> bool:
    with psycopg.connect(host=str(home / "postgres"), user="vaglio", dbname="vaglio") as link:
        return link.execute("SELECT 1 FROM tracking_delivery WHERE is_open").fetchone() is not None


def full_for_a_while(disk: Path, senders: list[Sender], seconds: float) -> float:
    """Fill the disk until the intake says so, and some seconds longer; return how long it took to go on once there was room [s]."""
    refused = together(senders).statuses[503]
    filler = fill(disk)
    wait_for(lambda: together(senders).statuses[503] > refused + 20, 120)
    assert dies_of_its_log(disk)
    time.sleep(seconds)
    before, begun = len(together(senders).at), time.monotonic()
    filler.unlink()
    wait_for(lambda: len(together(senders).at) > before + 20, 120)
    return round(time.monotonic() - begun, 1)


def test_a_full_disk_costs_nobody_more_than_a_503(disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "model.yaml"
    model.write_text(MODEL)
    stop = threading.Event()
    vaglio(disk, "push", str(model), "--activate")
    key = vaglio(disk, "source", "create", "site")
    with running(disk) as server:
        senders = [Sender(server.address, key, name, stop, 0.05, PADDING) for name in ("ann", "bob")]
        with at_work(stop, *senders):
            wait_for(lambda: len(together(senders).at) > 20, 60)
            again = [full_for_a_while(disk, senders, seconds) for seconds in (1, 10, 30)]
        heard = together(senders)
        wait_for(lambda: not waiting(disk), 120)
        found = stored(disk)
    lost, doubled = len(heard.acknowledged - set(found)), len(found) - len(set(found))
    figures = {"statuses": dict(heard.statuses), "again_after": again, "acknowledged": len(heard.acknowledged)}
    with capsys.disabled():
        print(f"\nfull disk: {json.dumps(figures | {'lost': lost, 'doubled': doubled})}", flush=True)
    assert set(heard.statuses) == {200, 503}
    assert (lost, doubled) == (0, 0)
