"""Which nurture list a lead belongs on: the one that the model names for its rating, while nobody else has the lead.

A lead is nurtured while it is an inquiry, or once sales gave it back. One that sales gave back although its rating goes to sales is
nurtured as the same letter with the next worse digit that has a list: it fits as well, and is not called before its cool-down is over.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vaglio.terms import DIGITS
from vaglio_server.lifecycle.logic.stages import Stage

NURTURED = (Stage.INQUIRY, Stage.RECYCLED)


class Why(StrEnum):
    """Why a lead entered a list, or left it."""

    RATING = "rating"
    SALES = "sales"  # it is with sales, or further on
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"
    GONE = "gone"  # it was merged into another, or taken back


@dataclass(frozen=True)
class Tracks:
    """The list of each rating: ``usual``, and ``recycled`` for leads that sales gave back."""

    usual: Mapping[str, str] = field(default_factory=dict)
    recycled: Mapping[str, str] = field(default_factory=dict)


def tracks(nurture: Mapping[str, Collection[str]], sales: Collection[str]) -> Tracks:
    """Return the lists of a model's ratings."""
    usual = {rating: name for name, ratings in nurture.items() for rating in ratings}
    worse = {rating: found for rating in sales if rating not in usual and (found := _worse(rating, usual))}
    return Tracks(usual, usual | worse)


def _worse(rating: str, usual: Mapping[str, str]) -> str | None:
    digits = DIGITS[DIGITS.index(rating[1]) + 1 :]
    return next((usual[rating[0] + digit] for digit in digits if rating[0] + digit in usual), None)


def track(stage: Stage, rating: str | None, lists: Tracks) -> str | None:
    """Return the list that a lead belongs on; None: none."""
    if rating is None or stage not in NURTURED:
        return None
    return (lists.recycled if stage == Stage.RECYCLED else lists.usual).get(rating)


def why_entered(stage: Stage) -> Why:
    """Return why a lead enters a list."""
    return Why.RECYCLED if stage == Stage.RECYCLED else Why.RATING


def why_left(stage: Stage) -> Why:
    """Return why a lead leaves a list."""
    if stage == Stage.DISQUALIFIED:
        return Why.DISQUALIFIED
    return Why.RATING if stage in NURTURED else Why.SALES
