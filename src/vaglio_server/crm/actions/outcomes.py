"""What became of leads: written as it happens, or brought in with the past."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions.knowledge import copy_rows, lock_leads, now_known
from vaglio_server.crm.actions.leads import refuse_gone
from vaglio_server.crm.models import Lead, LeadOutcome
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit


@dataclass(frozen=True)
class Became:
    """What became of a lead; ``value`` is what was won or lost, in ``currency`` where that is known."""

    outcome: str
    occurred_at: datetime
    reason: str | None = None
    value: Decimal | None = None
    currency: str | None = None

    def told(self) -> dict[str, Any]:
        """Return what is said beside the outcome itself and when it was."""
        return {"reason": self.reason, "value": self.value, "currency": self.currency}


@transaction.atomic
def record_outcome(*, lead: Lead, became: Became, by: str, at: datetime) -> LeadOutcome:
    """Write down what became of a lead; said again it is the same.

    Raises
    ------
    Refused
        It lies in the future, or the lead was merged into another.
    """
    held = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
    refuse_gone(held.pk)
    with connection.cursor() as cursor:
        known_at = now_known(cursor)
    if became.occurred_at > known_at:
        raise Refused(_("what has not happened yet is no outcome"))
    told = {**became.told(), "known_at": known_at, "by": by, "waits": True}
    made, is_new = LeadOutcome.objects.present().get_or_create(
        lead=held, outcome=became.outcome, occurred_at=became.occurred_at, defaults=told
    )
    if is_new:
        audit(by=by, verb="record_outcome", subject=f"lead:{lead.pk}", at=at, outcome=became.outcome)
    return made


def put_outcome(lead: int, became: Became, known_at: datetime, by: str) -> None:
    """Write down what just became of a lead whose row is held, not later than it became known: its clock may be behind ours."""
    occurred_at = min(became.occurred_at, known_at)
    LeadOutcome.objects.create(lead_id=lead, outcome=became.outcome, occurred_at=occurred_at, known_at=known_at, by=by, **became.told())


@transaction.atomic
def bring_outcomes(*, became: Iterable[tuple[int, Became]], by: str, at: datetime) -> int:
    """Bring in what became of leads in the past, known when it happened, and return how much that was."""
    rows = [(lead, each.outcome, *each.told().values(), each.occurred_at, each.occurred_at, by) for lead, each in became]
    with connection.cursor() as cursor:
        copy_rows(cursor, "crm_leadoutcome (lead_id, outcome, reason, value, currency, occurred_at, known_at, by)", rows)
    audit(by=by, verb="bring_outcomes", subject="leads", at=at, outcomes=len(rows))
    return len(rows)


@transaction.atomic
def record_outcomes(*, became: Collection[tuple[int, Became]], by: str, at: datetime) -> list[LeadOutcome]:
    """Write down what became of leads, known from now on, and return what was not known before; all of it has happened.

    Raises
    ------
    Refused
        Something lies in the future.
    """
    leads = sorted({lead for lead, _each in became})
    with connection.cursor() as cursor:
        lock_leads(cursor, leads)
        known_at = now_known(cursor)
    if any(each.occurred_at > known_at for _lead, each in became):
        raise Refused(_("what has not happened yet is no outcome"))
    there = LeadOutcome.objects.present().filter(lead__in=leads).values_list("lead_id", "outcome", "occurred_at")
    seen, new = set(there), []
    for lead, each in became:
        if (key := (lead, each.outcome, each.occurred_at)) not in seen:
            seen.add(key)
            new.append(LeadOutcome(lead_id=lead, outcome=each.outcome, occurred_at=each.occurred_at, known_at=known_at, by=by, waits=True,
                                   **each.told()))  # fmt: skip
    made = LeadOutcome.objects.bulk_create(new)
    audit(by=by, verb="bring_outcomes", subject="leads", at=at, outcomes=len(made))
    return made


@transaction.atomic
def take_back_outcomes(*, outcomes: Collection[int], by: str, at: datetime) -> None:
    """Say of what became of leads that it does not hold, from now on; that it was believed until then stays known."""
    with connection.cursor() as cursor:
        known_at = now_known(cursor)
    gone = LeadOutcome.objects.present().filter(pk__in=outcomes).update(taken_back_at=known_at, waits=True)
    audit(by=by, verb="take_back_outcomes", subject="leads", at=at, outcomes=gone)
