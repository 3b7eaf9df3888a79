"""Which locks are asked for while which are held, in every transaction of the tests: what may wait in a circle is found without waiting.

An edge is a lock that was held and one that was waited for then. Where edges go round in a circle, two transactions could each hold
what the other waits for, unless all of the circle is gone through while one lock is held that keeps them apart (a gate). Advisory locks
are called by their names, rows by their tables; rows of one table are taken in the order of their ids, so they are one.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

SHARED, ALONE = "shared", "alone"
RECORDS = {"crm_lead", "crm_account", "crm_contact", "crm_opportunity"}  # rows of others are written by whoever holds one of these
_ADVISORY = re.compile(r"pg_advisory_xact_lock(_shared)?\(\s*$")
_ROWS = re.compile(r"\bFOR (?:NO KEY )?UPDATE\b(?: OF (?P<of>[\w\", ]+?))?(?P<skips>\s+(?:SKIP LOCKED|NOWAIT))?(?=$|\s*\)|\s*\n|\s+LIMIT)")
_FROM = re.compile(r'\b(?:FROM|JOIN) (?:ONLY )?"?([a-z]+_[a-z_]+)"?(?: (?:AS )?"?([a-z]\w*)"?)?')
_CHANGED = re.compile(
    r'\bUPDATE (?:ONLY )?"?([a-z]+_[a-z_]+)"?(?: AS [a-z]+)? SET\b|\bDELETE FROM (?:ONLY )?"?([a-z]+_[a-z_]+)"?'
    r'|\bINSERT INTO "?([a-z]+_[a-z_]+)"?[^;]*?ON CONFLICT[^;]*?DO UPDATE', re.DOTALL,
)  # fmt: skip


class Edge(NamedTuple):
    """``after`` was waited for while ``before`` was held, and ``gates``: the advisory locks that were held besides, each with how."""

    before: str
    after: str
    gates: tuple[tuple[str, str], ...]


@dataclass
class Watch:
    """What one connection holds, and all edges that were seen."""

    names: dict[int, str]
    edges: set[Edge] = field(default_factory=set)
    _held: dict[int, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def statement(self, connection: Any, sql: str, params: Any) -> None:
        """Look at a statement before it is executed."""
        if not connection.in_atomic_block:  # what it takes is let go with it
            return
        held = self._held[id(connection)]
        for name, how, waits in locks_in(sql, params, self.names):
            if name in held:
                continue
            if waits:
                self.edges |= {Edge(each, name, _gates(held, each)) for each in held}
            held[name] = how

    def ended(self, connection: Any) -> None:
        """Look away from a transaction that ended."""
        self._held[id(connection)].clear()


def _gates(held: dict[str, str], before: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, how) for name, how in held.items() if name != before and name.isupper()))


def locks_in(sql: str, params: Any, names: dict[int, str]) -> Iterator[tuple[str, str, bool]]:
    """Give the locks that a statement takes, in order: its name, whether shared or alone, and whether it is waited for."""
    parts = sql.split("%s")
    if len(parts) > 1 and isinstance(params, list | tuple):
        for part, value in zip(parts, params, strict=False):
            if (found := _ADVISORY.search(part)) and isinstance(value, int):
                yield names[value], SHARED if found[1] else ALONE, True
    for found in _ROWS.finditer(sql):
        called = {alias: table for table, alias in reversed(_FROM.findall(sql[: found.start()]))}
        of = [each.strip(' "') for each in found["of"].split(",")] if found["of"] else list(called.values())[-1:]
        for table in (called.get(each, each) for each in of):
            if table in RECORDS:
                yield table, ALONE, found["skips"] is None
    for changed in _CHANGED.finditer(sql):
        table = next(filter(None, changed.groups()))
        if table in RECORDS:
            yield table, ALONE, True


def circles(edges: Iterable[Edge]) -> list[tuple[Edge, ...]]:
    """Return the circles of two or three locks that nothing keeps apart, each as the edges it goes along."""
    by: dict[tuple[str, str], set[Edge]] = defaultdict(set)
    after: dict[str, set[str]] = defaultdict(set)
    for each in edges:
        by[each.before, each.after].add(each)
        after[each.before].add(each.after)
        after[each.after] |= set()
    rounds = {(a, b) for a in after for b in after[a] if a < b and a in after[b]}
    triples = {(a, b, c) for a in after for b in after[a] for c in after[b] if a < min(b, c) and b != c and a in after[c]}
    found = []
    for way in [*rounds, *triples]:
        steps = [by[before, then] for before, then in zip(way, (*way[1:], way[0]), strict=True)]
        found += [each for each in product(*steps) if not _kept_apart(each)]
    return sorted(found)


def _kept_apart(way: tuple[Edge, ...]) -> bool:
    """Whether two edges of a circle cannot be gone along at once: both hold a gate, one of them alone."""
    gates = [dict(each.gates) for each in way]
    on_it = {each.before for each in way}
    return any(
        name not in on_it and name in other and ALONE in (how, other[name])
        for place, one in enumerate(gates) for other in gates[place + 1 :] for name, how in one.items()
    )  # fmt: skip


def advisory_locks() -> dict[int, str]:
    """Return the advisory locks of the server by their numbers, as the code names them."""
    source = Path(__file__).parents[2] / "src" / "vaglio_server"
    found: dict[int, str] = {}
    for path in source.rglob("*.py"):
        for name, number in re.findall(r"^([A-Z_]+) = (730_4\d\d)\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            found[int(number)] = name if name not in found.values() else f"{name}_{path.parts[-3].upper()}"
    return found


def watch(seen: Watch) -> None:
    """Have every connection of this process watched from now on."""
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.signals import connection_created

    def look(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        seen.statement(context["connection"], str(sql), params)
        return execute(sql, params, many, context)

    def begin(connection: Any, **_named: Any) -> None:
        if look not in connection.execute_wrappers:
            connection.execute_wrappers.append(look)

    connection_created.connect(begin, weak=False)
    for name in ("_commit", "_rollback", "close"):
        setattr(BaseDatabaseWrapper, name, _then(getattr(BaseDatabaseWrapper, name), seen.ended))


def _then(do: Callable[..., Any], also: Callable[[Any], None]) -> Callable[..., Any]:
    def both(connection: Any, *given: Any, **named: Any) -> Any:
        also(connection)
        return do(connection, *given, **named)

    return both


def keep(seen: Watch, path: Path) -> None:
    """Add the edges that were seen to a file, one a line."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(each) + "\n" for each in sorted(seen.edges))


def kept(path: Path) -> set[Edge]:
    """Return the edges of a file."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {Edge(before, after, tuple((name, how) for name, how in gates)) for before, after, gates in rows}
