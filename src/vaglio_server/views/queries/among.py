"""Which of some leads a filter fits, for whoever asks of a few leads and not for a list."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from vaglio_server.crm.models import Lead, among
from vaglio_server.views.logic.conditions import Condition
from vaglio_server.views.queries import sql
from vaglio_server.views.queries.choices import Offer
from vaglio_server.views.queries.leads import live_of, understood


@dataclass(frozen=True)
class Fits:
    """Which leads each condition fits; ``faults``: those that cannot be asked, each with why."""

    leads: dict[str, frozenset[int]]
    faults: dict[str, str]


def fits_among(leads: Collection[int], conditions: Iterable[Condition], now: datetime, has: Offer) -> Fits:
    """Return which of some leads each of some conditions fits: a question for each."""
    good, faults = understood(tuple(dict.fromkeys(conditions)), has)
    live = live_of(has, now)
    found = {}
    for asked, checked, kind in good:
        clause = sql.clause(checked, kind, live)
        fits = Lead.objects.filter(among(leads)).filter(RawSQL(clause.text, clause.given, output_field=BooleanField()))
        found[str(asked)] = frozenset(fits.values_list("pk", flat=True)) if leads else frozenset()
    return Fits(found, dict(faults))
