"""A refused call put right by hand: a request that workers take like any other, at the time the call had."""

import json
from datetime import datetime
from typing import Any

from vaglio_server.tracking.logic.calls import Call, Refusal, call_text, calls, parse_json


class StillUnfit(Exception):
    """Why what was written can be taken no more than what came."""


def editable(body: bytes, place: int) -> str:
    """Return a refused call as it came, laid out to be changed; what is no JSON, as text."""
    text = call_text(body, place)
    try:
        told = parse_json(text, exact=True)
    except (ValueError, RecursionError):
        return text
    read = json.dumps(told, indent=2, ensure_ascii=False)
    halves = any("\ud800" <= sign <= "\udfff" for sign in read)  # halves of characters cannot be shown but by their number
    return json.dumps(told, indent=2) if halves else read


def mended(text: str, *, kind: str, body: bytes, received_at: datetime) -> bytes:
    """Return what was written for a refused call as a request of its own, to be taken whole.

    ``kind``, ``body`` and ``received_at`` are those of the request that it came in: when the call happened is reckoned by them.

    Raises
    ------
    StillUnfit
        It cannot be taken so, either.
    """
    raws = _raws(text)
    whole = json.dumps({"batch": raws, "sentAt": _sent_at(body)}).encode()
    done: list[dict[str, Any]] = []
    for raw, read in zip(raws, calls(whole, kind, received_at), strict=True):
        if isinstance(read, Refusal):
            raise StillUnfit(read.reason if len(raws) == 1 else f"call {read.place + 1} of {len(raws)}: {read.reason}")
        done.append(_timed(raw, read))
    return json.dumps({"batch": done}).encode()


def _raws(text: str) -> list[Any]:
    try:
        told = parse_json(text, exact=True)
    except json.JSONDecodeError as error:
        raise StillUnfit(f"this is no JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise StillUnfit("this is no JSON that can be read") from error
    raws = told["batch"] if isinstance(told, dict) and "batch" in told else told
    found = raws if isinstance(raws, list) else [raws]
    if not found:
        raise StillUnfit("there is no call in it")
    if isinstance(told, dict) and "batch" in told and not isinstance(raws, list):
        raise StillUnfit("batch is no list")
    return found


def _timed(raw: dict[str, Any], read: Call) -> dict[str, Any]:
    """Return a call with what the request around it said of it: what it is, and when it happened."""
    kept = {name: value for name, value in raw.items() if name not in {"sentAt", "writeKey"}}
    return kept | {"type": read.kind, "originalTimestamp": read.occurred_at.isoformat()}


def _sent_at(body: bytes) -> Any:
    try:
        whole = parse_json(body.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    return whole.get("sentAt") if isinstance(whole, dict) else None
