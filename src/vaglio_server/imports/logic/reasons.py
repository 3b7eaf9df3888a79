"""Why rows of a file could not be taken, or not whole, counted lot by lot: by kind of reason, whatever stands in their cells."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

MOST = 50  # kinds that are kept
LINES = 12  # the first ones of each
OTHERS = ""  # how all other kinds are counted
_QUOTED = re.compile(r'"[^"]*"')
Counted = dict[str, dict[str, Any]]  # by kind: how many ``rows``, the first ``lines``, and the ``first`` reason in full


def counted(before: Mapping[str, Mapping[str, Any]], told: Iterable[tuple[int, str]]) -> Counted:
    """Return the reasons of rows before, and of some more by their lines."""
    found: Counted = {kind: {**its} for kind, its in before.items()}
    for line, reason in told:
        kind = _QUOTED.sub('"…"', reason)
        kind = kind if kind in found or len(found) < MOST else OTHERS
        its = found.setdefault(kind, {"rows": 0, "lines": [], "first": reason})
        its["rows"] += 1
        its["lines"] = [*its["lines"], line][:LINES]
    return found
