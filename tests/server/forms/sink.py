"""A mail server that keeps what it is given, and refuses where it is told to."""

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller

from tests.server.running import free_port


@dataclass
class Sink:
    """What came; ``answer`` is said instead of OK, ``then`` is done once a letter is kept, before its sender hears of it."""

    port: int
    letters: list[Any] = field(default_factory=list)
    answer: str = ""
    then: Callable[[], None] = lambda: None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer:
            return self.answer
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.then()
        return "250 kept"

    def link(self, place: int = -1) -> str:
        """Return the link in a letter."""
        found = re.search(r"https?://\S+/f/confirm/\S+", self.letters[place].get_content())
        assert found is not None
        return found[0]


@contextmanager
def sink() -> Iterator[Sink]:
    kept = Sink(free_port())
    server = Controller(kept, hostname="127.0.0.1", port=kept.port)
    server.start()
    try:
        yield kept
    finally:
        server.stop()
