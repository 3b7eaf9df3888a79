"""Asking a colleague, blind, on a small sample of verdicts, and taking what they say."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from vaglio_server.lifecycle.models import Reason, SecondOpinion, StageMove
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit
from vaglio_server.users.models import Role, User

ONE_IN = 20  # verdicts of which one is asked about again
MOST_OPEN = 3  # opinions asked of one seller at a time; nobody is to be kept from their own leads


def ask_opinion(verdict: StageMove, by: User, at: datetime) -> SecondOpinion | None:
    """Ask a colleague about a verdict, if it is one of the sample and somebody is there to be asked, in a transaction of the caller."""
    if not _is_drawn(verdict):
        return None
    busy = Count("opinions", filter=Q(opinions__at=None))
    sellers = User.objects.filter(role=Role.SALES, is_active=True).exclude(pk=by.pk).annotate(busy=busy).filter(busy__lt=MOST_OPEN)
    colleagues = [each for each in sellers.order_by("busy", "pk") if each.team_id == by.team_id] or list(sellers.order_by("busy", "pk")[:1])
    if not colleagues:
        return None
    return SecondOpinion.objects.create(move=verdict, asked=colleagues[0], asked_at=at)


def _is_drawn(verdict: StageMove) -> bool:
    """Return whether a verdict is of the sample; nobody can tell beforehand."""
    drawn = hashlib.sha256(f"{verdict.pk} {verdict.lead_id} {verdict.at.isoformat()}".encode()).digest()
    return int.from_bytes(drawn[:4], "big") % ONE_IN == 0


@transaction.atomic
def give_opinion(*, opinion: SecondOpinion, would_accept: bool, reason: str | None, by: User, at: datetime) -> SecondOpinion:
    """Take what somebody says who was asked; said again it stays as it was.

    Raises
    ------
    Refused
        Somebody else was asked, or the reason is missing.
    """
    held = SecondOpinion.objects.select_for_update().get(pk=opinion.pk)
    if held.asked_id != by.pk:
        raise Refused(_("somebody else was asked"))
    if held.at is not None:
        return held
    if not would_accept and reason not in Reason.values:
        raise Refused(_("say why: one of {values}").format(values=", ".join(Reason.values)))
    held.would_accept, held.reason, held.at = would_accept, None if would_accept else reason, at
    held.save()
    audit(by=by.username, verb="give_opinion", subject=f"lead:{held.move.lead_id}", at=at, would_accept=would_accept)
    return held
