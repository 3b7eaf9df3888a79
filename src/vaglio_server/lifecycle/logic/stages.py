"""Where a lead can be on its way from an inquiry to a customer, and which moves lead there: the one table of transitions.

A rating that crosses into those that go to sales qualifies a lead at once. It is taken back more slowly: while its letter stays and its
digit is one worse than what goes to sales, it holds; below that it leaves after a minimum stay; and whom sales handed back, no rating
brings again before a cool-down is over. So a lead at a threshold does not come and go.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vaglio.terms import DIGITS


class Stage(StrEnum):
    """Where a lead is."""

    INQUIRY = "inquiry"
    MARKETING_QUALIFIED = "marketing_qualified"
    SALES_ACCEPTED = "sales_accepted"
    SALES_QUALIFIED = "sales_qualified"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"


@dataclass(frozen=True)
class Transition:
    """A move: from where it may start, where it leads, and whether it must say why."""

    before: frozenset[Stage]
    after: Stage
    needs_reason: bool = False


def _move(after: Stage, *before: Stage, needs_reason: bool = False) -> Transition:
    return Transition(frozenset(before), after, needs_reason)


_OPEN = (Stage.INQUIRY, Stage.MARKETING_QUALIFIED, Stage.SALES_ACCEPTED, Stage.SALES_QUALIFIED, Stage.RECYCLED)
TRANSITIONS: dict[str, Transition] = {
    "qualify": _move(Stage.MARKETING_QUALIFIED, Stage.INQUIRY, Stage.RECYCLED),
    "withdraw": _move(Stage.INQUIRY, Stage.MARKETING_QUALIFIED),
    "accept": _move(Stage.SALES_ACCEPTED, Stage.MARKETING_QUALIFIED, Stage.INQUIRY, Stage.RECYCLED),
    "reject": _move(Stage.RECYCLED, Stage.MARKETING_QUALIFIED, needs_reason=True),
    "sales_qualify": _move(Stage.SALES_QUALIFIED, Stage.SALES_ACCEPTED),
    "recycle": _move(Stage.RECYCLED, Stage.SALES_ACCEPTED, Stage.SALES_QUALIFIED, Stage.OPPORTUNITY, needs_reason=True),
    "convert": _move(Stage.OPPORTUNITY, Stage.SALES_ACCEPTED, Stage.SALES_QUALIFIED),
    "win": _move(Stage.CUSTOMER, *_OPEN, Stage.OPPORTUNITY),  # who was merged into another, or given back, bought all the same
    "lose": _move(Stage.RECYCLED, Stage.OPPORTUNITY),
    "disqualify": _move(Stage.DISQUALIFIED, *_OPEN, needs_reason=True),
    "reopen": _move(Stage.INQUIRY, Stage.DISQUALIFIED),
}


# Moves that are taken back, by where they led: accepting by mistake, a conversion that is undone, a sale that was won or lost and is open
# again, who has no say in a sale any more. They lead to where the lead stood before.
GOES_BACK: dict[str, frozenset[Stage]] = {
    "unaccept": frozenset({Stage.SALES_ACCEPTED}),
    "unconvert": frozenset({Stage.OPPORTUNITY, Stage.SALES_QUALIFIED}),
    "resume": frozenset({Stage.CUSTOMER, Stage.RECYCLED}),
    "step_back": frozenset({Stage.OPPORTUNITY}),
}
BY_HAND = ("sales_qualify", "recycle", "disqualify", "reopen")  # what somebody does with a lead, beside answering for sales


def way_to_convert(stage: Stage, *, with_sale: bool) -> tuple[str, ...] | None:
    """Return the moves by which a lead is converted from where it stands; None: it is out, and is to be opened again first.

    Sales accepts by that what it had not accepted. Without a sale the lead is sales qualified: whoever makes somebody a contact says so.
    One that is beyond stays where it is.
    """
    if stage == Stage.DISQUALIFIED:
        return None
    if stage in (Stage.OPPORTUNITY, Stage.CUSTOMER):
        return ()
    first = ("accept",) if stage in TRANSITIONS["accept"].before else ()
    if with_sale:
        return (*first, "convert")
    return (*first, "sales_qualify") if stage != Stage.SALES_QUALIFIED else ()


@dataclass(frozen=True)
class Policy:
    """How slowly ratings move leads back: ``minimum_stay`` with sales, and ``cool_down`` after sales handed a lead back."""

    minimum_stay: timedelta = timedelta(days=1)
    cool_down: timedelta = timedelta(days=30)


@dataclass(frozen=True)
class Bounds:
    """The ratings that bring a lead to sales, and those that leave it there."""

    enter: frozenset[str]
    hold: frozenset[str]


def bounds(sales: Collection[str]) -> Bounds:
    """Return the bounds of a model whose ratings go to sales: one digit worse holds."""
    below = {rating[0] + DIGITS[place + 1] for rating in sales if (place := DIGITS.index(rating[1])) + 1 < len(DIGITS)}
    return Bounds(frozenset(sales), frozenset(sales) | below)


@dataclass(frozen=True)
class Standing:
    """A lead as it stands: its stage, since when, and its rating."""

    stage: Stage
    since: datetime | None
    rating: str | None


@dataclass(frozen=True)
class Decision:
    """What its rating does with a lead: a move, or nothing before it is looked at again at an instant (None: at its next crossing)."""

    move: str | None = None
    look_again_at: datetime | None = None


def decide(lead: Standing, limits: Bounds, policy: Policy, now: datetime) -> Decision:
    """Return what a lead's rating does with it now."""
    if lead.stage == Stage.INQUIRY and lead.rating in limits.enter:
        return Decision("qualify")
    if lead.stage == Stage.RECYCLED and lead.rating in limits.enter:
        return _after(lead.since, policy.cool_down, "qualify", now)
    if lead.stage == Stage.MARKETING_QUALIFIED and lead.rating not in limits.hold:
        return _after(lead.since, policy.minimum_stay, "withdraw", now)
    return Decision()


def _after(since: datetime | None, wait: timedelta, move: str, now: datetime) -> Decision:
    until = since + wait if since is not None else now
    return Decision(move) if now >= until else Decision(None, until)
