"""The audit trail: who did what to what, when, in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from vaglio_server.users.queries import Asked, trail
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.menu import ADMINISTRATORS
from vaglio_server.web.trail_words import SUBJECTS, VERBS, lines
from vaglio_server.web.writers import MACHINES, names_of_users

PAGE = 50


@allowed(*ADMINISTRATORS)
def audit_list(request: Signed) -> HttpResponse:
    """Show what was done, newest first; the list alone where only that is asked for."""
    people = names_of_users() | {name: str(words) for name, words in MACHINES.items()}  # how they are called, by what stands in the trail
    asked = _asked(request, people)
    try:
        page = trail(asked, cursor=request.GET.get("cursor"), limit=PAGE)
    except ValueError:
        return HttpResponseBadRequest(_("this cursor is none that a page gave"))
    found: dict[str, Any] = {
        "lines": lines(page.entries),
        "asked": asked,
        "is_asked": any(_query(asked).values()),
        "zone": timezone.get_current_timezone_name(),
        "more": f"?{urlencode(_query(asked) | {'cursor': page.next_cursor})}" if page.next_cursor else None,
    }
    if "HX-Request" in request.headers:
        return render(request, "audit/_audit_rows.html", found)
    kind, _colon, number = asked.subject.partition(":")
    found |= {
        "people": sorted(people.items(), key=lambda each: each[1].lower()),
        "verbs": sorted(VERBS.items(), key=lambda verb: str(verb[1]).lower()),
        "subjects": SUBJECTS.items(),
        "kind": kind,
        "number": number,
    }
    return render(request, "audit/audit_list.html", found)


def _who(typed: str, people: Mapping[str, str]) -> str:
    """Return who is meant: somebody as they sign in, or as they are called where only one is called so."""
    meant = [name for name, called in people.items() if called.lower() == typed.lower()]
    return meant[0] if typed not in people and len(meant) == 1 else typed


def _asked(request: Signed, people: Mapping[str, str]) -> Asked:
    given = {name: request.GET.get(name, "").replace("\x00", "").strip() for name in ("by", "verb", "subject", "number", "day")}
    kind, number = given["subject"], given["number"]
    if number and kind and ":" not in kind:
        kind = f"{kind}:{number}"
    return Asked(_who(given["by"], people), given["verb"], kind, _day(given["day"]), timezone.get_current_timezone())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _query(asked: Asked) -> dict[str, str]:
    given = {"by": asked.by, "verb": asked.verb, "subject": asked.subject, "day": asked.day.isoformat() if asked.day else ""}
    return {name: value for name, value in given.items() if value}
