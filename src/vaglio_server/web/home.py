"""Home: where leads stand, who moved, and how the intake is doing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from vaglio.terms import DIGITS, LETTERS
from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.queries import to_call
from vaglio_server.scoring.engine import ModelDocument, document_of
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.queries import live_versions, newest_crossings
from vaglio_server.studies.queries import leads_by_rating
from vaglio_server.tracking.models import Activity
from vaglio_server.tracking.queries import REFUSED_SEEN_BY, intake
from vaglio_server.users.models import MARKETERS, Role
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.audience import audience_words
from vaglio_server.web.model_waits import model_waits
from vaglio_server.web.seller_home import desk
from vaglio_server.web.words import near_least_points, plain

CROSSINGS = 12
FIRST = 8


@dataclass(frozen=True)
class Cell:
    """One rating: how many leads have it, where it leads to and where they are listed."""

    rating: str
    leads: int
    destination: str
    is_sales: bool
    address: str


@dataclass(frozen=True)
class Matrix:
    """The cells, a row per letter; ``thresholds`` holds the least points of each letter and digit."""

    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    thresholds: dict[str, str]
    sales: int
    rated: int


def _listed(rating: str) -> str:
    return f"{reverse('lead-list')}?rating={rating}"


def matrix(version: ModelVersion, counts: Mapping[Any, int], address: Callable[[str], str] = _listed) -> Matrix:
    """Return where leads stand by a version; ``address``: where the leads of a rating are listed, nothing where they are not."""
    document = document_of(version.text)
    rows = tuple((letter, tuple(_cell(document, letter + digit, counts, address) for digit in DIGITS)) for letter in LETTERS)
    cells = [cell for _letter, row in rows for cell in row]
    return Matrix(
        rows,
        near_least_points(document.profile.thresholds() | document.engagement.thresholds()),
        sum(cell.leads for cell in cells if cell.is_sales),
        sum(cell.leads for cell in cells),
    )


def _sales(version: ModelVersion | None) -> tuple[str, ...]:
    """Return the ratings that go to sales."""
    ratings = document_of(version.text).ratings if version else None
    return tuple(ratings.sales) if ratings else ()


def _letter_a(counts: Mapping[Any, int]) -> int:
    return sum(leads for rating, leads in counts.items() if rating and rating.startswith(LETTERS[0]))


def _cell(document: ModelDocument, rating: str, counts: Mapping[Any, int], address: Callable[[str], str]) -> Cell:
    name = document.destination(rating)
    words = {None: "", "sales": _("sales"), "none": _("no action")}.get(name, plain(name))
    return Cell(rating, counts.get(rating, 0), words, name == "sales", address(rating))


@allowed(*EVERYBODY)
def home(request: Signed) -> HttpResponse:
    """Show how things stand, a seller first what waits for them; the page asks for itself again while it is looked at."""
    now = datetime.now(UTC)
    live = list(live_versions())
    version = live[0] if live else None
    counted = leads_by_rating(now, request.user)
    counts = counted.leads
    found: dict[str, Any] = {
        "version": version,
        "waits": model_waits(request.user, live, timezone.localdate()),
        "matrix": matrix(version, counts) if version else None,
        "audience": audience_words(document_of(version.text)) if version else "",
        "leads": sum(counts.values()),
        "counted_at": counted.counted_at,
        "fit": _letter_a(counts),
        "desk": (own := desk(request.user, now) if request.user.role == Role.SALES else None),
        "crossings": newest_crossings(request.user, CROSSINGS),
        "is_empty": not counts and not Lead.objects.exists(),  # not: none that a seller may see
        "may_import": request.user.role in MARKETERS,
        "may_see_refused": request.user.role in REFUSED_SEEN_BY,
    }
    if own is None or not own.waits.count:
        found |= _calls(request, _sales(version), counts, now)
    if own is None:
        found |= {"intake": (seen := intake(now)), "is_late": seen.is_late(now)}
    return render(request, "home/_home_live.html" if request.headers.get("HX-Request") else "home/home.html", found)


def _calls(request: Signed, sales: tuple[str, ...], counts: Mapping[Any, int], now: datetime) -> dict[str, Any]:
    """Return whom to call first of the leads somebody may see, and how many there are."""
    calls = to_call(request.user, sales, now, FIRST)
    rated = sum(counts.get(rating, 0) for rating in sales)
    waiting = max(0, rated - calls.answered)
    return {
        "first": calls.first,
        "to_call": waiting,
        "for_sales": rated,
        "rated_for_sales": f"{reverse('lead-list')}?{urlencode({'rating': sales}, doseq=True)}",
        "answered": rated - waiting,
        "is_silent": bool(sales) and not waiting and not Activity.objects.exists(),
    }
