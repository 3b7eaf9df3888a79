"""Whose activities an explanation shows beside the lead's own."""

from typing import Any


def colleagues_shown(found: Any) -> set[int]:
    """Return the ids of the colleagues whose activities an explanation counts: whoever reads it may not see all of them."""
    did = (did["lead_id"] for line in (*found.lines, *found.silent) for counted in line.counted for did in counted.activities)
    return {int(lead_id) for lead_id in did if lead_id != found.row["lead_id"]}
