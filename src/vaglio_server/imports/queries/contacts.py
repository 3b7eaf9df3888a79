"""Contacts that a file names: which are there already, where they work, whose they are; and what becomes of them when it is taken back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Lower

from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.crm.models import Account, Contact
from vaglio_server.imports.logic.contacts import ContactRow
from vaglio_server.imports.models import Import, ImportedContact
from vaglio_server.tracking.models import TakenBack
from vaglio_server.tracking.queries import Named, counted

Firm = tuple[str, str | None]  # the name and the domain of a company that is yet to be made


class Unclear(Exception):
    """Why it is not clear whom or which company a row means."""


@dataclass
class Met:
    """Whom rows mean: a contact by its number, or by a negative one who is yet to be made; and by what each is known."""

    ids: dict[str, int]
    mails: dict[str, int]
    made: int = 0

    def meant(self, known_as: str | None, said: ContactRow) -> int:
        """Return whom a row means; rows after it that name the same mean the same.

        Raises
        ------
        Unclear
            Its id is one contact's and its mail address another's, or nobody could be called by what it says.
        """
        by_id, by_mail = self.ids.get(known_as or ""), self.mails.get(said.email or "")
        if by_id is not None and by_mail is not None and by_id != by_mail:
            raise Unclear(f'the id "{said.external_id}" is one contact\'s and "{said.email}" another\'s; correct one of them')
        found = by_id if by_id is not None else by_mail
        if found is None and not said.is_called:
            raise Unclear("a contact needs a name or a mail address; fill one in")
        if found is None:
            self.made += 1
            found = -self.made
        if known_as:
            self.ids[known_as] = found
        if said.email:
            self.mails[said.email] = found
        return found


def met(known_as: Collection[str], mails: Collection[str]) -> Met:
    """Return who is known already by some ids of other systems and some mail addresses; where an address is of several, the first one."""
    present = Contact.objects.present()
    named = ImportedContact.objects.filter(known_as__overlap=list(known_as), result=TakenBack.NOT_YET, contact__taken_back_at=None)
    ids = {each: contact for keys, contact in named.order_by("pk").values_list("known_as", "contact_id") for each in keys}
    found = present.annotate(mail=Lower(KT("fields__email"))).filter(mail__in=list(mails)).order_by("-pk")
    return Met(ids, dict(found.values_list("mail", "pk")))


@dataclass(frozen=True)
class Places:
    """Where contacts work who had no company: the ``accounts`` that are there, ``firms`` yet to be made, by contact; and why not."""

    accounts: dict[int, int] = field(default_factory=dict)
    firms: dict[int, Firm] = field(default_factory=dict)
    unclear: dict[int, str] = field(default_factory=dict)


def places(said: Mapping[int, Mapping[str, Any]]) -> Places:
    """Return where contacts work by what is said of them: at the company of their mail address, else at the only one of the name given.

    Who has a company already stays there. Without either the company is made: with both, where both are given.
    """
    staying = Contact.objects.filter(pk__in=[ref for ref in said if ref > 0], account__isnull=False).values_list("pk", flat=True)
    asked = {ref: _place(values) for ref, values in said.items() if ref not in set(staying)}
    by_domain, by_name = (
        _domains({domain for _name, domain in asked.values() if domain}),
        _names({name for name, _domain in asked.values()}),
    )
    found, making = Places(), dict[str, Firm]()
    for ref, (name, domain) in sorted(asked.items(), key=lambda each: (each[1][1] is None, -each[0])):
        named = by_name.get(name.lower(), []) if name else []
        if domain in by_domain:
            found.accounts[ref] = by_domain[str(domain)]
        elif len(named) == 1:
            found.accounts[ref] = named[0]
        elif len(named) > 1 and not domain:
            found.unclear[ref] = (
                f'{len(named)} companies are called "{name}"; give a mail address of the one that is meant, or leave it out'
            )
        elif name or domain:
            made = making.get(domain or "") or making.get(name.lower()) or (name or str(domain), domain)
            found.firms[ref] = made
            making |= {key: made for key in (domain, name.lower()) if key and key not in making}
    return found


def _place(values: Mapping[str, Any]) -> Firm:
    return str(values.get("company") or "").strip(), company_domain(str(values.get("email") or ""))


def _domains(domains: Collection[str]) -> dict[str, int]:
    return {str(domain): pk for domain, pk in Account.objects.present().filter(domain__in=domains).values_list("domain", "pk")}


def _names(names: Iterable[str]) -> dict[str, list[int]]:
    low = {name.lower() for name in names if name}
    found: dict[str, list[int]] = {}
    rows = Account.objects.present().annotate(low=Lower("name")).filter(low__in=low).order_by("pk") if low else Account.objects.none()
    for name, account in rows.values_list("low" if low else "name", "pk"):
        found.setdefault(name, []).append(account)
    return found


def mails_of(contacts: Collection[int]) -> dict[int, str]:
    """Return the mail addresses of contacts as they are written there."""
    return {pk: str(mail) for pk, mail in Contact.objects.filter(pk__in=contacts).values_list("pk", "fields__email") if mail}


def contacts_of(each: Import) -> Named:
    """Return how many contacts a file named, and what became of them when it was taken back."""
    return counted(ImportedContact.objects.filter(of=each))


def brought_contacts(each: Import) -> QuerySet[Contact]:
    """Return the contacts that a file named and that are there."""
    return Contact.objects.present().filter(pk__in=ImportedContact.objects.filter(of=each).values("contact"))


def needed(contacts: Sequence[int]) -> dict[int, list[str]]:
    """Return why contacts are needed whatever becomes of a file: a note, a say in a sale, a campaign."""
    of_these = Contact.objects.filter(pk__in=contacts)
    found: dict[int, list[str]] = {}
    for why, rows in (
        ("note", of_these.filter(notes__isnull=False, notes__removed_at=None)),
        ("sale", of_these.filter(says__isnull=False)),
        ("campaign", of_these.filter(campaigns__isnull=False)),
    ):
        for contact in rows.values_list("pk", flat=True).distinct():
            found.setdefault(contact, []).append(why)
    return found
