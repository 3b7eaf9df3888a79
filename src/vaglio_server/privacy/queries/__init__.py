"""Finding one person, and everything that is stored of them."""

from vaglio_server.privacy.queries.people import Person, Record, known_now, person_of, records_of, submissions_of
from vaglio_server.privacy.queries.told import cells, hanging_on, told_of, trail_of

__all__ = [
    "Person",
    "Record",
    "cells",
    "hanging_on",
    "known_now",
    "person_of",
    "records_of",
    "submissions_of",
    "told_of",
    "trail_of",
]
