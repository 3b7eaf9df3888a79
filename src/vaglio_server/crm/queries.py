"""Reading records in pages, their history, and the fields they have."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any, Generic, TypeVar

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet

from vaglio_server.crm.logic.companies import LEAST_SHARE, likeness, starts
from vaglio_server.crm.logic.countries import COUNTRY
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.logic.loss import USUAL_REASONS
from vaglio_server.crm.logic.search import prefixes
from vaglio_server.crm.logic.standard import shipped
from vaglio_server.crm.models import (
    PRESENT,
    Account,
    Contact,
    FieldChange,
    FieldDefinition,
    Lead,
    LeadOrder,
    ListMember,
    LossReason,
    Note,
    Opportunity,
    OpportunityContact,
    among,
)
from vaglio_server.cursors import cursor_of, place_of, unknown
from vaglio_server.users.models import Role, User

_LAST = [float("inf")]  # a rank after all others
_CURSOR = re.compile(r"(-?[0-9.e+]{1,30}(?:,-?[0-9.e+]{1,30}){0,4})~([0-9]{1,18})", re.ASCII)


M = TypeVar("M", bound=Model)
LARGEST_ID = 2**63 - 1  # that the database knows
Record = Lead | Contact | Account | Opportunity


@dataclass(frozen=True)
class Page(Generic[M]):
    """Some records by id; ``next_cursor`` asks for those after them, None after the last."""

    rows: list[M]
    next_cursor: int | None


def page_by_id(found: QuerySet[M], *, cursor: int | None, limit: int, newest_first: bool = False) -> Page[M]:
    """Return a page of records by id, from where the page before ended."""
    if cursor is not None:
        last = max(0, min(cursor, LARGEST_ID))
        found = found.filter(pk__lt=last) if newest_first else found.filter(pk__gt=last)
    rows = list(found.order_by("-pk" if newest_first else "pk")[: limit + 1])
    return Page(rows[:limit], rows[limit - 1].pk if len(rows) > limit else None)


@dataclass(frozen=True)
class LeadPage:
    """Some leads, the first to call first; ``next_cursor`` asks for those after them, None after the last.

    ``looked``: it ends before it is full, because so many leads were looked at for it, or so much that happened; more may come.
    ``back_to``: where what happened is looked at, until which instant.
    """

    leads: list[Lead]
    next_cursor: str | None
    looked: int = 0
    back_to: datetime | None = None


# What a list can be sorted by other than rank, both ways; down with a minus before.
SORTS = {"name": "order__name", "company": "order__company", "created": "order__created_at"}


def page_of_leads(found: QuerySet[Lead], *, cursor: str | None, limit: int, sort: str = "", parts: Sequence[Q] = (Q(),)) -> LeadPage:
    """Return a page of leads by rank, or by what they are sorted by, from where the page before ended.

    Leads that come and go meanwhile shift nothing. ``parts``: where those found lie by rank, one part after the other, so that what is
    between them is not walked.

    Raises
    ------
    ValueError
        The cursor is none that a page gave.
    """
    if sort:
        found, parts = found.filter(reduce(or_, parts, Q())).select_related("order"), (Q(),)
    found = in_order(found, sort, cursor)
    rows: list[Lead] = []
    for part in parts:
        rows += found.filter(part)[: limit + 1 - len(rows)] if len(rows) <= limit else ()
    return LeadPage(rows[:limit], cursor_after(rows[limit - 1], sort) if len(rows) > limit else None)


def sorted_by(sort: str) -> tuple[str, str, bool]:
    """Return the column by which a list is sorted, the one that tells leads apart where it is the same, and whether they go down."""
    if not sort:
        return "rank", "id", False
    return SORTS[sort.removeprefix("-")], "order__lead_id", sort.startswith("-")


def in_order(found: QuerySet[Lead], sort: str, cursor: str | None) -> QuerySet[Lead]:
    """Return leads by rank, or by what they are sorted by, after the place where a page ended.

    Raises
    ------
    ValueError
        The cursor is none that a page gave.
    """
    if sort:  # that a lead has a row in the other table makes the join an inner one, or no index could give the order
        found = found.filter(order__isnull=False)
    column, number, _is_down = sorted_by(sort)
    return _after(found, column, number, sort, cursor)


def few_in_order(numbers: Collection[int], sort: str, cursor: str | None) -> QuerySet[LeadOrder]:
    """Return the order of few leads, given by number, as :func:`in_order`: asked of it alone, it takes a twentieth of what joined takes.

    Raises
    ------
    ValueError
        The cursor is none that a page gave.
    """
    column, number, _is_down = sorted_by(sort)
    found = LeadOrder.objects.filter(among(numbers, "lead"))
    return _after(found, column.removeprefix("order__"), number.removeprefix("order__"), sort, cursor)


def _after(found: QuerySet[M], column: str, number: str, sort: str, cursor: str | None) -> QuerySet[M]:
    """Return rows in the order of two columns, after the place where a page ended."""
    sign, beyond = ("-", "lt") if sorted_by(sort)[2] else ("", "gt")
    found = found.order_by(f"{sign}{column}", f"{sign}{number}")
    if not cursor:
        return found
    value, last = _read_sorted(cursor, is_instant=sorted_by(sort)[0] == SORTS["created"]) if sort else _read(cursor)
    after = Q(**{f"{column}__{beyond}": value}) | Q(**{f"{number}__{beyond}": last})
    return found.filter(**{f"{column}__{beyond}e": value}).filter(after)


def cursor_after(lead: Lead, sort: str) -> str:
    """Return the place after a lead, which has its ``order`` where it is sorted otherwise than by rank."""
    return cursor_at(getattr(lead.order, sorted_by(sort)[0].removeprefix("order__")) if sort else lead.rank, lead.pk)


def cursor_at(value: Any, last: int) -> str:
    """Return the place after a lead by what leads are sorted by, and its number."""
    if isinstance(value, list):
        return cursor_of(f"{','.join(f'{part:.17g}' for part in value)}~{last}")
    return cursor_of(json.dumps([value.isoformat() if isinstance(value, datetime) else value, last]))


def _read_sorted(cursor: str, *, is_instant: bool) -> tuple[str | datetime, int]:
    try:
        text, last = json.loads(place_of(cursor))
        if isinstance(text, str) and "\x00" not in text and type(last) is int and 0 <= last <= LARGEST_ID:
            text.encode()  # or it holds half a character
            return datetime.fromisoformat(text).astimezone(UTC) if is_instant else text, last
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass
    raise unknown()


def _read(cursor: str) -> tuple[list[float], int]:
    found = _CURSOR.fullmatch(place_of(cursor))
    if found is None:
        raise unknown()
    try:
        return [float(part) for part in found[1].split(",")], int(found[2])
    except ValueError as error:
        raise unknown() from error


def owners(user: User) -> list[User]:
    """Return the sellers whose leads a user may see."""
    sellers = User.objects.filter(role=Role.SALES, is_active=True).select_related("team").order_by("team__name", "username")
    if user.role == Role.SALES:
        sellers = sellers.filter(Q(pk=user.pk) | Q(team=user.team_id, team__isnull=False))
    return list(sellers)


def list_sizes() -> list[tuple[str, int]]:
    """Return the lists that have members now, with how many."""
    now_on = ListMember.objects.filter(to_at=None).values("list").annotate(members=Count("id")).order_by("list")
    return [(row["list"], row["members"]) for row in now_on]


def best_leads(user: User) -> QuerySet[Lead]:
    """Return, of each company whose leads a user may see, the one to call first."""
    seen = Lead.objects.visible_to(user)
    here = seen.filter(account=OuterRef("account"))
    better = here.filter(rank__lt=OuterRef("rank")) | here.filter(rank=OuterRef("rank"), pk__lt=OuterRef("pk"))
    return seen.filter(~Exists(better), account__isnull=False)


@dataclass(frozen=True)
class Firm:
    """A company on a list: since when, and the lead to call first there, if a user may see any."""

    account: int
    since: datetime | None
    best: int | None


def firms_on(name: str, user: User) -> list[Firm]:
    """Return the companies that are on a list now, those first where somebody is to be called first, then by name."""
    members = ListMember.objects.filter(list=name, to_at=None, account__isnull=False)
    known = {account: (called, since) for account, called, since in members.values_list("account", "account__name", "from_at")}
    read = best_leads(user).filter(among(known, "account")).values_list("account", "rank", "pk")
    best = {account: (rank, lead) for account, rank, lead in read}
    ordered = sorted(known, key=lambda account: (best.get(account, (_LAST, 0))[0], known[account][0], account))
    return [Firm(account, known[account][1], best.get(account, (_LAST, None))[1]) for account in ordered]


def people_at(accounts: list[int], user: User) -> dict[int, int]:
    """Return how many leads a user may see at each of some companies."""
    counted = Lead.objects.visible_to(user).filter(account__in=accounts).values("account").order_by().annotate(leads=Count("id"))
    return {row["account"]: row["leads"] for row in counted}


def lists_of(accounts: list[int]) -> dict[int, list[ListMember]]:
    """Return the lists that some companies are on now, by company."""
    found: dict[int, list[ListMember]] = {}
    for member in ListMember.objects.filter(account__in=accounts, to_at=None).order_by("list"):
        found.setdefault(int(member.account_id or 0), []).append(member)
    return found


def accounts_named(text: str, limit: int) -> list[Account]:
    """Return companies whose names or domains begin like the words of a text; where there are none, those with a slip in each word."""
    asked = prefixes(text)
    if asked is None:
        return []
    present = Account.objects.present()
    return list(present.filter(words=SearchQuery(asked, config="simple", search_type="raw"))[:limit]) or list(present.nearly(text)[:limit])


# From each list to the next by the index: members are not read, however many there are.
_LISTS = """WITH RECURSIVE each (list) AS (
        SELECT min(list) FROM crm_listmember
        UNION ALL SELECT (SELECT min(list) FROM crm_listmember WHERE list > each.list) FROM each WHERE list IS NOT NULL
    ) SELECT list FROM each WHERE list IS NOT NULL"""


def list_names() -> list[str]:
    """Return the lists that ever had members."""
    with connection.cursor() as cursor:
        cursor.execute(_LISTS)
        return [row[0] for row in cursor.fetchall()]


def members_of(name: str, user: User) -> QuerySet[ListMember]:
    """Return who is on a list now: accounts, and the leads a user may see."""
    seen = Q(lead=None) | Q(lead__in=Lead.objects.visible_to(user))
    return ListMember.objects.filter(seen, list=name, to_at=None).select_related("lead", "account").order_by("id")


@dataclass(frozen=True)
class AccountCandidate:
    """A company whose name is like what a lead says, and how alike the two are (a share from 0 to 1)."""

    account: Account
    likeness_share: float


LOOKED_AT = 500
PROPOSED = 5


def account_candidates(lead: Lead) -> list[AccountCandidate]:
    """Return the companies that a lead without one may belong to by the name it gives, the likeliest first; nothing is joined by this.

    A name whose every word has a slip among its first letters is not found.
    """
    said = str(lead.fields.get("company") or "")
    asked = starts(said)
    if lead.account_id is not None or asked is None:
        return []
    found = Account.objects.present().filter(words=SearchQuery(asked, config="simple", search_type="raw"))[:LOOKED_AT]
    alike = [AccountCandidate(account, max(likeness(said, account.name), likeness(said, _called(account)))) for account in found]
    ordered = sorted(alike, key=lambda each: (-each.likeness_share, each.account.pk))
    return [each for each in ordered if each.likeness_share >= LEAST_SHARE][:PROPOSED]


def _called(account: Account) -> str:
    """Return a company's domain without its ending, which is often its name."""
    return (account.domain or account.name).partition(".")[0].replace("-", " ")


def history_of(record: Record, *, field: str | None = None) -> QuerySet[FieldChange]:
    """Return the values that a record's fields took, or one of them."""
    found = FieldChange.objects.filter(**{str(record._meta.model_name): record})
    return found.filter(field=field) if field else found


def values_at(record: Record, known_at: datetime) -> dict[str, Any]:
    """Return the values of a record's fields and columns as they were known at an instant, by name."""
    latest = history_of(record).filter(known_at__lte=known_at).order_by("field", "-known_at", "-pk").distinct("field")
    return {change.field: change.value for change in latest if change.value is not None}


def notes_on(record: Record) -> QuerySet[Note]:
    """Return the notes on a record that nobody removed; on a lead, also those on leads that were merged into it."""
    if isinstance(record, Lead):
        return Note.objects.filter(lead__in=_merged_into(record.pk), removed_at=None)
    return Note.objects.filter(**{str(record._meta.model_name): record}, removed_at=None)


def _merged_into(lead: int) -> set[int]:
    """Return a lead and all that were merged into it, over any number of merges."""
    found, newest = {lead}, {lead}
    while newest:
        newest = set(Lead.objects.filter(merged_into__in=newest).values_list("pk", flat=True)) - found
        found |= newest
    return found


def says_in(opportunity: Opportunity, user: User) -> QuerySet[OpportunityContact]:
    """Return who has a say in an opportunity, of the contacts that a user may see."""
    seen = Contact.objects.visible_to(user)
    return OpportunityContact.objects.filter(opportunity=opportunity, contact__in=seen).select_related("contact").order_by("id")


def roles_of(contacts: Sequence[Contact], user: User) -> dict[int, list[str]]:
    """Return the buying roles that some contacts have in opportunities that a user may see, each once, by contact."""
    of_these = OpportunityContact.objects.filter(contact__in=contacts, opportunity__in=Opportunity.objects.visible_to(user))
    found: dict[int, list[str]] = {}
    for contact, role in of_these.exclude(role=None).order_by("role").values_list("contact_id", "role").distinct():
        found.setdefault(contact, []).append(str(role))
    return found


def loss_reasons() -> list[LossReason]:
    """Return why sales are lost, retired reasons too, in order; where nobody keeps a list, the usual ones."""
    usual = (LossReason(word=word, label=label, place=place) for place, (word, label) in enumerate(USUAL_REASONS.items()))
    return list(LossReason.objects.order_by("place", "pk")) or list(usual)


@dataclass(frozen=True)
class Held:
    """How many records hold a value of each field; where ``is_estimate``, worked out from a sample of so many ``looked_at``."""

    counts: dict[str, int]
    looked_at: int
    is_estimate: bool


_OF = {"lead": Lead, "contact": Contact, "account": Account, "opportunity": Opportunity}
COUNTED_BYTES = 8 * 1024**2  # of a table: as much is read in a tenth of a second
_PRESENT = {"lead": PRESENT, "account": "taken_back_at IS NULL", "contact": "taken_back_at IS NULL",
            "opportunity": "taken_back_at IS NULL"}  # fmt: skip


def values_held(subject: str) -> Held:
    """Return how many records of a kind hold a value of each field: exactly where there are few, else by a sample of whole blocks."""
    table = _OF[subject]._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s)", [table])
        share = min(1.0, COUNTED_BYTES / max(1, cursor.fetchone()[0]))
        sample = f"TABLESAMPLE SYSTEM ({share * 100:.6f}) REPEATABLE (7)" if share < 1 else ""
        seen = f"SELECT fields FROM {table} {sample} WHERE {_PRESENT.get(subject, 'true')}"
        cursor.execute(
            f"""WITH seen AS MATERIALIZED ({seen})
            SELECT NULL, count(*) FROM seen UNION ALL SELECT name, count(*) FROM seen, jsonb_object_keys(fields) AS name GROUP BY name"""
        )
        (_all, looked_at), *counted = cursor.fetchall()
    return Held({name: round(count / share) for name, count in counted}, looked_at, share < 1)


def countries_held(subject: str) -> dict[str, int]:
    """Return what records of a kind hold as their country, each with how many do; reads all of them."""
    with connection.cursor() as cursor:
        table = _OF[subject]._meta.db_table
        cursor.execute(f"SELECT fields ->> %s, count(*) FROM {table} WHERE fields ->> %s <> '' GROUP BY 1", [COUNTRY, COUNTRY])
        return dict(cursor.fetchall())


def fields_of(subject: str) -> dict[str, Definition]:
    """Return the fields that a kind of record has, shipped and defined, retired ones too, by name."""
    return fields_of_each(subject)[subject]


def fields_of_each(*subjects: str) -> dict[str, dict[str, Definition]]:
    """Return the fields that some kinds of records have, by kind, at one question."""
    found = {subject: dict(shipped(subject)) for subject in subjects}
    for each in FieldDefinition.objects.filter(subject__in=subjects).order_by("name"):
        definition = Definition(each.name, each.label, each.kind, tuple(each.choices), is_retired=each.retired_at is not None)
        found[each.subject][each.name] = definition
    return found
