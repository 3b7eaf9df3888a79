"""Leads that lie idle between stages, by why, and for each kind what mends it, for many at once."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from vaglio_server.api.leads import LeadOut, leads_out
from vaglio_server.api.seen import answerer, writer
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.queries import LARGEST_ID
from vaglio_server.lifecycle.actions import MENDS, MOST_MENDED, Mend, mend_idle
from vaglio_server.lifecycle.queries import COUNTED, Idle, idle, idle_for
from vaglio_server.users.models import Role

router = Router(tags=["idle leads"])


class IdleLeadOut(Schema):
    """A lead that lies idle: since when it is at its stage, and what should have been done next, if anybody said so."""

    lead: LeadOut
    since: datetime
    next_step: str
    next_step_at: datetime | None


class IdleOut(Schema):
    """What lies idle for one reason, for longest first: nobody's, unanswered in time, or taken on and left.

    ``count`` goes no further than a thousand; ``is_more`` says that they are more.
    """

    why: Idle
    count: int
    is_more: bool
    leads: list[IdleLeadOut]


@router.get("", response=list[IdleOut], operation_id="idle_list")
def idle_list(request: Any, limit: int = 50) -> Any:
    """Return what lies idle: of a seller's own leads and what is nobody's, for others of all."""
    found = idle(request.auth.user, datetime.now(UTC), max(1, min(limit, 500)))
    told = iter(leads_out([each.lead for lying in found for each in lying.leads]))
    return [
        IdleOut(
            why=lying.why,
            count=min(lying.count, COUNTED),
            is_more=lying.count > COUNTED,
            leads=[
                IdleLeadOut(lead=next(told), since=each.since, next_step=each.next_step, next_step_at=each.next_step_at)
                for each in lying.leads
            ],
        )
        for lying in found
    ]


class MendIn(Schema):
    """What is done with leads that lie idle for one reason: with those named, or (null) with all that do, a thousand at most.

    What is nobody's is given (``give``), what is unanswered given to others or its owners reminded (``remind``), of what was left the
    owners are reminded, or it goes back to marketing (``recycle``), which is for sales to say.
    """

    why: Idle
    mend: Mend
    leads: list[int] | None = Field(default=None, max_length=MOST_MENDED)


class MendedOut(Schema):
    """How many leads were given away or went back; how many owners are reminded."""

    count: int


@router.post("/mend", response=MendedOut, operation_id="idle_mend", auth=WRITING)
def idle_mend(request: Any, body: MendIn) -> Any:
    """Mend what lies idle still, of what the caller sees; what does not is left alone."""
    by, now = writer(request), datetime.now(UTC)
    if body.mend not in MENDS[body.why]:
        raise HttpError(422, f"what is {body.why.value} is mended by {' or '.join(MENDS[body.why])}")
    if body.mend == "recycle":
        answerer(request)
    if body.mend == "remind" and not settings.CAN_MAIL:
        raise HttpError(409, "this installation sends no mail yet: name a mail server by EMAIL_URL")
    if body.mend == "remind" and request.auth.user.role == Role.SALES:
        raise HttpError(403, "these leads are the caller's own: nobody else would be reminded")
    named = [each for each in body.leads if 0 < each <= LARGEST_ID] if body.leads is not None else None
    those = idle_for(request.auth.user, body.why, now, named).order_by("since", "lead")
    leads = list(those.values_list("lead", flat=True)[:MOST_MENDED])
    return MendedOut(count=mend_idle(why=body.why, mend=body.mend, leads=leads, by=by, at=now) if leads else 0)
