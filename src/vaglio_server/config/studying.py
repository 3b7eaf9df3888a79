"""A study is carried out, in a process that has no other work meanwhile."""

from contextlib import closing
from datetime import UTC, datetime

from vaglio_server.config import env
from vaglio_server.scoring.engine import Scorer
from vaglio_server.studies.actions import carry_out
from vaglio_server.studies.models import Study


def main(study_id: int) -> None:
    """Carry one study out."""
    asked = Study.objects.select_related("version__scoring_model", "against__scoring_model").get(pk=study_id)
    with closing(Scorer(env.database())) as scorer:
        carry_out(study=asked, scorer=scorer, clock=lambda: datetime.now(UTC))
