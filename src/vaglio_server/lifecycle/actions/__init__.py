"""Every write about where leads stand."""

from vaglio_server.lifecycle.actions.clocks import pause_clock, resume_clock
from vaglio_server.lifecycle.actions.crossings import look_again, take_crossings
from vaglio_server.lifecycle.actions.escalation import find_breaches
from vaglio_server.lifecycle.actions.moves import Why, move_lead
from vaglio_server.lifecycle.actions.routing import give_waiting, hand_on
from vaglio_server.lifecycle.actions.telling import forget_happenings
from vaglio_server.lifecycle.actions.verdicts import accept_lead, reject_lead

__all__ = [
    "Why",
    "accept_lead",
    "find_breaches",
    "forget_happenings",
    "give_waiting",
    "hand_on",
    "look_again",
    "move_lead",
    "pause_clock",
    "reject_lead",
    "resume_clock",
    "take_crossings",
]
