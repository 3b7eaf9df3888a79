"""A trial is carried out, in a process that has no other work meanwhile."""

from contextlib import closing
from datetime import UTC, datetime

from vaglio_server.config import env
from vaglio_server.scoring.engine import Scorer
from vaglio_server.studies.actions import carry_out_trial
from vaglio_server.studies.models import Trial


def main(trial_id: int) -> None:
    """Carry one trial out."""
    asked = Trial.objects.select_related("version__scoring_model").get(pk=trial_id)
    with closing(Scorer(env.database())) as scorer:
        carry_out_trial(trial=asked, scorer=scorer, clock=lambda: datetime.now(UTC))
