"""What the worker does about studies: one at a time, each in a process of its own."""

import logging
import threading
from datetime import UTC, datetime

from vaglio_server.config.apart import alone, apart
from vaglio_server.studies.actions import ask_due_counts, begin_study, fail_study
from vaglio_server.studies.models import Study
from vaglio_server.studies.queries import unfinished

logger = logging.getLogger(__name__)
ONE_STUDIES = 730_424  # the advisory lock: of several workers one studies


class Studying:
    """Carries out the oldest study that somebody waits for; used by one thread."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def step(self) -> int:
        """Carry out the next study, if any; one that a killed worker left is begun again."""
        ask_due_counts(at=datetime.now(UTC))
        study = unfinished().first()
        return alone(ONE_STUDIES, lambda: self._carry_out(study)) if study is not None else 0

    def _carry_out(self, study: Study) -> int:
        def is_off() -> bool:
            study.refresh_from_db(fields=["state"])
            return not study.is_unfinished

        if not begin_study(study=study, at=datetime.now(UTC)):
            return 1
        if code := apart("vaglio_server.config.studying", study.pk, is_off, self._stop):
            logger.error("the study %s broke off with code %d", study, code)
            fail_study(study=study, at=datetime.now(UTC))
        return 1
