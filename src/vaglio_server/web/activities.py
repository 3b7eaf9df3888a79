"""The activity feed: what leads do, as it comes in."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render

from vaglio_server.crm.queries import LARGEST_ID
from vaglio_server.tracking.queries import Done, feed, types_lately
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.words import plain, shown

PAGE = 40
VALUES = 4
LONGEST = 60


@allowed(*EVERYBODY)
def activity_list(request: Signed) -> HttpResponse:
    """Show what the leads one may see did lately; the newest page asks for itself again while it is looked at."""
    chosen = request.GET.get("type", "").replace("\x00", "")
    before = _number(request.GET.get("cursor", ""))
    page = feed(request.user, activity_type=chosen or None, before=before, limit=PAGE)
    query = {"type": chosen} if chosen else {}
    found: dict[str, Any] = {
        "rows": [(each, about(each)) for each in page.done],
        "chosen": chosen,
        "is_newest": before is None,
        "here": f"?{urlencode(query)}" if query else "",
        "more": f"?{urlencode(query | {'cursor': page.next_cursor})}" if page.next_cursor else None,
    }
    if "HX-Request" in request.headers:
        return render(request, "activities/_activity_rows.html", found)
    types = types_lately()
    return render(
        request, "activities/activity_list.html", found | {"types": [(each, plain(each)) for each in sorted({*types, chosen} - {""})]}
    )


def _number(text: str) -> int | None:
    return min(int(text), LARGEST_ID) if text.isascii() and text.isdigit() and len(text) < 20 else None


def about(done: Done) -> str:
    """Return the first properties of an activity that say something, in one line."""
    told = [
        f"{plain(name)} {_short(value)}" for name, value in done.properties.items() if isinstance(value, str | int | float) and value != ""
    ]
    return " · ".join(told[:VALUES])


def _short(value: Any) -> str:
    text = shown(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
