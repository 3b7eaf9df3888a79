"""Which contact, company and opportunity a lead may become: what is there already, each with how sure that is and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Lower

from vaglio_server.crm.logic.companies import likeness
from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.crm.logic.search import words
from vaglio_server.crm.models import Account, Contact, ContactQuerySet, Lead, Opportunity, Outcome
from vaglio_server.crm.queries import account_candidates
from vaglio_server.lifecycle.logic.candidates import (
    CALLED_LIKE,
    CALLED_SO,
    IS_THE_LEAD,
    MAIL_OF,
    OF_CONTACT,
    OFFERED,
    SURE,
    WORKS_THERE,
    Likely,
    person,
)
from vaglio_server.users.models import Role, User

LOOKED_AT = 200
SHOWN = 5


@dataclass(frozen=True)
class AccountOffer:
    """A company that may be the lead's."""

    account: Account
    likely: Likely


@dataclass(frozen=True)
class ContactOffer:
    """A contact who may be the lead; ``is_seen``: the user may open it, and not only convert into it."""

    contact: Contact
    likely: Likely
    is_seen: bool


@dataclass(frozen=True)
class Candidates:
    """What a lead may become of what is there, the likeliest first; the opportunities are open ones at these companies."""

    accounts: list[AccountOffer]
    contacts: list[ContactOffer]
    opportunities: list[Opportunity]

    @property
    def account(self) -> Account | None:
        """The company that is chosen unless somebody says otherwise: that of the contact chosen first."""
        if self.contact is not None and self.contact.account is not None:
            return self.contact.account
        return self.accounts[0].account if self.accounts and self.accounts[0].likely.share >= SURE else None

    @property
    def contact(self) -> Contact | None:
        """The contact who is chosen unless somebody says otherwise."""
        return self.contacts[0].contact if self.contacts and self.contacts[0].likely.share >= SURE else None


def conversion_candidates(lead: Lead, user: User) -> Candidates:
    """Return what a lead may become of what is there already.

    Contacts of other teams are offered only where they surely are the person: hidden, they would be doubled.
    """
    firms = _accounts(lead)
    contacts = _contacts(lead, [each.account.pk for each in firms], user)
    known = {each.account.pk for each in firms}
    for offer in contacts:
        account = offer.contact.account
        if account is not None and account.pk not in known and account.taken_back_at is None:
            known.add(account.pk)
            firms.append(AccountOffer(account, Likely(offer.likely.share, (OF_CONTACT,))))
    firms = sorted(firms, key=lambda each: (-each.likely.share, each.account.pk))[:SHOWN]
    seen = Opportunity.objects.visible_to(user).filter(account__in=[each.account.pk for each in firms], outcome=Outcome.OPEN)
    sales = seen.select_related("owner", "account", "pipeline_stage").defer("words").order_by("-created_at", "-pk")[:SHOWN]
    return Candidates(firms, contacts[:SHOWN], list(sales))


def _accounts(lead: Lead) -> list[AccountOffer]:
    found: list[AccountOffer] = []
    domain = company_domain(str(lead.fields.get("email") or ""))
    there = Account.objects.present().filter(Q(pk=lead.account_id or 0) | Q(domain=domain or "")).defer("words", "near")
    for account in there:
        reasons = ((WORKS_THERE,) if account.pk == lead.account_id else ()) + ((MAIL_OF,) if domain and account.domain == domain else ())
        found.append(AccountOffer(account, Likely(1.0 if account.pk == lead.account_id else 0.97, reasons)))
    known = {each.account.pk for each in found}
    for each in account_candidates(lead):
        if each.account.pk not in known:
            exact = likeness(str(lead.fields.get("company") or ""), each.account.name) == 1
            share = 0.93 if exact else round(each.likeness_share * 0.85, 2)
            found.append(AccountOffer(each.account, Likely(share, (CALLED_SO if exact else CALLED_LIKE,))))
    return found


def _contacts(lead: Lead, accounts: list[int], user: User) -> list[ContactOffer]:
    said_so = _there().filter(lead=lead)
    mail = str(lead.fields.get("email") or "").lower()
    by_mail = _there().annotate(mail=Lower(KT("fields__email"))).filter(mail=mail) if mail else Contact.objects.none()
    there = _there().visible_to(user).filter(account__in=accounts)[:LOOKED_AT] if accounts else ()
    found: dict[int, ContactOffer] = {}
    for contact in (*said_so[:SHOWN], *by_mail[:SHOWN], *_called(lead, user), *there):
        if contact.pk not in found and (offer := _offer(lead, contact, accounts, user)).likely.share >= OFFERED:
            found[contact.pk] = offer
    return sorted(found.values(), key=lambda each: (-each.likely.share, each.contact.pk))


def _there() -> ContactQuerySet:
    return Contact.objects.present().select_related("account", "owner").defer("words", "account__words", "account__near").order_by("pk")


def _called(lead: Lead, user: User) -> Iterable[Contact]:
    """Return contacts in whose words the lead's first and last name stand."""
    names = words(f"{lead.fields.get('first_name') or ''} {lead.fields.get('last_name') or lead.fields.get('name') or ''}")
    if len(names) < 2:
        return []
    asked = SearchQuery(" & ".join(f"'{each}'" for each in names), config="simple", search_type="raw")
    return list(_there().visible_to(user).filter(words=asked)[:LOOKED_AT])


def _offer(lead: Lead, contact: Contact, accounts: list[int], user: User) -> ContactOffer:
    likely = person(lead.fields, contact.fields, one_company=contact.account_id in accounts)
    if contact.lead_id == lead.pk:
        likely = Likely(1.0, (IS_THE_LEAD, *likely.reasons))
    owner = contact.owner
    is_theirs = owner is not None and (owner.pk == user.pk or (owner.team_id is not None and owner.team_id == user.team_id))
    return ContactOffer(contact, likely, user.role != Role.SALES or is_theirs)
