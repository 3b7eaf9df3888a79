"""Whether sales answered as soon as a model promises."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from vaglio_server.lifecycle.models import SlaClock


@dataclass(frozen=True)
class Responses:
    """Leads that were promised a first response: how many were answered in time, were not, and still have time.

    Who need not be answered any more before it was over, as a lead that was withdrawn, counts nowhere.
    """

    in_time: int
    late: int
    have_time: int

    @property
    def judged(self) -> int:
        """Of how many it is known."""
        return self.in_time + self.late


def first_responses(since: datetime) -> Mapping[tuple[str, int], Responses]:
    """Return how promises were kept whose clocks began since an instant, by rating and what was promised [seconds]."""
    late = Q(breached_at__isnull=False)
    counted = (
        SlaClock.objects.filter(started_at__gte=since)
        .values_list("rating", "promised_seconds")
        .annotate(
            in_time=Count("id", filter=~late & Q(met_at__isnull=False)),
            late=Count("id", filter=late),
            have_time=Count("id", filter=~late & Q(ended_at=None)),
        )
    )
    return {(rating, seconds): Responses(*numbers) for rating, seconds, *numbers in counted}
