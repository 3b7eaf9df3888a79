"""Finding one person, and everything that is stored of them; of whom nothing was heard for long."""

from vaglio_server.privacy.queries.people import Person, Record, known_now, person_of, records_of, submissions_of
from vaglio_server.privacy.queries.quiet import Old, is_quiet, months_before, quiet_devices, quiet_leads, what_is_old
from vaglio_server.privacy.queries.report import Day, deleted_by_age
from vaglio_server.privacy.queries.told import cells, hanging_on, told_of, trail_of

__all__ = [
    "Day",
    "Old",
    "Person",
    "Record",
    "cells",
    "deleted_by_age",
    "hanging_on",
    "is_quiet",
    "known_now",
    "months_before",
    "person_of",
    "quiet_devices",
    "quiet_leads",
    "records_of",
    "submissions_of",
    "told_of",
    "trail_of",
    "what_is_old",
]
