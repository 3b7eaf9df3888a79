"""Marketing's view after hand-over: every lead that came to sales, where it is now, what sales said and why."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from vaglio_server.lifecycle.models import Reason, Stage
from vaglio_server.lifecycle.queries import Became, Handed, agreement, handed, summary
from vaglio_server.users.models import SEES_ALL
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.model_compare import line_words
from vaglio_server.web.whole_number import whole_number
from vaglio_server.web.writers import writers

PAGE, DAYS = 50, (30, 90, 365)


@dataclass(frozen=True)
class Row:
    """What became of leads with something in common, as a table shows it."""

    share: Became
    title: str
    low: int
    high: int


@allowed(*SEES_ALL)
def handed_list(request: Signed) -> HttpResponse:
    """Show each lead that came to sales; what became of all of them together comes later, as it is counted."""
    given = request.GET
    days, since, by = _asked(request)
    stage = given.get("stage", "") if given.get("stage", "") in Stage.values else ""
    source = given.get("source") if "source" in given else None
    rows = handed(since, source=source, stage=stage, before=whole_number(given.get("before")), limit=PAGE + 1)
    more = {"days": days, "by": by} | ({"stage": stage} if stage else {}) | ({"source": source} if source is not None else {})
    shown: dict[str, Any] = {
        "rows": _told(rows[:PAGE]),
        "more": f"?{urlencode(more | {'before': rows[PAGE - 1].move})}" if len(rows) > PAGE else None,
    }
    if request.headers.get("HX-Request"):
        return render(request, "handed/_handed_rows.html", shown)
    shown |= {
        "by": by,
        "ways": list(_by().items()),
        "days": days,
        "periods": DAYS,
        "stage": stage,
        "stages": [(value, title) for value, title in Stage.choices if value != Stage.INQUIRY],
        "source": source,
        "awaited": list(_figures().values()),
    }
    return render(request, "handed/handed_list.html", shown)


@allowed(*SEES_ALL)
def handed_figures(request: Signed) -> HttpResponse:
    """Show what became of what came to sales, by what it has in common."""
    days, since, by = _asked(request)
    found = summary(by, since)
    whole = summary("rating", since) if by == "rule" else found  # by rule a lead counts for several
    shown = {
        "table": _table(found.shares, by),
        "by": by,
        "ways": list(_by().items()),
        "days": days,
        "came": whole.total.came,
        "figures": [(title, getattr(whole.total, name)) for name, title in _figures().items()],
        "reasons": [(dict(Reason.choices).get(reason, reason), count) for reason, count in whole.reasons],
        "agreement": agreement(since),
    }
    return render(request, "handed/_handed_figures.html", shown)


def _asked(request: Signed) -> tuple[int, datetime, str]:
    """Return how many days are looked back, since when that is, and by what leads are compared."""
    days = number if (number := whole_number(request.GET.get("days"))) in DAYS else 90
    return days, datetime.now(UTC) - timedelta(days=days), asked if (asked := request.GET.get("by", "")) in _by() else "rating"


def _figures() -> dict[str, str]:
    return {
        "waiting": _("Wait"), "accepted": _("Accepted"), "rejected": _("Handed back"), "converted": _("Converted"), "won": _("Won"),
    }  # fmt: skip


def _by() -> dict[str, str]:
    return {"rating": _("Rating"), "source": _("Source"), "seller": _("Seller"), "rule": _("Rule")}


def _table(shares: list[Became], by: str) -> list[Row]:
    names = writers(each.key for each in shares) if by == "seller" else {}
    return [_row(each, _title(names[each.key].name if names else each.key, by)) for each in shares]


def _row(share: Became, title: str) -> Row:
    low, high = share.acceptance.interval()
    return Row(share, title, round(low * 100), round(high * 100))


def _title(key: str, by: str) -> str:
    if by == "rule":
        return line_words(f"{key}.rule")
    return key or (_("not known") if by == "source" else _("nobody"))


def _told(rows: list[Handed]) -> list[tuple[Handed, str]]:
    """Return leads with what came of each, in words."""
    names = writers(each.by for each in rows if each.by)
    return [(each, _said(each, names[each.by].name if each.by else "")) for each in rows]


def _said(each: Handed, who: str) -> str:
    if each.verb is None:
        return _("waits")
    words = {"accept": _("accepted"), "reject": _("handed back"), "withdraw": _("its rating fell"), "disqualify": _("disqualified")}
    why = str(dict(Reason.choices).get(each.reason, "")) if each.reason else ""
    by = f" ({who})" if who and each.verb != "withdraw" else ""
    return f"{words[each.verb]}{by}{': ' if why else ''}{why}"
