"""Second opinions: which somebody is asked for, and how far they agree with what was said first."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from vaglio_server.lifecycle.models import SecondOpinion
from vaglio_server.users.models import User


def asked_of(user: User) -> list[SecondOpinion]:
    """Return what somebody is asked about, the oldest first."""
    found = SecondOpinion.objects.filter(asked=user, at=None, move__lead__merged_into=None, move__lead__taken_back_at=None)
    return list(found.select_related("move__lead__account").order_by("asked_at", "move"))


@dataclass(frozen=True)
class Agreement:
    """How far two sellers say the same of one lead: of so many, and ``kappa``: beyond what chance gives (1: always, 0: as chance).

    Source: Cohen, A coefficient of agreement for nominal scales, 1960.
    """

    asked: int
    agreed: int
    kappa: float | None

    @property
    def share(self) -> float:
        """How many of all agree (0-1)."""
        return self.agreed / self.asked if self.asked else 0.0


def agreement(since: datetime) -> Agreement:
    """Return how far second opinions since an instant agree with the first."""
    accepted = Q(move__verb="accept")
    told = SecondOpinion.objects.filter(at__gte=since).aggregate(
        both=Count("move", filter=accepted & Q(would_accept=True)),
        first=Count("move", filter=accepted & Q(would_accept=False)),
        second=Count("move", filter=~accepted & Q(would_accept=True)),
        neither=Count("move", filter=~accepted & Q(would_accept=False)),
    )
    both, first, second, neither = (told[name] for name in ("both", "first", "second", "neither"))
    total = both + first + second + neither
    if not total:
        return Agreement(0, 0, None)
    by_chance = ((both + first) * (both + second) + (neither + first) * (neither + second)) / total**2
    kappa = ((both + neither) / total - by_chance) / (1 - by_chance) if by_chance < 1 else None
    return Agreement(total, both + neither, kappa)
