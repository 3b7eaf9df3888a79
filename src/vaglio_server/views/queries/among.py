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

AT_ONCE = 100  # conditions in one question


@dataclass(frozen=True)
class Fits:
    """Which leads each condition fits; ``faults``: those that cannot be asked, each with why."""

    leads: dict[str, frozenset[int]]
    faults: dict[str, str]


def fits_among(leads: Collection[int], conditions: Iterable[Condition], now: datetime, has: Offer) -> Fits:
    """Return which of some leads each of some conditions fits: of each lead all at once, so that it is read once."""
    good, faults = understood(tuple(dict.fromkeys(conditions)), has)
    live, those = live_of(has, now), Lead.objects.filter(among(leads))
    found: dict[str, frozenset[int]] = {}
    for start in range(0, len(good), AT_ONCE):
        few = good[start : start + AT_ONCE]
        clauses = [sql.clause(checked, kind, live) for _asked, checked, kind in few]
        answers = [RawSQL(each.text, each.given, output_field=BooleanField()) for each in clauses]
        rows = list(those.values_list("pk", *answers)) if leads else []
        found |= {str(asked): frozenset(row[0] for row in rows if row[place]) for place, (asked, *_checked) in enumerate(few, start=1)}
    return Fits(found, dict(faults))
