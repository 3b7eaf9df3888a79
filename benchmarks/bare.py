"""The floor of the intake: a bare application that inserts the same rows, durably, and looks at nothing."""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

_OWN = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Insert the body and answer 200."""
    if not hasattr(_OWN, "connection"):
        _OWN.connection = psycopg.connect(os.environ["BARE_DATABASE"], autocommit=True)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if body:
        _OWN.connection.execute("INSERT INTO bare (body, received_at) VALUES (%s, clock_timestamp())", [body])
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"success": true}']
