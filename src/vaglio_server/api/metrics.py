"""What Prometheus asks for: how the intake and the scoring are doing, in numbers without a name in them."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from vaglio_server.api.tokens import READING
from vaglio_server.scoring.queries import backlog
from vaglio_server.studies.queries import leads_by_rating
from vaglio_server.tracking.queries import intake
from vaglio_server.users.models import SEES_ALL


class Figures:
    """The figures as of an instant; they come from the database, so every web process tells the same."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        seen, owed = intake(self._now), backlog(self._now)
        yield GaugeMetricFamily("vaglio_intake_waiting_requests", "Requests that no worker has taken yet.", seen.waiting)
        yield GaugeMetricFamily("vaglio_intake_waiting_seconds", "Age of the oldest of them.", self._age(seen.waiting_since))
        yield GaugeMetricFamily("vaglio_intake_requests_last_hour", "Requests received in the last hour.", seen.requests_last_hour)
        yield GaugeMetricFamily("vaglio_intake_activities_last_hour", "Activities learned in the last hour.", seen.activities_last_hour)
        yield GaugeMetricFamily("vaglio_intake_refused_last_day", "Events refused in the last day.", seen.refused_last_day)
        yield GaugeMetricFamily("vaglio_leads_due", "Leads that are to be scored now.", owed.due.leads)
        yield GaugeMetricFamily("vaglio_leads_due_seconds", "For how long the first of them has been waiting.", self._age(owed.due.since))
        yield CounterMetricFamily("vaglio_scores", "Scores stored since the beginning.", owed.scores)
        yield CounterMetricFamily("vaglio_crossings", "Changes of rating or flags since the beginning.", owed.crossings)
        leads = GaugeMetricFamily("vaglio_leads", "Leads by rating; none: those without.", labels=["rating"])
        for rating, count in leads_by_rating(self._now).leads.items():
            leads.add_metric([rating or "none"], count)
        yield leads

    def _age(self, since: datetime | None) -> float:
        return max(0.0, (self._now - since).total_seconds()) if since else 0.0


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus, who comes with a token for reading of somebody who sees all leads: how many there are is its own affair."""
    token = READING(request)
    if token is None:
        return HttpResponse(
            "a token for reading is needed\n", status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"}
        )
    if token.user.role not in SEES_ALL:
        return HttpResponse(
            "sellers see their own leads; use a token of somebody who sees all of them\n", status=403, content_type="text/plain"
        )
    registry = CollectorRegistry()
    registry.register(Figures(datetime.now(UTC)))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


metrics.access = ("token",)  # type: ignore[attr-defined]
