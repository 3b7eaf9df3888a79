"""``python -m vaglio_server.config.studying STUDY`` carries a study out, in a process of its own."""

import os
import sys
from contextlib import closing
from datetime import UTC, datetime

NICE = 5  # whoever waits for a score goes first


def main(study_id: int) -> None:
    """Carry one study out."""
    import django

    django.setup()
    from vaglio_server.config import env
    from vaglio_server.scoring.engine import Scorer
    from vaglio_server.studies.actions import carry_out
    from vaglio_server.studies.models import Study

    os.nice(NICE)
    asked = Study.objects.select_related("version__scoring_model", "against__scoring_model").get(pk=study_id)
    with closing(Scorer(env.database())) as scorer:
        carry_out(study=asked, scorer=scorer, clock=lambda: datetime.now(UTC))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vaglio_server.config.settings")
    main(int(sys.argv[1]))
