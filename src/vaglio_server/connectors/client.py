"""Sending requests out: many at once, each to an address that was checked, without redirects, and with an end to how long it takes.

A name is looked up once, all it stands for is checked, and the connection goes to one of these addresses, never to the name again: so
a name that stands for something else a moment later leads nowhere. By TLS the certificate is asked for the name. Proxies of the
environment are not heeded: behind them, nobody could check where a request ends.
"""

import asyncio
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import h11

from vaglio_server.connectors.logic.addresses import Target, as_written, is_public
from vaglio_server.connectors.logic.retries import Answer
from vaglio_server.refused import Refused

logger = logging.getLogger(__name__)
_READ = 16_384
LONGEST_TEXT = 500  # characters of an answer that are kept


class Client:
    """A thread in which requests run, however many."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._tls = ssl.create_default_context()
        self._thread = threading.Thread(target=self._loop.run_forever, name="webhooks-out", daemon=True)
        self._thread.start()

    def post(self, target: Target, headers: Mapping[str, str], body: bytes, timeout: timedelta) -> Future[Answer]:
        """Begin to send, and return what will say what came of it; it always says something."""
        return asyncio.run_coroutine_threadsafe(_post(target, headers, body, timeout, self._tls), self._loop)

    def close(self) -> None:
        """Drop what is on its way."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        for each in asyncio.all_tasks(self._loop):
            each.cancel()
            with suppress(asyncio.CancelledError):
                self._loop.run_until_complete(each)
        self._loop.close()


@dataclass
class _Heard:
    """What was read of an answer so far: once its status is there, whatever comes after changes nothing of it."""

    status: int | None = None
    retry_after: str | None = None
    text: bytes = b""

    def answer(self) -> Answer:
        """Return what came of it."""
        return Answer(self.status, self.retry_after, self.text.decode("utf-8", "replace").replace("\x00", "")[:LONGEST_TEXT])


async def _post(target: Target, headers: Mapping[str, str], body: bytes, timeout: timedelta, tls: ssl.SSLContext) -> Answer:
    begun, heard = time.perf_counter(), _Heard()
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            await _sent(target, _request(target, headers, body), heard, tls)
        error = ""
    except Exception as failure:  # whatever it is, it is one delivery's and holds up no other
        error = _said(failure, timeout)
    answer = Answer(error=error) if heard.status is None else heard.answer()
    return replace(answer, took_ms=round((time.perf_counter() - begun) * 1000))


def _said(failure: Exception, timeout: timedelta) -> str:
    match failure:
        case TimeoutError():
            return f"no answer within {timeout.total_seconds():g} s"
        case Refused():
            return str(failure)
        case ssl.SSLCertVerificationError():
            return f"its certificate does not hold: {failure.verify_message}"
        case ssl.SSLError():
            return f"no encrypted connection: {failure.reason or failure}"
        case h11.RemoteProtocolError():
            return f"what it answered is no HTTP: {failure}"
        case OSError():
            return f"no connection: {failure.strerror or failure}"
    logger.error("a webhook could not be sent", exc_info=failure)
    return f"it could not be sent ({failure}); the worker's log says more"


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> tuple[h11.Connection, bytes]:
    """Return a request as it is written, and what reads its answer."""
    told = [("host", target.netloc), ("connection", "close"), ("content-length", str(len(body))), *headers.items()]
    out = h11.Connection(h11.CLIENT)
    parts = (h11.Request(method="POST", target=target.path, headers=told), h11.Data(data=body), h11.EndOfMessage())
    return out, b"".join(out.send(part) or b"" for part in parts)


async def _sent(target: Target, request: tuple[h11.Connection, bytes], heard: _Heard, tls: ssl.SSLContext) -> None:
    reader, writer = await _connected(target, tls)
    try:
        writer.write(request[1])
        await writer.drain()
        await _hear(reader, request[0], heard)
    finally:
        writer.transport.abort()


async def _connected(target: Target, tls: ssl.SSLContext) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the first address that answers, of those that the name stands for now."""
    encrypted = {"ssl": tls, "server_hostname": target.host} if target.scheme == "https" else {}
    failed: OSError | None = None
    for address in await _looked_up(target):
        try:
            return await asyncio.open_connection(address, target.port, limit=_READ, **encrypted)  # type: ignore[arg-type]
        except ssl.SSLError:
            raise
        except OSError as error:
            failed = error
    raise failed or OSError(f"{target.host} has no address")


def _in_a_thread(look: Callable[[], Any]) -> asyncio.Future[Any]:
    """Look something up in a thread of its own: a resolver that hangs takes no other's place, and no exit waits for it."""
    found: Future[Any] = Future()
    found.set_running_or_notify_cancel()

    def work() -> None:
        try:
            found.set_result(look())
        except Exception as error:  # it is raised where the answer is waited for
            found.set_exception(error)

    threading.Thread(target=work, name="webhooks-names", daemon=True).start()
    return asyncio.wrap_future(found)


async def _looked_up(target: Target) -> list[str]:
    """Return the addresses that a host stands for, having checked every one of them."""
    try:
        found = await _in_a_thread(lambda: socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:  # the latter of a name that is none
        raise OSError(f"nobody knows the name {target.host}") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not target.is_allowed:
        inside = [each for each in addresses if (literal := as_written(each)) is None or not is_public(literal)]
        if inside:
            raise Refused(f"{target.host} stands for {inside[0]}, an address inside a network: nothing was sent")
    return addresses


async def _hear(reader: asyncio.StreamReader, out: h11.Connection, heard: _Heard) -> None:
    while len(heard.text) < LONGEST_TEXT:
        event = out.next_event()
        if event is h11.NEED_DATA:
            out.receive_data(read := await reader.read(_READ))
            if not read and heard.status is None:
                raise OSError("it closed the connection without an answer")
        elif isinstance(event, h11.Response):
            heard.status = event.status_code
            heard.retry_after = next((value.decode("latin-1") for name, value in event.headers if name == b"retry-after"), None)
        elif isinstance(event, h11.Data):
            heard.text += bytes(event.data)
        elif not isinstance(event, h11.InformationalResponse):
            break
