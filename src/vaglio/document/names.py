"""Names for new rules, each its own."""

from collections.abc import Collection

from vaglio.document.faults import RESERVED_RULE_IDS
from vaglio.quantities import short_name


def name_apart(name: str, taken: Collection[str]) -> str:
    """Return a name for a rule, as near to one as can be: not one of ``taken``, and no longer than documents allow."""
    found, number = short_name(name), 1
    while found in taken or found in RESERVED_RULE_IDS:
        number += 1
        found = short_name(f"{name}_{number}")
    return found
