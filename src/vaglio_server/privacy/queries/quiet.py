"""Of whom nothing was heard for long, and what is old."""

import calendar
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from vaglio_server.campaigns.models import CampaignMember
from vaglio_server.crm.models import Contact, Fate, FieldChange, Lead, LeadOutcome, ListMember, Note
from vaglio_server.lifecycle.models import Conversion, StageMove
from vaglio_server.tracking.models import Activity, Delivery, Identity, IdentityLink
from vaglio_server.users.models import AuditEntry, User


def months_before(now: datetime, months: int) -> datetime:
    """Return the instant so many months before another: the same day of the month, or its last one."""
    whole = now.year * 12 + now.month - 1 - months
    year, month = divmod(whole, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, calendar.monthrange(year, month + 1)[1]))


def quiet_leads(since: datetime) -> "QuerySet[Lead]":
    """Return the leads of whom nothing became known since an instant, and with whom nobody did anything.

    What machines did is nothing heard; neither is what Vaglio does by itself, such as a rating that fades or a step of a programme. Whoever
    is a contact, or ever became one, or was won, is not among them.
    """
    lead, users = OuterRef("pk"), User.objects.values("username")
    done = Activity.objects.filter(identity__links__lead=lead, identity__links__ended_at=None, is_machine=False)
    trail = AuditEntry.objects.filter(subject=Concat(Value("lead:"), Cast(OuterRef("pk"), CharField())))
    heard = (
        done.filter(known_at__gte=since),
        FieldChange.objects.filter(lead=lead, known_at__gte=since),
        LeadOutcome.objects.filter(lead=lead, known_at__gte=since),
        ListMember.objects.filter(lead=lead, known_at__gte=since),
        CampaignMember.objects.filter(lead=lead, added_at__gte=since),
        Note.objects.filter(lead=lead, at__gte=since),
        StageMove.objects.filter(lead=lead, at__gte=since, by__in=users),
        trail.filter(at__gte=since, by__in=users),
        LeadOutcome.objects.filter(lead=lead, outcome=Fate.WON, taken_back_at=None),
        Contact.objects.filter(lead=lead),
        Conversion.objects.filter(lead=lead),
    )
    return Lead.objects.filter(*(~Exists(each) for each in heard), created_at__lt=since)


def quiet_devices(since: datetime) -> "QuerySet[Identity]":
    """Return the keys that nobody ever was known by and under which nothing was done since an instant, though something was before."""
    done = Activity.objects.filter(identity=OuterRef("pk"))
    return Identity.objects.filter(
        Exists(done), ~Exists(done.filter(known_at__gte=since)), ~Exists(IdentityLink.objects.filter(identity=OuterRef("pk")))
    )  # fmt: skip


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
