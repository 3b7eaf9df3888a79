"""Who gets a lead: the owner of its company; else whom a rule names; else, among those to whom it goes, whoever has people there already,
or whoever has had the least of its rating, for their weight.

So all get an equal mix and not just as many. It is a function of what was assigned before: the same history gives the same owner. Ties go
to whoever had the least of everything, then to whoever had nothing for longest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

OWNER, NAMED = "owns the company", "is named by a rule"  # why somebody got a lead
COLLEAGUE, TURN, LEAST = "has people there already", "was next for this rating", "had the least to do"


@dataclass
class Member:
    """A seller who may get leads: how many of each rating they had, how many are open with them, and the number of the last."""

    user: int
    weight: int = 1
    capacity: int | None = None
    had: dict[str, int] = field(default_factory=dict)
    open: int = 0
    last: int = 0
    is_at_work: bool = True

    @property
    def is_free(self) -> bool:
        """Whether another lead is within their capacity."""
        return self.weight > 0 and (self.capacity is None or self.open < self.capacity)

    def note(self, rating: str, number: int) -> None:
        """Count a lead that they got."""
        self.had[rating] = self.had.get(rating, 0) + 1
        self.open += 1
        self.last = number


@dataclass(frozen=True)
class Pool:
    """Those among whom a lead goes to one: a team, or all sellers.

    ``is_by_load``: to whoever has the least to do, for their weight, whatever its rating. ``is_at_work_first``: who is at work now goes
    before who is not.
    """

    members: tuple[Member, ...]
    is_by_load: bool = False
    is_at_work_first: bool = False


@dataclass(frozen=True)
class Route:
    """Where a rule sends a lead: to a team, or to somebody by name; neither: to all sellers."""

    rule: int | None = None
    team: int | None = None
    user: int | None = None


@dataclass(frozen=True)
class Arrival:
    """A lead that is to be somebody's; ``not_to``: those who had it and let its promise run out."""

    lead: int
    rating: str
    account: int | None = None
    route: Route = Route()
    not_to: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Given:
    """Whose a lead becomes, and why."""

    arrival: Arrival
    owner: int
    why: str


@dataclass(frozen=True)
class Firms:
    """Whose companies are: ``owned`` by whom, and who has most people there, though it is nobody's."""

    owned: Mapping[int, int] = field(default_factory=dict)
    known: Mapping[int, int] = field(default_factory=dict)


def next_owner(pool: Pool, rating: str, not_to: frozenset[int] = frozenset()) -> Member | None:
    """Return who of some gets a lead of a rating; None where nobody may have another."""
    free = [each for each in pool.members if each.is_free and each.user not in not_to]
    if pool.is_at_work_first:
        free = [each for each in free if each.is_at_work] or free
    return min(free, key=lambda each: _load(each) if pool.is_by_load else _turn(each, rating), default=None)


def _turn(member: Member, rating: str) -> tuple[float, float, int, int]:
    return (member.had.get(rating, 0) + 1) / member.weight, sum(member.had.values()) / member.weight, member.last, member.user


def _load(member: Member) -> tuple[float, float, int, int]:
    return (member.open + 1) / member.weight, sum(member.had.values()) / member.weight, member.last, member.user


def allocate(arrivals: Sequence[Arrival], pools: Mapping[int | None, Pool], firms: Firms) -> list[Given]:
    """Return who gets each of some leads, one after the other; who is nobody's still is left out.

    ``pools``: of each team that leads go to; under None all sellers who are there, also those who have a company or are named by a rule.
    Who owns a company, or has people there, gets its leads beyond their capacity.
    """
    table = _Table(pools, dict(firms.known))
    found: list[Given] = []
    for each in arrivals:
        chosen = table.chosen(each, firms.owned)
        if chosen is not None:
            found.append(Given(each, *chosen))
            table.note(found[-1])
    return found


class _Table:
    """Who had what so far, while leads are given one after the other."""

    def __init__(self, pools: Mapping[int | None, Pool], known: dict[int, int]) -> None:
        self._pools = {team: _own(pool) for team, pool in pools.items()}
        self._members = {team: {each.user: each for each in pool.members} for team, pool in self._pools.items()}
        self._known = known
        self._last = max((each.last for pool in pools.values() for each in pool.members), default=0)

    def chosen(self, arrival: Arrival, owned: Mapping[int, int]) -> tuple[int, str] | None:
        """Return who gets a lead, and why."""
        owner, named = owned.get(arrival.account or 0), arrival.route.user
        if owner is not None and self._may(arrival, owner):
            return owner, OWNER
        if named is not None:
            return (named, NAMED) if self._may(arrival, named) else None
        team = self._members.get(arrival.route.team, {})
        known = self._known.get(arrival.account or 0)
        if known is not None and known in team and known not in arrival.not_to:
            return known, COLLEAGUE
        pool = self._pools.get(arrival.route.team)
        if pool is None:
            return None
        found = next_owner(pool, arrival.rating, arrival.not_to)
        return (found.user, LEAST if pool.is_by_load else TURN) if found is not None else None

    def _may(self, arrival: Arrival, user: int) -> bool:
        return user in self._members.get(None, {}) and user not in arrival.not_to

    def note(self, given: Given) -> None:
        """Count a lead for who got it, wherever they are counted."""
        self._last += 1
        for team in self._members.values():
            if (member := team.get(given.owner)) is not None:
                member.note(given.arrival.rating, self._last)
        if given.arrival.account is not None:
            self._known[given.arrival.account] = given.owner


def _own(pool: Pool) -> Pool:
    """Return a pool whose members are counted for apart from those that the caller has."""
    return replace(pool, members=tuple(replace(each, had=dict(each.had)) for each in pool.members))
