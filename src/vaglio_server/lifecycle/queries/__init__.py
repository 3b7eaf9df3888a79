"""Reading where leads stand: who may get one, when promised responses are due, and what waits for a seller."""

from vaglio_server.lifecycle.queries.candidates import Candidates, conversion_candidates
from vaglio_server.lifecycle.queries.clocks import USUAL, Due, calendar_of, calendars_of, due_for, due_of
from vaglio_server.lifecycle.queries.conversions import (
    conversion_of,
    conversion_with,
    conversions_into,
    lead_of,
    may_undo,
    merges_of,
    now_is,
)
from vaglio_server.lifecycle.queries.handed import Became, Handed, handed, reasons, shares
from vaglio_server.lifecycle.queries.idle import COUNTED, Idle, Lying, idle, idle_for
from vaglio_server.lifecycle.queries.inbox import IN_SALES, WAITING, Waiting, in_work, inbox, postponed, queue, waits_for, without_next_step
from vaglio_server.lifecycle.queries.notices import Unsent, unsent, wants
from vaglio_server.lifecycle.queries.nurture import NurtureList, members_now, members_once, nurture_list, nurture_lists
from vaglio_server.lifecycle.queries.opinions import Agreement, agreement, asked_of
from vaglio_server.lifecycle.queries.routing import assigned_by_rule, conditions_of, fits_of, grouped, routes_of, rules, whom_fits
from vaglio_server.lifecycle.queries.sellers import IN_WORK, open_with, pools, queues, sellers_there, selling_users
from vaglio_server.lifecycle.queries.standing import bounds_of, driving_document, moves_of, stage_of, tracks_of

__all__ = [
    "COUNTED",
    "IN_SALES",
    "IN_WORK",
    "USUAL",
    "WAITING",
    "Agreement",
    "Became",
    "Candidates",
    "Due",
    "Handed",
    "Idle",
    "Lying",
    "NurtureList",
    "Unsent",
    "Waiting",
    "agreement",
    "asked_of",
    "assigned_by_rule",
    "bounds_of",
    "calendar_of",
    "calendars_of",
    "conditions_of",
    "conversion_candidates",
    "conversion_of",
    "conversion_with",
    "conversions_into",
    "driving_document",
    "due_for",
    "due_of",
    "fits_of",
    "grouped",
    "handed",
    "idle",
    "idle_for",
    "in_work",
    "inbox",
    "lead_of",
    "may_undo",
    "members_now",
    "members_once",
    "merges_of",
    "moves_of",
    "now_is",
    "nurture_list",
    "nurture_lists",
    "open_with",
    "pools",
    "postponed",
    "queue",
    "queues",
    "reasons",
    "routes_of",
    "rules",
    "sellers_there",
    "selling_users",
    "shares",
    "stage_of",
    "tracks_of",
    "unsent",
    "waits_for",
    "wants",
    "whom_fits",
    "without_next_step",
]
