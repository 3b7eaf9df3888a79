"""Duplicates: pairs of leads that are probably one person, side by side; merged one by one or many at once, and undone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.crm.models import Lead
from vaglio_server.duplicates.actions import ask_bulk, ask_search, dismiss_pair, merge_pair, stop_search, undo_bulk, undo_pair, who_stays
from vaglio_server.duplicates.logic.deciding import SURE
from vaglio_server.duplicates.models import Bulk, Pair, SearchState
from vaglio_server.duplicates.queries import bulks, counts, last_done, last_search, merged_lately, open_pairs
from vaglio_server.refused import Refused
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.pair_words import Reason, reasons
from vaglio_server.web.whole_number import whole_number
from vaglio_server.web.words import plain, shown_of

PAGE = 20
SAMPLE = 5  # of those to be merged at once
FIRST = ("first_name", "last_name", "name", "email", "company", "job_title", "phone", "mobile_phone", "city", "country")
MOST_ROWS = 14
LARGEST = 2**63


@dataclass(frozen=True)
class Row:
    """A field of both leads, and whether they say something else."""

    title: str
    values: tuple[str, str]
    differs: bool


@dataclass(frozen=True)
class Card:
    """A pair as the page shows it; ``percent`` is rounded down, so that nothing is called certain."""

    pair: Pair
    leads: tuple[Lead, Lead]
    percent: str
    stays: int
    rows: list[Row]
    reasons: list[Reason]


@allowed(*MARKETERS)
def duplicate_list(request: Signed) -> HttpResponse:
    """Show the pairs nobody decided on, the surest first, a page at a time; while a search runs, how far it is."""
    search = last_search()
    state = {"search": search, "percent": int(100 * search.done_share) if search else 0, "is_running": _runs(search)}
    if request.headers.get("HX-Request") and state["is_running"]:
        return render(request, "duplicates/_search.html", state)
    after = whole_number(request.GET.get("after"))
    pairs = list(open_pairs(request.user, after)[: PAGE + 1])
    lately = bulks()
    found = {
        "counts": counts(),
        "cards": [_card(pair) for pair in pairs[:PAGE]],
        "after": after,
        "next_after": pairs[PAGE - 1].pk if len(pairs) > PAGE else None,
        "last_done": last_done(),
        "sure_percent": f"{SURE:.0%}",
        "bulks": lately,
        "is_merging": any(each.waiting for each in lately),
        "merged": merged_lately(),
    }
    return render(request, "duplicates/duplicate_list.html", state | found)


def _runs(search: Any) -> bool:
    return search is not None and search.state == SearchState.RUNNING


def _card(pair: Pair) -> Card:
    one, other = pair.lead.fields, pair.other.fields
    names = [name for name in FIRST if one.get(name) or other.get(name)]
    names += sorted(name for name in {*one, *other} - {*FIRST} if one.get(name) != other.get(name))
    rows = [
        Row(plain(name), (shown_of(one.get(name), name), shown_of(other.get(name), name)), _differ(one.get(name), other.get(name)))
        for name in names
    ]
    return Card(
        pair, (pair.lead, pair.other), f"{int(pair.probability * 1000) / 10:g}", who_stays(pair), rows[:MOST_ROWS], reasons(pair.answers)
    )


def _differ(one: Any, other: Any) -> bool:
    return bool(one and other) and str(one).casefold() != str(other).casefold()


@allowed(*MARKETERS)
@require_POST
def duplicate_search(request: Signed) -> HttpResponse:
    """Look for duplicates."""
    return _done(request, lambda: ask_search(by=request.user.username, at=datetime.now(UTC)))


@allowed(*MARKETERS)
@require_POST
def duplicate_stop(request: Signed) -> HttpResponse:
    """Stop looking."""
    search = last_search()
    if search is not None:
        stop_search(search=search, by=request.user.username, at=datetime.now(UTC))
    return redirect("duplicate-list")


def _done(request: Signed, do: Callable[[], Any], said: str = "") -> HttpResponse:
    try:
        do()
        if said:
            messages.success(request, said)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("duplicate-list")


def _pair(request: Signed, pair_id: int) -> Pair:
    """Return a pair of leads that somebody may see."""
    seen = Lead.objects.ever_visible_to(request.user)
    return get_object_or_404(Pair.objects.select_related("lead", "other"), pk=min(pair_id, LARGEST - 1), lead__in=seen, other__in=seen)


def _decided(request: Signed, pair: Pair, do: Callable[[], Any], said: str) -> HttpResponse:
    """Do something about a pair, and say so: in its place where the page asks for a fragment."""
    if not request.headers.get("HX-Request"):
        return _done(request, do, said)
    try:
        do()
        found = {"pair": pair, "said": said}
    except Refused as refused:
        found = {"pair": None, "said": str(refused)}
    return render(request, "duplicates/_decided.html", found | {"counts": counts(), "sure_percent": f"{SURE:.0%}"})


@allowed(*MARKETERS)
@require_POST
def duplicate_merge(request: Signed, pair_id: int) -> HttpResponse:
    """Merge the leads of a pair into the one chosen."""
    pair = _pair(request, pair_id)
    stays = whole_number(request.POST.get(f"stays{pair.pk}"))
    said = _("%(lead)s and %(other)s are one lead now.") % {"lead": pair.lead, "other": pair.other}
    return _decided(request, pair, lambda: merge_pair(pair=pair, stays=stays, by=request.user.username, at=datetime.now(UTC)), said)


@allowed(*MARKETERS)
@require_POST
def duplicate_dismiss(request: Signed, pair_id: int) -> HttpResponse:
    """Say that the leads of a pair are not the same."""
    pair = _pair(request, pair_id)
    said = _("%(lead)s and %(other)s stay two leads.") % {"lead": pair.lead, "other": pair.other}
    return _decided(request, pair, lambda: dismiss_pair(pair=pair, by=request.user.username, at=datetime.now(UTC)), said)


@allowed(*MARKETERS)
@require_POST
def duplicate_undo(request: Signed, pair_id: int) -> HttpResponse:
    """Take back what was decided on a pair."""
    pair = _pair(request, pair_id)
    said = _("%(lead)s and %(other)s are to be looked at again.") % {"lead": pair.lead, "other": pair.other}
    return _done(request, lambda: undo_pair(pair=pair, by=request.user.username, at=datetime.now(UTC)), said)


@allowed(*MARKETERS)
@require_POST
def duplicate_bulk(request: Signed) -> HttpResponse:
    """Merge many pairs: those chosen, or all that are nearly certain; first asked whether so many are meant."""
    asked = request.POST
    is_all = "sure" in asked
    chosen = open_pairs(request.user).filter(probability__gte=SURE) if is_all else open_pairs(request.user).filter(pk__in=_chosen(request))
    ids = list(chosen.values_list("pk", flat=True))
    stays = {each: kept for each in ids if (kept := whole_number(asked.get(f"stays{each}"))) is not None}
    if not ids:
        messages.error(request, _("Choose some pairs first."))
        return redirect("duplicate-list")
    if asked.get("meant") != str(len(ids)):
        sample = [_card(each) for each in chosen[:SAMPLE]]
        found = {
            "count": len(ids),
            "is_all": is_all,
            "ids": [] if is_all else ids,
            "stays": stays,
            "sample": sample,
            "more": len(ids) - len(sample),
        }
        return render(request, "duplicates/bulk_confirm.html", found)
    said = _("%(count)s pairs are being merged. All of it can be undone below.") % {"count": len(ids)}
    return _done(request, lambda: ask_bulk(pairs=ids, stays=stays, by=request.user.username, at=datetime.now(UTC)), said)


def _chosen(request: Signed) -> list[int]:
    return [number for each in request.POST.getlist("pair") if (number := whole_number(each)) is not None]


@allowed(*MARKETERS)
@require_POST
def duplicate_bulk_undo(request: Signed, bulk_id: int) -> HttpResponse:
    """Undo all merges of a bulk."""
    bulk = get_object_or_404(Bulk, pk=min(bulk_id, LARGEST - 1))
    return _done(
        request, lambda: undo_bulk(bulk=bulk, by=request.user.username, at=datetime.now(UTC)), _("The merges are being taken back.")
    )  # fmt: skip
