"""Names for what is new in a document, made of what people call it, each its own."""

from collections.abc import Collection

from vaglio.document.faults import RESERVED_RULE_IDS
from vaglio.quantities import short_name
from vaglio.text import fold


def name_from(title: str, default: str) -> str:
    """Return a title as a name of a document: ``Heads & directors`` is ``heads_directors``; ``default``: of a title without letters."""
    words = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in fold(title)).split()
    name = "_".join(words) or default
    return short_name(name if name[0].isalpha() else f"{default}_{name}")


def name_apart(name: str, taken: Collection[str]) -> str:
    """Return a name for a rule, as near to one as can be: not one of ``taken``, and no longer than documents allow."""
    found, number = short_name(name), 1
    while found in taken or found in RESERVED_RULE_IDS:
        number += 1
        found = short_name(f"{name}_{number}")
    return found
