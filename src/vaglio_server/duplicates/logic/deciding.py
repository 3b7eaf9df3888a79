"""What a decision on two leads was taken on, and which of two leads stays."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from vaglio_server.duplicates.logic.cleaning import FIELDS

SURE = 0.99  # from here on pairs are offered to be merged all at once


def said(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return a mark of all that is compared of two leads: it changes when any of it does."""
    told = [[fields.get(name) for name in FIELDS] for fields in (one, other)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def known(fields: Mapping[str, Any]) -> int:
    """Return how many values are known of a lead."""
    return sum(value not in (None, "") for value in fields.values())


def stays_first(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether the first of two leads, the older, is the one to stay: the one of which more is known, of two alike the older."""
    return known(first) >= known(second)
