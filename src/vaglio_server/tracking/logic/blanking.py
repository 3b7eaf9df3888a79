"""Taking what somebody sent out of a delivery, without moving what others sent beside it."""

import json
from collections.abc import Collection
from typing import Any

from vaglio_server.tracking.logic.calls import ERASED, parse_json


def blanked(body: bytes, places: Collection[int], terms: Collection[str] = ()) -> bytes:
    """Return a delivery whose calls at some places say no more than that they were erased.

    What all calls of a batch share goes with them where it names a term, or where no call is left; so does what cannot be read at all.
    """
    nothing = json.dumps(ERASED).encode()
    try:
        whole = parse_json(body.decode("utf-8", "surrogatepass"), exact=True)
    except (ValueError, RecursionError):
        return nothing
    batch = whole.get("batch") if isinstance(whole, dict) else whole
    if not isinstance(batch, list):
        return nothing
    left = [ERASED if place in places else each for place, each in enumerate(batch)]
    around = {name: its for name, its in whole.items() if name != "batch" and not _names(its, terms)} if isinstance(whole, dict) else None
    if all(each is ERASED for each in left) and around is not None:
        around = {}
    return json.dumps(left if around is None else {**around, "batch": left}, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _names(value: Any, terms: Collection[str]) -> bool:
    told = json.dumps(value, ensure_ascii=False).lower()
    return any(term.lower() in told for term in terms)


def spellings(term: str) -> set[str]:
    """Return how a text may stand in JSON: as it is, with its letters beyond ASCII escaped, with its slashes escaped."""
    written = (json.dumps(term, ensure_ascii=False)[1:-1], json.dumps(term)[1:-1])
    return {spelled for each in written for spelled in (each, each.replace("/", "\\/"))}
