"""Where somebody is named in requests as they came."""

import json
import re
from collections.abc import Collection
from typing import Any

from vaglio_server.crm.logic.erased import Key
from vaglio_server.tracking.logic.blanking import spellings
from vaglio_server.tracking.logic.calls import Call, Refusal, call_text, calls, parse_json
from vaglio_server.tracking.logic.people import keys
from vaglio_server.tracking.models import Delivery

ESCAPED = r"\\\\u00[2-7]"  # in JSON, with its backslash doubled: signs of ASCII that need no escape, so that any text may stand there


def calls_of(wanted: Collection[Key], named: str, deliveries: Collection[int]) -> dict[int, set[int]]:
    """Return where somebody's calls stand in some deliveries: what names a key of theirs, and what nobody can read that names them."""
    keyed = set(wanted)
    found: dict[int, set[int]] = {}
    for each in Delivery.objects.filter(pk__in=deliveries).order_by("pk").iterator(chunk_size=100):
        body = bytes(each.body)
        for call in _read(each, body):
            if keyed.intersection(keys(call)) if isinstance(call, Call) else _is_of(call_text(body, call.place), keyed, named):
                found.setdefault(each.pk, set()).add(call.place)
    return found


def _read(delivery: Delivery, body: bytes) -> list[Call | Refusal]:
    try:
        return list(calls(body, delivery.kind, delivery.received_at))
    except Exception:  # whatever it is: what cannot be read is looked at as a text
        return [Refusal(0, "")]


def _is_of(text: str, keyed: Collection[Key], named: str) -> bool:
    """Whether a call that was refused is somebody's: by the ids that stand where ids do, however short, or by what its text names."""
    raw: Any = None
    try:
        raw = parse_json(text, exact=True)
        text = json.dumps(raw, ensure_ascii=False)
    except (ValueError, RecursionError):  # then it is no more than a text
        pass
    ids = {str(raw.get(name)) for name in ("userId", "anonymousId", "previousId")} if isinstance(raw, dict) else set()
    return any(value in ids for _kind, value in keyed) or re.search(named, text, re.IGNORECASE) is not None


def deliveries_naming(cursor: Any, terms: Collection[str], *, after: int = 0) -> list[int]:
    """Return the deliveries with a higher number than ``after`` that hold some texts, however these are spelled; all of them are read."""
    cursor.execute(
        """SELECT delivery.id FROM tracking_delivery AS delivery, LATERAL (SELECT lower(encode(body, 'escape')) AS told) AS its
        WHERE delivery.id > %s AND (its.told ~ %s OR EXISTS (
            SELECT FROM unnest(%s::bytea[]) AS term WHERE strpos(its.told, lower(encode(term, 'escape'))) > 0
        )) ORDER BY delivery.id""",
        [after, ESCAPED, sorted({spelled.encode() for term in terms for spelled in spellings(term)})],
    )
    return [row[0] for row in cursor.fetchall()]
