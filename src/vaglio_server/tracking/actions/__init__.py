"""Writing what came in: deliveries, identities, activities, and leads found to be one."""

from vaglio_server.tracking.actions.bringing import Done, bring_activities
from vaglio_server.tracking.actions.deliveries import create_source, replay_refused, switch_page_tracking, take_deliveries
from vaglio_server.tracking.actions.identities import dismiss_match, join_identity, part_identity
from vaglio_server.tracking.actions.leads import edit_lead, put_lead
from vaglio_server.tracking.actions.merging import merge_leads, undo_merge

__all__ = [
    "Done",
    "bring_activities",
    "create_source",
    "dismiss_match",
    "edit_lead",
    "join_identity",
    "merge_leads",
    "part_identity",
    "put_lead",
    "replay_refused",
    "switch_page_tracking",
    "take_deliveries",
    "undo_merge",
]
