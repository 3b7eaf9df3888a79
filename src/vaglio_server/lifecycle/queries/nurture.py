"""Who is on nurture lists, and was."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.models import NurtureEnrollment
from vaglio_server.lifecycle.queries.standing import driving_document, tracks_of

_PRESENT = Q(lead__merged_into=None, lead__taken_back_at=None)


@dataclass(frozen=True)
class NurtureList:
    """A nurture list: which ratings lead to it now (none: the model names it no more), and how many leads are on it."""

    name: str
    ratings: tuple[str, ...]
    members: int


def nurture_lists() -> list[NurtureList]:
    """Return the lists that the model names, and those that somebody is still on."""
    usual = tracks_of(driving_document()).usual
    counted = dict(NurtureEnrollment.objects.filter(left_at=None).values_list("track").annotate(Count("pk")).order_by())
    names = [*dict.fromkeys(usual.values()), *sorted(counted.keys() - set(usual.values()))]
    return [
        NurtureList(name, tuple(sorted(rating for rating, each in usual.items() if each == name)), counted.get(name, 0)) for name in names
    ]


def nurture_list(name: str) -> NurtureList | None:
    """Return a list that the model names, or that somebody is or was on; None: there is none of that name."""
    ratings = tuple(sorted(rating for rating, each in tracks_of(driving_document()).usual.items() if each == name))
    stays = NurtureEnrollment.objects.filter(track=name)
    members = stays.filter(left_at=None).count()
    return NurtureList(name, ratings, members) if ratings or members or stays.exists() else None


def members_now(name: str, *, rating: str = "", search: str = "") -> QuerySet[NurtureEnrollment]:
    """Return who is on a list now, of one rating as it is now, or whose words start like a text; they come with their leads."""
    found = NurtureEnrollment.objects.filter(_PRESENT, track=name, left_at=None)
    if rating:
        found = found.filter(lead__rating=rating)
    if search:
        found = found.filter(lead__in=Lead.objects.found_by(search))
    return found.select_related("lead__account")


def members_once(name: str) -> QuerySet[NurtureEnrollment]:
    """Return who was on a list and left it."""
    return NurtureEnrollment.objects.filter(_PRESENT, track=name, left_at__isnull=False).select_related("lead__account")
