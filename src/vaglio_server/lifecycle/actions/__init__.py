"""Every write about where leads stand."""

from vaglio_server.lifecycle.actions.clocks import pause_clock, resume_clock
from vaglio_server.lifecycle.actions.conversion import convert_lead
from vaglio_server.lifecycle.actions.crossings import look_again, take_crossings
from vaglio_server.lifecycle.actions.demo import begin_day, let_time_pass
from vaglio_server.lifecycle.actions.escalation import find_breaches
from vaglio_server.lifecycle.actions.following import take_outcomes
from vaglio_server.lifecycle.actions.happenings import forget_happenings
from vaglio_server.lifecycle.actions.looks import look_at_all
from vaglio_server.lifecycle.actions.mapping import set_mapping
from vaglio_server.lifecycle.actions.mending import MENDS, MOST_MENDED, Mend, mend_idle
from vaglio_server.lifecycle.actions.moves import Why, move_lead, move_many
from vaglio_server.lifecycle.actions.notices import (
    forget_notices,
    remind,
    send_again,
    send_next_notice,
    write_notices,
    write_summaries,
)
from vaglio_server.lifecycle.actions.nurture import leave_gone
from vaglio_server.lifecycle.actions.opinions import give_opinion
from vaglio_server.lifecycle.actions.putting import make_lead, put_lead, tell_owners
from vaglio_server.lifecycle.actions.routing import assign_by_hand, give_to_others, give_waiting, hand_on
from vaglio_server.lifecycle.actions.routing_rules import Ruling, change_rule, create_rule, move_rule, remove_rule
from vaglio_server.lifecycle.actions.sales import add_to_opportunity, change_opportunity, open_opportunity, remove_from_opportunity
from vaglio_server.lifecycle.actions.selling import (
    Hours,
    Selling,
    Sharing,
    keep_calendar,
    remove_calendar,
    set_mails,
    set_queue,
    set_seller,
)
from vaglio_server.lifecycle.actions.steps import postpone_lead, say_next_step, show_again
from vaglio_server.lifecycle.actions.undoing import undo_conversion
from vaglio_server.lifecycle.actions.verdicts import accept_lead, reject_lead, undo_accept
from vaglio_server.lifecycle.actions.wish import Into, Wish

__all__ = [
    "MENDS",
    "MOST_MENDED",
    "Hours",
    "Into",
    "Mend",
    "Ruling",
    "Selling",
    "Sharing",
    "Why",
    "Wish",
    "accept_lead",
    "add_to_opportunity",
    "assign_by_hand",
    "begin_day",
    "change_opportunity",
    "change_rule",
    "convert_lead",
    "create_rule",
    "find_breaches",
    "forget_happenings",
    "forget_notices",
    "give_opinion",
    "give_to_others",
    "give_waiting",
    "hand_on",
    "keep_calendar",
    "leave_gone",
    "let_time_pass",
    "look_again",
    "look_at_all",
    "make_lead",
    "mend_idle",
    "move_lead",
    "move_many",
    "move_rule",
    "open_opportunity",
    "pause_clock",
    "postpone_lead",
    "put_lead",
    "reject_lead",
    "remind",
    "remove_calendar",
    "remove_from_opportunity",
    "remove_rule",
    "resume_clock",
    "say_next_step",
    "send_again",
    "send_next_notice",
    "set_mails",
    "set_mapping",
    "set_queue",
    "set_seller",
    "show_again",
    "take_crossings",
    "take_outcomes",
    "tell_owners",
    "undo_accept",
    "undo_conversion",
    "write_notices",
    "write_summaries",
]
