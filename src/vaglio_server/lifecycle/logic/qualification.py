"""Whether somebody can buy: budget, authority, need, timeline (BANT), as sales found out.

Source: the four questions that sales asks by convention, after IBM; ours is only how answers make a state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

YES, PARTLY, NO = "yes", "partly", "no"


class Qualification(StrEnum):
    """How far a lead is qualified."""

    UNASKED = "unasked"
    OPEN = "open"  # some is known, and nothing speaks against it
    QUALIFIED = "qualified"  # all four
    DOUBTFUL = "doubtful"  # something is missing


@dataclass(frozen=True)
class Answers:
    """What was found out, and what was not asked yet."""

    state: Qualification
    unasked: tuple[str, ...]
    missing: tuple[str, ...]
    confirmed: int


def answers_of(told: Mapping[str, str | None]) -> Answers:
    """Return how far somebody is qualified; ``told``: each question with yes, partly, no, or None where nobody asked."""
    unasked = tuple(name for name, value in told.items() if value not in (YES, PARTLY, NO))
    missing = tuple(name for name, value in told.items() if value == NO)
    confirmed = sum(1 for value in told.values() if value == YES)
    if missing:
        state = Qualification.DOUBTFUL
    elif confirmed == len(told):
        state = Qualification.QUALIFIED
    else:
        state = Qualification.UNASKED if len(unasked) == len(told) else Qualification.OPEN
    return Answers(state, unasked, missing, confirmed)
