"""Why somebody is rated as they are, by every model that is live."""

from datetime import datetime
from typing import Any

from vaglio.dates import to_microseconds
from vaglio_server.crm.models import Lead
from vaglio_server.privacy.queries.people import Person
from vaglio_server.scoring.engine import Instants, document_of
from vaglio_server.scoring.queries import live_versions
from vaglio_server.scoring.scorers import a_scorer


def explanations(person: Person, now: datetime) -> list[dict[str, Any]]:
    """Return each line of each score of a person: the rule, what it gave in thousandths of a point, and why, in words."""
    at = Instants(to_microseconds(now), to_microseconds(now))
    rows = []
    leads = list(Lead.objects.present().filter(pk__in=person.leads).order_by("pk").values_list("pk", flat=True))
    for version in live_versions().select_related("scoring_model") if leads else ():
        document = document_of(version.text)
        with a_scorer() as scorer:
            answers = [(lead, scorer.explanation(document, lead, at)) for lead in leads]
        for lead, found in answers:
            named = {"lead_id": lead, "model": str(version)}
            for line in found.lines if found is not None else ():
                its = {name: getattr(line, name) for name in ("axis", "rule_id", "part", "millipoints", "sentence")}
                rows.append(named | {"rating": found.row["rating"]} | its)
    return rows
