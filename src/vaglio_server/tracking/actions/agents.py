"""Which program each call came by, and whether it is known for a machine: by its name, or because somebody marked it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from vaglio_server.tracking.logic.calls import Call
from vaglio_server.tracking.logic.machines import agent_of, is_machine, network_of
from vaglio_server.tracking.models import PATTERNS, MachineMark, MarkKind

Pair = tuple[str, str]  # agent, network
Patterns = frozenset[tuple[str, str]]  # kind, value


@dataclass(frozen=True)
class Agents:
    """Programs by what they say and where they come from; the patterns that stand as marked, and the names that are people's after all."""

    ids: dict[Pair, int]
    patterns: Patterns

    def id_of(self, call: Call) -> int | None:
        """Return the program a call came by; None where it says nothing."""
        return self.ids.get(pair(call))

    def is_machine(self, call: Call) -> bool:
        """Whether a call came by a machine."""
        return bool(reasons(call.user_agent, network_of(call.address), self.patterns))


def pair(call: Call) -> Pair:
    """Return what a call says of its program and its network."""
    return agent_of(call.user_agent), network_of(call.address)


def agents_of(cursor: Any, calls: Iterable[Call]) -> Agents:
    """Return the programs of some calls; those that are new are kept."""
    pairs = sorted({pair(call) for call in calls if call.activity_type is not None} - {("", "")})
    ids = _ids(cursor, pairs)
    missing = [each for each in pairs if each not in ids]
    if missing:
        cursor.execute(
            "INSERT INTO tracking_agent (agent, network) SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING",
            [[agent for agent, _network in missing], [network for _agent, network in missing]],
        )
        ids |= _ids(cursor, missing)
    return Agents(ids, patterns())


def patterns() -> Patterns:
    """Return by kind and value what is marked, and (by ``name``) the names that people said are people's."""
    found = MachineMark.objects.filter(Q(kind__in=PATTERNS, undone_at=None) | Q(kind=MarkKind.NAME))
    return frozenset(found.values_list("kind", "value"))


def reasons(user_agent: str, network: str, standing: Patterns) -> Patterns:
    """Return by what a program is known for a machine's: the name it calls itself, or what somebody marked."""
    agent = agent_of(user_agent)
    named = is_machine(user_agent) and (MarkKind.NAME, agent) not in standing
    return standing & {(MarkKind.AGENT, agent), (MarkKind.NETWORK, network)} | ({(MarkKind.NAME, agent)} if named else frozenset())


def _ids(cursor: Any, pairs: list[Pair]) -> dict[Pair, int]:
    if not pairs:
        return {}
    cursor.execute(
        "SELECT agent, network, id FROM tracking_agent JOIN unnest(%s::text[], %s::text[]) AS a (agent, network) USING (agent, network)",
        [[agent for agent, _network in pairs], [network for _agent, network in pairs]],
    )
    return {(agent, network): number for agent, network, number in cursor.fetchall()}
