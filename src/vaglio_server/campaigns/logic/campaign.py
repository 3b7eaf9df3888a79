"""What a campaign holds, and which answers of its members are positive."""

from collections.abc import Mapping
from typing import Any

from vaglio_server.crm.logic.currencies import CURRENCIES
from vaglio_server.crm.logic.fields import Definition

STATUSES = ("planned", "running", "ended")
MEMBER_STATUSES = ("added", "sent", "bounced", "opened", "clicked", "registered", "responded", "attended", "opted_out")
RESPONSES = frozenset({"registered", "responded", "attended"})
_ALL = (
    Definition("name", "Name", "string", is_needed=True),
    Definition("channel", "Channel", "string"),
    Definition("status", "Status", "choice", STATUSES, is_needed=True),
    Definition("starts_on", "Starts on", "date"),
    Definition("ends_on", "Ends on", "date"),
    Definition("budget", "Budget", "amount"),
    Definition("currency", "Currency", "choice", CURRENCIES),
)
COLUMNS = {each.name: each for each in _ALL}


def faults_together(values: Mapping[str, Any]) -> list[str]:
    """Return what does not fit together of a campaign's values, a sentence each."""
    found = []
    if values.get("budget") is not None and not values.get("currency"):
        found.append("currency: is missing; a budget needs one, such as EUR")
    starts_on, ends_on = values.get("starts_on"), values.get("ends_on")
    if starts_on and ends_on and str(ends_on) < str(starts_on):
        found.append(f"ends_on: {ends_on} lies before {starts_on}, when it starts; give a later day")
    return found
