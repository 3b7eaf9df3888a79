"""Writing what came in: deliveries, identities, activities, and leads found to be one."""

from vaglio_server.tracking.actions.bringing import Done, bring_activities
from vaglio_server.tracking.actions.deliveries import (
    create_source,
    renew_key,
    switch_page_tracking,
    switch_source,
    take_deliveries,
)
from vaglio_server.tracking.actions.emptying import Emptied, empty_requests
from vaglio_server.tracking.actions.erasing import blank, forget_calls, forget_identities, forget_merges
from vaglio_server.tracking.actions.identities import dismiss_match, join_identity, one_at_a_time, part_identity
from vaglio_server.tracking.actions.leads import Put, edit_lead, put_lead
from vaglio_server.tracking.actions.many_leads import OWN, edit_leads, put_back
from vaglio_server.tracking.actions.marks import confirm_marks, mark_bursts, mark_pattern, undo_marks, undo_name
from vaglio_server.tracking.actions.merging import merge_leads, undo_merge
from vaglio_server.tracking.actions.new_leads import Known, make_lead
from vaglio_server.tracking.actions.refused import (
    bring_back_refused,
    mend_refused,
    put_all_refused_away,
    put_away_refused,
    replay_all_refused,
    replay_refused,
)
from vaglio_server.tracking.actions.suspecting import SPAM, decide_suspicions, suspect
from vaglio_server.tracking.actions.sweeping import Sweeper
from vaglio_server.tracking.actions.taking_back import take_back

__all__ = [
    "OWN",
    "SPAM",
    "Done",
    "Emptied",
    "Known",
    "Put",
    "Sweeper",
    "blank",
    "bring_activities",
    "bring_back_refused",
    "confirm_marks",
    "create_source",
    "decide_suspicions",
    "dismiss_match",
    "edit_lead",
    "edit_leads",
    "empty_requests",
    "forget_calls",
    "forget_identities",
    "forget_merges",
    "join_identity",
    "make_lead",
    "mark_bursts",
    "mark_pattern",
    "mend_refused",
    "merge_leads",
    "one_at_a_time",
    "part_identity",
    "put_all_refused_away",
    "put_away_refused",
    "put_back",
    "put_lead",
    "renew_key",
    "replay_all_refused",
    "replay_refused",
    "suspect",
    "switch_page_tracking",
    "switch_source",
    "take_back",
    "take_deliveries",
    "undo_marks",
    "undo_merge",
    "undo_name",
]
