"""Reading leads in pages."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Q, QuerySet

from vaglio_server.crm.logic.companies import LEAST_SHARE, likeness, starts
from vaglio_server.crm.models import Account, FieldChange, Lead, ListMember
from vaglio_server.users.models import Role, User

_CURSOR = re.compile(r"(-?[0-9.e+]{1,30}(?:,-?[0-9.e+]{1,30}){0,4})~([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True)
class LeadPage:
    """Some leads, the first to call first; ``next_cursor`` asks for those after them, None after the last."""

    leads: list[Lead]
    next_cursor: str | None


def page_of_leads(found: QuerySet[Lead], *, cursor: str | None, limit: int) -> LeadPage:
    """Return a page of leads by rank, from where the page before ended; leads that come and go meanwhile shift nothing.

    Raises
    ------
    ValueError
        The cursor is none that a page gave.
    """
    found = found.order_by("rank", "id")
    if cursor:
        rank, last = _read(cursor)
        found = found.filter(rank__gte=rank).filter(Q(rank__gt=rank) | Q(id__gt=last))
    rows = list(found[: limit + 1])
    return LeadPage(rows[:limit], _cursor(rows[limit - 1]) if len(rows) > limit else None)


def _cursor(lead: Lead) -> str:
    return f"{','.join(f'{part:.17g}' for part in lead.rank)}~{lead.pk}"


def _read(cursor: str) -> tuple[list[float], int]:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise ValueError("cursor is none that this list gave")
    try:
        return [float(part) for part in found[1].split(",")], int(found[2])
    except ValueError as error:
        raise ValueError("cursor is none that this list gave") from error


def changes_of(lead: Lead, *, before: datetime | None = None) -> QuerySet[FieldChange]:
    """Return the values a lead's fields took, newest first."""
    return FieldChange.objects.filter(Q(known_at__lt=before) if before else Q(), lead=lead).order_by("-known_at", "field")


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
    found = Account.objects.filter(words=SearchQuery(asked, config="simple", search_type="raw"))[:LOOKED_AT]
    alike = [AccountCandidate(account, max(likeness(said, account.name), likeness(said, _called(account)))) for account in found]
    ordered = sorted(alike, key=lambda each: (-each.likeness_share, each.account.pk))
    return [each for each in ordered if each.likeness_share >= LEAST_SHARE][:PROPOSED]


def _called(account: Account) -> str:
    """Return a company's domain without its ending, which is often its name."""
    return (account.domain or account.name).partition(".")[0].replace("-", " ")
