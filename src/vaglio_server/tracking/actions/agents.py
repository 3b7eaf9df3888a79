"""Which program each call came by, and whether it is known for a machine: by its name, or because somebody marked it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vaglio_server.tracking.logic.calls import Call
from vaglio_server.tracking.logic.machines import agent_of, is_machine, network_of
from vaglio_server.tracking.models import PATTERNS, MachineMark

Pair = tuple[str, str]  # agent, network


@dataclass(frozen=True)
class Agents:
    """Programs by what they say and where they come from, and the patterns that stand as marked."""

    ids: dict[Pair, int]
    patterns: frozenset[tuple[str, str]]  # kind, value

    def id_of(self, call: Call) -> int | None:
        """Return the program a call came by; None where it says nothing."""
        return self.ids.get(pair(call))

    def is_machine(self, call: Call) -> bool:
        """Whether a call came by a machine."""
        agent, network = pair(call)
        return is_machine(call.user_agent) or ("agent", agent) in self.patterns or ("network", network) in self.patterns


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
    standing = MachineMark.objects.filter(kind__in=PATTERNS, undone_at=None).values_list("kind", "value")
    return Agents(ids, frozenset(standing))


def _ids(cursor: Any, pairs: list[Pair]) -> dict[Pair, int]:
    if not pairs:
        return {}
    cursor.execute(
        "SELECT agent, network, id FROM tracking_agent JOIN unnest(%s::text[], %s::text[]) AS a (agent, network) USING (agent, network)",
        [[agent for agent, _network in pairs], [network for _agent, network in pairs]],
    )
    return {(agent, network): number for agent, network, number in cursor.fetchall()}
