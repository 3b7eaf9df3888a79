"""The demo's mail server: it takes every mail and keeps it as a file, to be read on a page; none leaves the machine."""

import itertools
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class _Keeper:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Keep a mail, in the order in which they come."""
        (self._folder / f"{next(self._numbers):06}.eml").write_bytes(envelope.content)
        return "250 kept"


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@contextmanager
def mailbox(folder: Path) -> Iterator[str]:
    """Take mails while it lasts, and give the address of the server as EMAIL_URL spells it."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.eml"):
        old.unlink()
    port = _free_port()
    server = Controller(_Keeper(folder), hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        server.stop()
