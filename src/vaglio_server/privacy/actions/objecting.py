"""Somebody objects to being rated: they are rated no more from then on, and what was worked out of them is deleted."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import lock_leads, make_due, now_known
from vaglio_server.crm.models import UNRANKED, Lead, Objection
from vaglio_server.lifecycle.models import LeadStage
from vaglio_server.privacy.queries import Person
from vaglio_server.refused import Refused
from vaglio_server.scoring.models import Score
from vaglio_server.users.actions import audit_many
from vaglio_server.users.models import AuditEntry


class NothingToStop(Refused):
    """They are no lead, or they are rated no more already."""


class NoObjection(Refused):
    """They did not object."""


@transaction.atomic
def stop_rating(*, person: Person, by: str, at: datetime) -> list[int]:
    """Rate a person no more, delete their scores, and return which leads that are; they stay leads, and with whoever accepted them.

    What they do is taken in as ever. Colleagues whose scores count them are scored again.

    Raises
    ------
    NothingToStop
        None of their records is a lead that may be rated.
    """
    with connection.cursor() as cursor:
        held = lock_leads(cursor, sorted(person.leads))
        objecting = set(Objection.objects.filter(lead__in=person.leads, until=None).values_list("lead_id", flat=True))
        leads = sorted(person.leads - objecting)
        if not leads:
            raise NothingToStop(_("they are no lead, or rated no more already"))
        known_at = now_known(cursor)
        Objection.objects.bulk_create(Objection(lead_id=lead, since=known_at, by=by) for lead in leads)
        Score.objects.filter(lead__in=leads).delete()
        none = {"rating": None, "profile_millipoints": None, "engagement_millipoints": None, "rank": [UNRANKED]}
        Lead.objects.filter(pk__in=leads).update(**none)
        LeadStage.objects.filter(lead__in=leads).update(look_again_at=known_at)  # who waits for sales by a rating waits no more
        _written(cursor, "stop_rating", leads, held, known_at, by, at)
    return leads


@transaction.atomic
def rate_again(*, person: Person, by: str, at: datetime) -> list[int]:
    """Rate a person again who takes their objection back, and return which leads that are. What was deleted stays so.

    Raises
    ------
    NoObjection
        They did not object.
    """
    with connection.cursor() as cursor:
        held = lock_leads(cursor, sorted(person.leads))
        open_ones = Objection.objects.filter(lead__in=person.leads, until=None)
        leads = sorted(open_ones.values_list("lead_id", flat=True))
        if not leads:
            raise NoObjection(_("they did not object to being rated"))
        known_at = now_known(cursor)
        open_ones.update(until=known_at, until_by=by)
        _written(cursor, "rate_again", leads, held, known_at, by, at)
    return leads


def _written(cursor: Any, verb: str, leads: list[int], held: list[int], known_at: datetime, by: str, at: datetime) -> None:
    make_due(cursor, held, known_at)
    audit_many(AuditEntry(by=by, verb=verb, subject=f"lead:{lead}", at=at) for lead in leads)
