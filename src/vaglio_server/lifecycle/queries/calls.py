"""Whom sales is to call: leads whose rating goes to sales and that sales has not answered yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.models import LeadStage, Stage
from vaglio_server.lifecycle.queries.inbox import WAITING
from vaglio_server.scoring.queries import with_ratings
from vaglio_server.users.models import User

# Where leads stand of which sales has said something: taken on, handed back, out, or bought. One without a stage is an inquiry.
ANSWERED = tuple(stage for stage in Stage if stage not in (Stage.INQUIRY, *WAITING))


@dataclass(frozen=True)
class Calls:
    """Who is to be called first, and how many leads with a rating that goes to sales are not, because sales has answered."""

    first: list[Lead]
    answered: int


def to_call(user: User, ratings: Sequence[str], now: datetime, limit: int) -> Calls:
    """Return whom to call, of the leads a user may see with one of some ratings; what is put off is no call now."""
    if not ratings:
        return Calls([], 0)
    leads, parts = with_ratings(Lead.objects.visible_to(user), ratings)
    rated = leads.filter(reduce(or_, parts))  # by where they lie in the index of ranks
    done = LeadStage.objects.filter(Q(stage__in=ANSWERED) | Q(postponed_until__gt=now), lead=OuterRef("pk"))
    first = rated.filter(~Exists(done)).select_related("account", "owner").order_by("rank", "id")[:limit]
    return Calls(list(first), rated.filter(standing__stage__in=ANSWERED).count())
