"""Who gets a lead: whoever already has people at its company; else the seller who has had the least of its rating, for their weight.

So all get an equal mix and not just as many. It is a function of what was assigned before: the same history gives the same owner. Ties go
to whoever had the least of everything, then to whoever had nothing for longest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

COLLEAGUE, TURN = "has people there already", "was next for this rating"  # why somebody got a lead


@dataclass(frozen=True)
class Member:
    """A seller who may get leads: how many of each rating they had, how many are open with them, and the number of the last."""

    user: int
    weight: int = 1
    capacity: int | None = None
    had: Mapping[str, int] = field(default_factory=dict)
    open: int = 0
    last: int = 0

    @property
    def is_free(self) -> bool:
        """Whether another lead is within their capacity."""
        return self.weight > 0 and (self.capacity is None or self.open < self.capacity)


@dataclass(frozen=True)
class Arrival:
    """A lead that is to be somebody's."""

    lead: int
    rating: str
    account: int | None = None


@dataclass(frozen=True)
class Given:
    """Whose a lead becomes; ``is_colleague``: because people at its company are theirs already."""

    arrival: Arrival
    owner: int
    is_colleague: bool

    @property
    def why(self) -> str:
        """Why they got it."""
        return COLLEAGUE if self.is_colleague else TURN


def next_owner(members: Iterable[Member], rating: str) -> Member | None:
    """Return who gets a lead of a rating; None where nobody may have another."""
    return min((each for each in members if each.is_free), key=lambda each: _turn(each, rating), default=None)


def _turn(member: Member, rating: str) -> tuple[float, float, int, int]:
    return (member.had.get(rating, 0) + 1) / member.weight, sum(member.had.values()) / member.weight, member.last, member.user


def allocate(arrivals: Sequence[Arrival], members: Iterable[Member], firms: Mapping[int, int]) -> list[Given]:
    """Return who gets each of some leads, one after the other; who is nobody's still is left out.

    ``firms``: who has people at a company already. They get its leads beyond their capacity, unless they are not among the members.
    """
    team = {each.user: each for each in members}
    theirs = {firm: owner for firm, owner in firms.items() if owner in team}
    last = max((each.last for each in team.values()), default=0)
    found: list[Given] = []
    for each in arrivals:
        colleague = team[theirs[each.account]] if each.account in theirs else None
        chosen = colleague or next_owner(team.values(), each.rating)
        if chosen is None:
            continue
        last += 1
        team[chosen.user] = _with(chosen, each.rating, last)
        if each.account is not None:
            theirs[each.account] = chosen.user
        found.append(Given(each, chosen.user, colleague is not None))
    return found


def _with(member: Member, rating: str, last: int) -> Member:
    return replace(member, had={**member.had, rating: member.had.get(rating, 0) + 1}, open=member.open + 1, last=last)
