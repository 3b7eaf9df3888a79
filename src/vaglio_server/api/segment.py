"""The intake: Segment's calls. 200 means the request is on disk, as it came; workers take it from there.

The rest of a request is read only as far as the answer needs: whose it is, and whether it is JSON at all.
"""

import base64
import binascii
import logging
import zlib
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from vaglio_server.tracking.logic.calls import parse_json
from vaglio_server.tracking.models import Source

logger = logging.getLogger(__name__)
LARGEST = 500 * 1024  # bytes of a request, unpacked
READ_AWAY = 16 * LARGEST  # bytes of a request that is too large; of one larger still, the connection is closed
SHORT = {"i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias", "b": "batch", "import": "batch"}
_KEEP = """INSERT INTO tracking_delivery (source_id, kind, body, received_at, is_open)
SELECT id, %s, %s, clock_timestamp(), true FROM tracking_source WHERE write_key = ANY(%s) AND is_active
ORDER BY array_position(%s::text[], write_key::text) LIMIT 1 RETURNING id"""


@csrf_exempt
@require_POST
def intake(request: HttpRequest, kind: str) -> JsonResponse:
    """Keep one request of one or many calls.

    200 it is on disk; 400 it is no JSON; 401 no active source has its write key; 413 it is too large; 503 it could not be
    kept, send it again.
    """
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        _read_away(request)
        return _too_large()
    body = _unpacked(request.body)
    if body is None:
        return _too_large()
    try:
        parsed = parse_json(body.decode("utf-8", "surrogatepass"))
    except RecursionError:
        parsed = None  # what is nested that deep is refused by the workers; its neighbours in the batch are taken
    except ValueError:
        return _problem(400, "the body is no JSON")
    try:
        with connection.cursor() as cursor:
            keys = _write_keys(request, parsed)
            cursor.execute(_KEEP, [SHORT.get(kind, kind), body, keys, keys])
            kept = cursor.fetchone()
    except (DatabaseError, InterfaceError) as error:
        logger.error("a delivery could not be kept: %s", str(error).strip().splitlines()[:1])
        connection.close()
        return _problem(503, "the event could not be kept; send it again", {"Retry-After": "1"})
    if kept is None:
        return _problem(401, "no active source has this write key")
    return JsonResponse({"success": True})


@require_GET
def source_config(request: HttpRequest) -> JsonResponse:
    """Tell RudderStack's browser client about its source: it sends nothing before it knows. There are no destinations to load."""
    try:
        source = Source.objects.filter(write_key__in=_write_keys(request, None), is_active=True).first()
    except (OperationalError, InterfaceError):
        return _problem(503, "the database does not answer; try again", {"Retry-After": "1"})
    if source is None:
        return _problem(401, "no active source has this write key")
    quiet = {"errors": {"enabled": False}, "metrics": {"enabled": False}}
    told = {"id": str(source.pk), "name": source.name, "writeKey": source.write_key, "workspaceId": "vaglio", "enabled": True}
    told |= {"updatedAt": source.created_at.isoformat(), "config": {"statsCollection": quiet}, "destinations": [], "dataplanes": {}}
    return JsonResponse({"source": told, "updatedAt": source.created_at.isoformat()})


def _read_away(request: HttpRequest) -> None:
    """Read what is too large and forget it: a client that still sends when the connection closes never sees the answer."""
    left = READ_AWAY
    while left > 0 and (part := request.read(min(left, 64 * 1024))):
        left -= len(part)


def _unpacked(body: bytes) -> bytes | None:
    """Return a body unpacked if it is gzip, whatever its headers say; None where that passes the limit."""
    if body[:2] != b"\x1f\x8b":
        return body if len(body) <= LARGEST else None
    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(body, LARGEST + 1)
    except zlib.error:
        return body  # it only looks like gzip: it will be no JSON either
    return found if len(found) <= LARGEST else None


def _write_keys(request: HttpRequest, parsed: Any) -> list[str]:
    """Return the write keys a request may mean, wherever its client puts one."""
    found = [request.headers.get("X-Write-Key"), request.GET.get("writeKey"), request.GET.get("write_key")]
    scheme, _space, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name = base64.b64decode(credentials, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            name = ""
        found.append(name.removesuffix(":"))  # the key is the user name, and holds a colon itself
    elif scheme.lower() == "bearer":
        found.append(credentials)
    if isinstance(parsed, dict):
        found.append(parsed.get("writeKey"))
    return [key for key in found if isinstance(key, str) and "\x00" not in key and key.isascii()]


def _too_large() -> JsonResponse:
    return _problem(413, f"a request holds at most {LARGEST // 1024} KB")


def _problem(status: int, title: str, headers: dict[str, str] | None = None) -> JsonResponse:
    return JsonResponse({"success": False, "status": status, "title": title}, status=status, headers=headers)
