"""Retention: for how long requests and quiet people are kept, and what was deleted since."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vaglio_server.privacy.actions import EVERY, check_retention, set_retention
from vaglio_server.privacy.models import Retention
from vaglio_server.privacy.queries import Day, deleted_by_age, what_is_old
from vaglio_server.refused import Refused
from vaglio_server.users.models import Role
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.whole_number import whole_number
from vaglio_server.web.words import count

NAMES = ("requests", "people")
NAMED = ("crm_lead", "devices", "tracking_activity", "requests", "rows of files", "files")  # what is told of a day; the rest is counted
OTHERS = "others"


def _words(name: str, n: int) -> str:
    """Return how many rows of a kind those are, in words."""
    told = {
        "crm_lead": ngettext("{n} lead", "{n} leads", n),
        "devices": ngettext("{n} device", "{n} devices", n),
        "tracking_activity": ngettext("{n} activity", "{n} activities", n),
        "requests": ngettext("{n} request", "{n} requests", n),
        "rows of files": ngettext("{n} row of a file", "{n} rows of files", n),
        "files": ngettext("{n} file", "{n} files", n),
        OTHERS: ngettext("{n} other row", "{n} other rows", n),
    }
    return told[name].format(n=count(n))


@dataclass(frozen=True)
class Deleted:
    """What was deleted on a day, and when the last of it was."""

    at: datetime
    words: list[str]


@allowed(Role.ADMINISTRATOR)
def retention_page(request: Signed) -> HttpResponse:
    """Show for how long things are kept; where other periods are asked for, what they would delete."""
    kept = Retention.objects.first()
    now = {name: getattr(kept, f"{name}_months", None) for name in NAMES}
    context: dict[str, Any] = {"kept": kept, "typed": _typed(request, now), "days": [_told(day) for day in deleted_by_age()]}
    context["next_at"] = kept.ran_at + EVERY if kept and kept.ran_at and any(now.values()) else None
    if not any(name in request.GET for name in NAMES):
        return render(request, "privacy/retention.html", context)
    try:
        asked = {f"{name}_months": _months(request.GET.get(name, "")) for name in NAMES}
        check_retention(**asked)
        context |= {"asked": asked, "old": what_is_old(**asked, now=datetime.now(UTC))}
    except Refused as refused:
        return render(request, "privacy/retention.html", context | {"fault": str(refused)}, status=422)
    return render(request, "privacy/retention.html", context)


@allowed(Role.ADMINISTRATOR)
@require_POST
def retention_set(request: Signed) -> HttpResponse:
    """Keep things for as long as was asked for."""
    try:
        asked = {f"{name}_months": _months(request.POST.get(name, "")) for name in NAMES}
        set_retention(**asked, by=request.user.username, at=datetime.now(UTC))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("retention")
    said = _("It is kept so. What is older is deleted from a day from now on; until then you can decide otherwise.")
    messages.success(request, said if any(asked.values()) else _("Everything is kept, for ever."))
    return redirect("retention")


def _typed(request: Signed, now: dict[str, int | None]) -> dict[str, str]:
    kept = {name: "" if months is None else str(months) for name, months in now.items()}
    return {name: request.GET.get(name, kept[name]) for name in NAMES}


def _months(text: str) -> int | None:
    """Return a number of months; None for nothing: for ever."""
    said = text.strip()
    number = whole_number(said, digits=4)
    if said and number is None:
        raise Refused(_("{text} is no whole number of months").format(text=said[:20]))
    return number


def _told(day: Day) -> Deleted:
    rows = dict(day.rows)
    counts = [(name, rows.pop(name, 0)) for name in NAMED]
    return Deleted(day.at, [_words(name, n) for name, n in (*counts, (OTHERS, sum(rows.values()))) if n])
