"""Reading where leads stand: who may get one, when promised responses are due, and what waits for a seller."""

from vaglio_server.lifecycle.queries.clocks import USUAL, Due, calendar_of, calendars_of, due_for, due_of
from vaglio_server.lifecycle.queries.inbox import Waiting, in_work, inbox, queue, waits_for
from vaglio_server.lifecycle.queries.sellers import members
from vaglio_server.lifecycle.queries.standing import bounds_of, driving_document, moves_of, stage_of

__all__ = [
    "USUAL",
    "Due",
    "Waiting",
    "bounds_of",
    "calendar_of",
    "calendars_of",
    "driving_document",
    "due_for",
    "due_of",
    "in_work",
    "inbox",
    "members",
    "moves_of",
    "queue",
    "stage_of",
    "waits_for",
]
