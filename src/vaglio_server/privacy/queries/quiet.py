"""Of whom nothing was heard for long, and what is old."""

import calendar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from vaglio_server.campaigns.models import CampaignMember, MemberStatus
from vaglio_server.crm.models import Contact, Fate, FieldChange, Lead, LeadOutcome, ListMember, Note, Objection
from vaglio_server.duplicates.models import Pair
from vaglio_server.lifecycle.models import Conversion, LeadStage, StageMove
from vaglio_server.privacy.queries.people import Person, submissions_of
from vaglio_server.tracking.models import Activity, Delivery, Identity, IdentityLink, Match, Merge
from vaglio_server.users.models import AuditEntry, User


def months_before(now: datetime, months: int) -> datetime:
    """Return the instant so many months before another: the same day of the month, or its last one."""
    whole = now.year * 12 + now.month - 1 - months
    year, month = divmod(whole, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, calendar.monthrange(year, month + 1)[1]))


def quiet_leads(since: datetime) -> "QuerySet[Lead]":
    """Return the leads of whom nothing became known since an instant, and with whom nobody did anything or plans to.

    What machines did is nothing heard; neither is what Vaglio does by itself, such as a rating that fades or a step of a programme. Whoever
    is a contact, or ever became one, or was won, is not among them.
    """
    lead = OuterRef("pk")
    heard = (*_known(lead, since), *_dealt_with(lead, since), *_stays(lead))
    return Lead.objects.filter(*(~Exists(each) for each in heard), created_at__lt=since)


def _known(lead: OuterRef, since: datetime) -> tuple["QuerySet[Any]", ...]:
    """What became known of a lead."""
    done = Activity.objects.filter(identity__links__lead=lead, identity__links__ended_at=None, is_machine=False)
    return (
        done.filter(known_at__gte=since),
        FieldChange.objects.filter(lead=lead, known_at__gte=since),
        IdentityLink.objects.filter(lead=lead, known_at__gte=since),
        LeadOutcome.objects.filter(lead=lead, known_at__gte=since),
        ListMember.objects.filter(Q(known_at__gte=since) | Q(to_at__gte=since), lead=lead),
        CampaignMember.objects.filter(Q(added_at__gte=since) | Q(first_responded_at__gte=since), lead=lead),
    )


def _dealt_with(lead: OuterRef, since: datetime) -> tuple["QuerySet[Any]", ...]:
    """What somebody did about a lead, said of it and another, or is about to do."""
    users = User.objects.values("username")
    trail = AuditEntry.objects.filter(subject=Concat(Value("lead:"), Cast(OuterRef("pk"), CharField())))
    either = Q(lead=lead) | Q(other=lead)
    return (
        Note.objects.filter(lead=lead, at__gte=since),
        StageMove.objects.filter(lead=lead, at__gte=since, by__in=users),
        trail.filter(at__gte=since, by__in=users),
        LeadStage.objects.filter(Q(next_step_at__gte=since) | Q(postponed_until__gte=since), lead=lead),
        Merge.objects.filter(either, Q(known_at__gte=since) | Q(undone_at__gte=since)),
        Match.objects.filter(either, dismissed_at__gte=since),
        Pair.objects.filter(either, decided_at__gte=since),
    )


def _stays(lead: OuterRef) -> tuple["QuerySet[Any]", ...]:
    """What keeps a lead for ever: a contact, a conversion, a sale; and what would be forgotten, that they want no mail or no rating."""
    won = LeadOutcome.objects.filter(lead=lead, outcome=Fate.WON, taken_back_at=None)
    out = CampaignMember.objects.filter(lead=lead, status=MemberStatus.OPTED_OUT)
    objecting = Objection.objects.filter(lead=lead, until=None)
    return (won, out, objecting, Contact.objects.filter(lead=lead), Conversion.objects.filter(lead=lead))


def quiet_devices(since: datetime) -> "QuerySet[Identity]":
    """Return the keys that nobody who is there ever was known by, and under which nothing was done since an instant."""
    lately = Activity.objects.filter(identity=OuterRef("pk"), known_at__gte=since)
    return Identity.objects.filter(~Exists(lately), ~Exists(IdentityLink.objects.filter(identity=OuterRef("pk"))))


def is_quiet(people: Person, since: datetime) -> bool:
    """Whether somebody, or some people at once, are quiet beyond what their leads say.

    No contact has an address of theirs; they sent no form since, confirmed or not; and no key of theirs ever was that of a lead that stays,
    whose past scores counted what was done under it.
    """
    others = IdentityLink.objects.filter(identity__in=people.identities).exclude(lead__in=people.leads)
    return not (people.contacts or others.exists() or submissions_of(people).filter(received_at__gte=since).exists())


@dataclass(frozen=True)
class Old:
    """How much is old: requests, leads (those merged into others counted each), and devices nobody is known by."""

    requests: int
    leads: int
    devices: int


def what_is_old(*, requests_months: int | None, people_months: int | None, now: datetime) -> Old:
    """Return how much is older than some periods. Leads that a sender still names would stay: they are not told apart here."""
    requests = leads = devices = 0
    if requests_months:
        old = Delivery.objects.filter(received_at__lt=months_before(now, requests_months), is_open=False)
        requests = old.exclude(body=b"").count()
    if people_months:
        since = months_before(now, people_months)
        leads, devices = quiet_leads(since).count(), quiet_devices(since).count()
    return Old(requests, leads, devices)
