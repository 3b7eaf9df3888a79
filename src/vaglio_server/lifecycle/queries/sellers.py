"""Who may get leads."""

from datetime import datetime

from django.db.models import Count, Max, Q

from vaglio_server.lifecycle.logic.assignment import Member
from vaglio_server.lifecycle.models import Assignment, LeadStage, Stage
from vaglio_server.users.models import Role, User


def members(now: datetime) -> list[Member]:
    """Return the sellers who may get leads now: they can sign in and are not away."""
    away = Q(selling__away_from__lte=now) & (Q(selling__away_until=None) | Q(selling__away_until__gt=now))
    sellers = User.objects.filter(role=Role.SALES, is_active=True).exclude(away).select_related("selling").order_by("pk")
    had: dict[int, dict[str, int]] = {}
    last: dict[int, int] = {}
    for row in Assignment.objects.values("owner", "rating").annotate(leads=Count("id"), last=Max("id")):
        had.setdefault(row["owner"], {})[row["rating"]] = row["leads"]
        last[row["owner"]] = max(last.get(row["owner"], 0), row["last"])
    in_work = (Stage.MARKETING_QUALIFIED, Stage.SALES_ACCEPTED, Stage.SALES_QUALIFIED)
    standing = LeadStage.objects.filter(stage__in=in_work, lead__owner__isnull=False)
    opened = dict(standing.values_list("lead__owner").annotate(Count("lead")))
    return [_member(each, had.get(each.pk, {}), opened.get(each.pk, 0), last.get(each.pk, 0)) for each in sellers]


def _member(user: User, had: dict[str, int], opened: int, last: int) -> Member:
    selling = getattr(user, "selling", None)
    return Member(user.pk, selling.weight if selling else 1, selling.capacity if selling else None, had, opened, last)
