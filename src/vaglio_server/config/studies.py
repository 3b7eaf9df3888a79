"""What the worker does about studies and trials: one at a time, in a process of their own."""

import logging
import signal
import threading
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from vaglio_server.config.apart import Apart, alone
from vaglio_server.studies.actions import ask_due_counts, begin_study, begin_trial, fail_study, fail_trial
from vaglio_server.studies.models import Study, Trial
from vaglio_server.studies.queries import trials_to_do, unfinished

logger = logging.getLogger(__name__)
ONE_STUDIES = 730_424  # the advisory lock: of several workers one studies


def why(code: int) -> str:
    """Return why a process of its own ended without a result, by its code; a negative one is the signal that ended it."""
    if code == -signal.SIGKILL:
        return _("it was killed, most often because the machine had no memory left")
    if code < 0:
        return _("it was ended from outside (signal %(signal)d)") % {"signal": -code}
    return _("it broke off (code %(code)d); the log of the worker says where") % {"code": code}


class Studying:
    """Carries out the oldest study that somebody waits for, or else the oldest trial; used by one thread."""

    def __init__(self, stop: threading.Event) -> None:
        self._apart = Apart(stop)
        self.close = self._apart.close

    def step(self) -> int:
        """Carry out the next one, if any; what a killed worker left is begun again."""
        self._apart.tidy()
        ask_due_counts(at=datetime.now(UTC))
        asked = unfinished().first() or trials_to_do().first()
        return alone(ONE_STUDIES, lambda: self._carry_out(asked)) if asked is not None else 0

    def _carry_out(self, asked: Study | Trial) -> int:
        def is_off() -> bool:
            asked.refresh_from_db(fields=["state"])
            return not asked.is_unfinished

        now = datetime.now(UTC)
        is_there = begin_study(study=asked, at=now) if isinstance(asked, Study) else begin_trial(trial=asked, at=now)
        if not is_there:
            return 1
        module = "studying" if isinstance(asked, Study) else "proving"
        if code := self._apart.run(module, asked.pk, is_off):
            logger.error("%s broke off with code %d", asked, code)
            if isinstance(asked, Study):
                fail_study(study=asked, at=datetime.now(UTC))
            else:
                fail_trial(trial=asked, at=datetime.now(UTC), why=why(code))
        return 1
