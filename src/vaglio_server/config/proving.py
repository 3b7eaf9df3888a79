"""``python -m vaglio_server.config.proving TRIAL`` carries a trial out, in a process of its own."""

import os
import sys
from contextlib import closing
from datetime import UTC, datetime

from vaglio_server.config.studying import NICE


def main(trial_id: int) -> None:
    """Carry one trial out."""
    import django

    django.setup()
    from vaglio_server.config import env
    from vaglio_server.scoring.engine import Scorer
    from vaglio_server.studies.actions import carry_out_trial
    from vaglio_server.studies.models import Trial

    os.nice(NICE)
    asked = Trial.objects.select_related("version__scoring_model").get(pk=trial_id)
    with closing(Scorer(env.database())) as scorer:
        carry_out_trial(trial=asked, scorer=scorer, clock=lambda: datetime.now(UTC))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vaglio_server.config.settings")
    main(int(sys.argv[1]))
