"""One person: all the records and keys that are theirs, whichever of them is known."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Lower

from vaglio_server.crm.logic.erased import Key, Naming
from vaglio_server.crm.models import Contact, FieldChange, Lead
from vaglio_server.forms.models import Submission
from vaglio_server.imports.models import ImportedContact
from vaglio_server.lifecycle.models import Conversion
from vaglio_server.tracking.logic.calls import email_of
from vaglio_server.tracking.models import Identity, IdentityKind, IdentityLink


@dataclass(frozen=True)
class Person:
    """The numbers of the leads, contacts and identities that are one person's, and the keys by which they are known.

    Leads that were merged are one person; a contact is its lead, and whoever has its mail address.
    """

    leads: frozenset[int] = frozenset()
    contacts: frozenset[int] = frozenset()
    identities: frozenset[int] = frozenset()
    keys: frozenset[Key] = frozenset()

    def __bool__(self) -> bool:
        """Whether somebody is meant: it may be that of who has no record there are requests, forms or rows of files."""
        return bool(self.leads or self.contacts or self.identities or self.keys)

    @property
    def emails(self) -> list[str]:
        """Their mail addresses."""
        return sorted(value for kind, value in self.keys if kind == IdentityKind.EMAIL)

    @property
    def values(self) -> set[str]:
        """All their keys, however short: requests that hold one are read, to see whether they mean this person."""
        return {value for _kind, value in self.keys}

    @cached_property
    def naming(self) -> Naming:
        """How texts name them; an id of another system stands in its files without the name of that system."""
        bare = {value.partition(":")[2] for kind, value in self.keys if kind == IdentityKind.USER_ID and ":" in value}
        return Naming(frozenset(self.values | bare) - {""})


def person_of(*, leads: Collection[int] = (), contacts: Collection[int] = (), identities: Collection[int] = (), email: str = "") -> Person:
    """Return the person of whom some records, or a mail address, are known; every record leads to others, until none is new."""
    address = email_of(email)
    there = _ids(Lead.objects.filter(pk__in=leads), "pk"), _ids(Contact.objects.filter(pk__in=contacts), "pk")
    return known_now(Person(*there, frozenset(identities), frozenset({("email", address)} if address else ())))


def known_now(person: Person, keys: Collection[Key] = ()) -> Person:
    """Return a person with what has become theirs since, and with more keys that are."""
    there = _ids(Lead.objects.filter(pk__in=person.leads), "pk"), _ids(Contact.objects.filter(pk__in=person.contacts), "pk")
    found = Person(*there, person.identities, person.keys | frozenset(keys))
    while True:
        grown = _grown(found)
        if grown == found:
            return grown
        found = grown


def _grown(found: Person) -> Person:
    keys = found.keys | {("email", email) for email in _addresses(found)} | {("user_id", known) for known in _known_as(found)}
    emails = [value for kind, value in keys if kind == "email"]
    identities = found.identities | _ids(IdentityLink.objects.filter(lead__in=found.leads, ended_at=None), "identity_id")
    identities |= _ids(Identity.objects.known_as(keys), "pk")
    keys |= set(Identity.objects.filter(pk__in=identities).values_list("kind", "value"))
    contacts = found.contacts | _ids(Contact.objects.filter(lead__in=found.leads), "pk")
    contacts |= _ids(Conversion.objects.filter(lead__in=found.leads), "contact_id")
    contacts |= _ids(Contact.objects.annotate(address=Lower(KT("fields__email"))).filter(address__in=emails), "pk")
    # Two questions: joined by OR, PostgreSQL would read all leads.
    leads = found.leads | _ids(Lead.objects.filter(merged_into__in=found.leads), "pk")
    leads |= _ids(Lead.objects.filter(pk__in=found.leads, merged_into__isnull=False), "merged_into_id")
    leads |= _ids(IdentityLink.objects.filter(identity__in=found.identities, ended_at=None), "lead_id")
    leads |= _ids(Contact.objects.filter(pk__in=found.contacts, lead__isnull=False), "lead_id")
    leads |= _ids(Conversion.objects.filter(contact__in=found.contacts), "lead_id")
    return Person(leads, contacts, identities, frozenset(keys))


def _addresses(found: Person) -> set[str]:
    """Return the mail addresses that their records have, and those their contacts had before; of leads these are identities."""
    of_leads = Lead.objects.filter(pk__in=found.leads).values_list("fields__email", flat=True)
    of_contacts = Contact.objects.filter(pk__in=found.contacts).values_list("fields__email", flat=True)
    before = FieldChange.objects.filter(contact__in=found.contacts, field="email").values_list("value", flat=True)
    return {email for said in (*of_leads, *of_contacts, *before) if (email := email_of(said))}


def _known_as(found: Person) -> set[str]:
    """Return by which ids of other systems files name their contacts."""
    told = ImportedContact.objects.filter(contact__in=found.contacts).values_list("known_as", flat=True)
    return {known for each in told for known in each}


@dataclass(frozen=True)
class Record:
    """A lead or a contact of a person, and what it is called."""

    kind: str
    record: Lead | Contact


def records_of(person: Person) -> list[Record]:
    """Return the leads and contacts that are one person, for somebody to see that they are."""
    leads = Lead.objects.filter(pk__in=person.leads).select_related("account").order_by("pk")
    contacts = Contact.objects.filter(pk__in=person.contacts).select_related("account").order_by("pk")
    return [*(Record("lead", lead) for lead in leads), *(Record("contact", contact) for contact in contacts)]


def submissions_of(person: Person) -> "QuerySet[Submission]":
    """Return what somebody sent by forms: under their mail addresses, or, where a form asked for none, from their devices."""
    nameless = Q(answers__email__isnull=True) | Q(answers__email="")
    theirs = Q(anonymous_id__in=[value for kind, value in person.keys if kind == IdentityKind.ANONYMOUS_ID and value]) & nameless
    for email in person.emails:
        theirs |= Q(answers__email__iexact=email)
    return Submission.objects.filter(theirs)


def _ids(rows: "QuerySet[Any]", name: str) -> frozenset[int]:
    return frozenset(rows.values_list(name, flat=True))
