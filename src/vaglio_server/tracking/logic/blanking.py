"""Taking what somebody sent out of a delivery, without moving what others sent beside it."""

import json
import re
from collections.abc import Collection
from typing import Any

from vaglio_server.crm.logic.erased import NOBODY
from vaglio_server.tracking.logic.calls import ERASED, parse_json

SHORT = 6  # characters: a key that is shorter stands in most requests, unless it stands alone


def blanked(body: bytes, places: Collection[int], named: str = NOBODY) -> bytes:
    """Return a delivery whose calls at some places say no more than that they were erased.

    What all calls of a batch share goes with them where it names the person (the expression ``named``), or where no call is left; so does
    what cannot be read at all.
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
    around = {name: its for name, its in whole.items() if name != "batch" and not _names(its, named)} if isinstance(whole, dict) else None
    if all(each is ERASED for each in left) and around is not None:
        around = {}
    return json.dumps(left if around is None else {**around, "batch": left}, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _names(value: Any, named: str) -> bool:
    return re.search(named, json.dumps(value, ensure_ascii=False), re.IGNORECASE) is not None


def spellings(term: str) -> set[str]:
    """Return how a key may stand in JSON: letters beyond ASCII as they are, as capitals, escaped; slashes, too; a short one quoted.

    Capitals of ASCII are for who searches to pass over.
    """
    if len(term) < SHORT:
        return {json.dumps(term), json.dumps(term, ensure_ascii=False), *((f":{term}", f": {term}") if term.lstrip("-").isdigit() else ())}
    written = {json.dumps(each, ensure_ascii=is_ascii)[1:-1] for each in (term, term.upper()) for is_ascii in (False, True)}
    return {spelled for each in written for spelled in (each, each.replace("/", "\\/"))}
