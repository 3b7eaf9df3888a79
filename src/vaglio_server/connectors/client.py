"""Sending requests out: many at once, each to an address that was checked, without redirects, and with an end to how long it takes.

A name is looked up once, all it stands for is checked, and the connection goes to one of these addresses, never to the name again: so
a name that stands for something else a moment later leads nowhere. By TLS the certificate is asked for the name. Proxies of the
environment are not heeded: behind them, nobody could check where a request ends.
"""

import asyncio
import ssl
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import h11

from vaglio_server.connectors.logic.addresses import Target, as_written, is_public
from vaglio_server.connectors.logic.retries import Answer
from vaglio_server.refused import Refused

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
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


async def _post(target: Target, headers: Mapping[str, str], body: bytes, timeout: timedelta, tls: ssl.SSLContext) -> Answer:
    begun = time.perf_counter()
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            answer = await _sent(target, headers, body, tls)
    except TimeoutError:
        answer = Answer(error=f"no answer within {timeout.total_seconds():g} s")
    except Refused as refused:
        answer = Answer(error=str(refused))
    except ssl.SSLCertVerificationError as error:
        answer = Answer(error=f"its certificate does not hold: {error.verify_message}")
    except ssl.SSLError as error:
        answer = Answer(error=f"no encrypted connection: {error.reason or error}")
    except h11.ProtocolError as error:
        answer = Answer(error=f"what it answered is no HTTP: {error}")
    except OSError as error:
        answer = Answer(error=f"no connection: {error.strerror or error}")
    return replace(answer, took_ms=round((time.perf_counter() - begun) * 1000))


async def _sent(target: Target, headers: Mapping[str, str], body: bytes, tls: ssl.SSLContext) -> Answer:
    reader, writer = await _connected(target, tls)
    try:
        return await _exchanged(reader, writer, target, headers, body)
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


async def _looked_up(target: Target) -> list[str]:
    """Return the addresses that a host stands for, having checked every one of them."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(target.host, target.port, type=1)  # SOCK_STREAM
    except OSError as error:
        raise OSError(f"nobody knows the name {target.host}") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not target.is_allowed:
        inside = [each for each in addresses if (literal := as_written(each)) is None or not is_public(literal)]
        if inside:
            raise Refused(f"{target.host} stands for {inside[0]}, an address inside a network: nothing was sent")
    return addresses


async def _exchanged(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Target, headers: Mapping[str, str], body: bytes
) -> Answer:
    told = [("host", target.netloc), ("connection", "close"), ("content-length", str(len(body))), *headers.items()]
    out = h11.Connection(h11.CLIENT)
    parts = (h11.Request(method="POST", target=target.path, headers=told), h11.Data(data=body), h11.EndOfMessage())
    writer.write(b"".join(out.send(part) or b"" for part in parts))
    await writer.drain()
    status, retry_after, text = None, None, b""
    while len(text) < LONGEST_TEXT:
        event = out.next_event()
        if event is h11.NEED_DATA:
            out.receive_data(read := await reader.read(_READ))
            if not read and status is None:
                raise OSError("it closed the connection without an answer")
        elif isinstance(event, h11.Response):
            status = event.status_code
            retry_after = next((value.decode("latin-1") for name, value in event.headers if name == b"retry-after"), None)
        elif isinstance(event, h11.Data):
            text += bytes(event.data)
        elif not isinstance(event, h11.InformationalResponse):
            break
    return Answer(status, retry_after, text.decode("utf-8", "replace").replace("\x00", "")[:LONGEST_TEXT])
