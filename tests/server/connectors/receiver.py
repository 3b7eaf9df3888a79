"""A receiver of webhooks: real HTTP on the loopback, which keeps what came and answers as it is told."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Came:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers["webhook-id"]


@dataclass(frozen=True)
class Say:
    """How to answer: after some seconds, with a status, headers and a text; ``status`` None: with nothing at all."""

    status: int | None = 200
    headers: dict[str, str] = field(default_factory=dict)
    text: bytes = b"thanks"
    after_seconds: float = 0.0


class Receiver:
    """What came so far, and how it answers."""

    def __init__(self, says: Callable[[Came], Say]) -> None:
        self.came: list[Came] = []
        self.says = says
        self.port = 0

    def url(self, path: str = "/hooks") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def allowed(self) -> frozenset[tuple[str, int]]:
        return frozenset({("127.0.0.1", self.port)})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_given: Any) -> None:
        """Senders that were killed are no error."""


@contextmanager
def receiving(says: Callable[[Came], Say] | Say | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver(says if callable(says) else lambda _came: says or Say())

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if len(body) < int(self.headers["content-length"]):
                return  # its sender was killed: half a request is none
            came = Came(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            receiver.came.append(came)
            say = receiver.says(came)
            time.sleep(say.after_seconds)
            if say.status is None:
                self.close_connection = True
                return
            self.send_response(say.status)
            for name, value in say.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(say.text)))
            self.end_headers()
            self.wfile.write(say.text)

        do_GET = do_POST

        def log_message(self, *_given: Any) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
