"""Writing what events say: identities, activities, leads, and what is due."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from vaglio_server.crm.actions import Learned, copy_rows, learn, lock_leads, now_known
from vaglio_server.tracking.actions.agents import Agents, agents_of
from vaglio_server.tracking.actions.bounds import account_room, may_be_full, room_of
from vaglio_server.tracking.actions.colleagues import News, Rules, accounts_at, due_among
from vaglio_server.tracking.actions.groups import accounts_named, join_accounts, say_groups
from vaglio_server.tracking.logic.bounds import Full
from vaglio_server.tracking.logic.calls import Call, Refusal
from vaglio_server.tracking.logic.groups import Said, addresses
from vaglio_server.tracking.logic.people import Key, People, all_keys

_T = TypeVar("_T")
ONE_AT_A_TIME = 730_411  # an advisory lock: who changes whose an identity is does it alone, so that events are taken in order


@dataclass(frozen=True)
class Taken:
    """A call with the delivery it came in."""

    delivery: int
    source: int
    call: Call

    @property
    def message_id(self) -> str:
        """The sender's, else one of ours: it starts with a space, as no sender's does."""
        return self.call.message_id or f" vaglio-{self.delivery}-{self.call.place}"


@dataclass(frozen=True)
class Derived:
    """What became of some calls: when it became known, whose each of their keys is, and which were refused for want of room."""

    known_at: datetime
    owners: dict[Key, int]
    refused: list[tuple[int, Refusal]]


def derive(cursor: Any, taken: list[Taken], *, by: str, rules: Rules | None = None) -> Derived:
    """Write what some calls say, those that are new and that there is room for.

    ``rules`` say what counts somebody among the active colleagues; without them, or where they say None because nobody can tell, all
    colleagues of everybody named are due.
    """
    events = _new_events(cursor, taken)
    new = [each for each in taken if (each.delivery, each.call.place) in events]
    fitting, full = _with_accounts(cursor, new)
    identities = identities_of(cursor, all_keys(each.call for each in fitting))
    people, told, more = _told(cursor, fitting, identities)
    full += more
    _forget(cursor, [events[delivery, refusal.place] for delivery, refusal in full])
    kept, done = [each for each, _key in told], [(key, each.call) for each, key in told]  # the key that an activity stays with
    said = [Said(call, identities[key], people.owners.get(key)) for key, call in done if call.group_id]
    emails = [str(found["email"]) for found in people.traits.values() if found.get("email")]
    emails += addresses(said)
    named = accounts_named(said, (identities[key] for key, _ref in people.links))
    held = lock_leads(cursor, [ref for ref in people.touched if ref > 0], emails, named)
    known_at = now_known(cursor)
    agents = agents_of(cursor, (call for _key, call in done))
    news = _news(people, [each for each in done if not agents.is_machine(each[1])], said, [*named, *accounts_at(cursor, emails)])
    counting = rules() if rules else None
    due = held if counting is None else due_among(cursor, held, news, known_at, counting)
    ids = learn(cursor, Learned(people.made, people.traits, due), known_at, by=by)
    link(cursor, [(identities[key], ids[ref]) for key, ref in people.links], known_at, by=by)
    say_groups(cursor, said, ids, known_at, by=by)
    if people.links:
        join_accounts(cursor, [ids[ref] for _key, ref in people.links], known_at, by=by)
    _write_matches(cursor, [(ids.get(one, one), ids.get(other, other), reason) for one, other, reason in people.matches], known_at)
    _write_activities(cursor, [
        (identities[key], events[each.delivery, call.place], call) for each, (key, call) in zip(kept, done, strict=True)
    ], agents, known_at)  # fmt: skip
    return Derived(known_at, {key: ids.get(ref, ref) for key, ref in people.owners.items()}, full)


def _with_accounts(cursor: Any, taken: list[Taken]) -> tuple[list[Taken], list[tuple[int, Refusal]]]:
    """Return the calls whose accounts have room for what they say, and the refusals of the others."""
    groups = [each.call for each in taken if each.call.group_id]
    if not groups:
        return taken, []
    room = account_room(cursor, groups)
    fitting, full = _one_by_one(taken, lambda call: room.take(call) if call.group_id else None)
    return [each for each, _nothing in fitting], full


def _told(
    cursor: Any, taken: list[Taken], identities: dict[Key, int]
) -> tuple[People, list[tuple[Taken, Key]], list[tuple[int, Refusal]]]:  # fmt: skip
    """Return the people of some calls, each call with the key that its activity stays with, and the refusals of those for which none is.

    Whether there is room is only looked at call by call where it may be missing.
    """
    people = _people(cursor, identities)
    known = dict(people.owners)
    told = [(each, people.take(each.call)) for each in taken]
    if not may_be_full(cursor, people):
        return people, told, []
    people = People(known, people.parted, room=room_of(cursor, set(known.values())))
    return people, *_one_by_one(taken, people.take)


def _one_by_one(taken: list[Taken], take: Callable[[Call], _T]) -> tuple[list[tuple[Taken, _T]], list[tuple[int, Refusal]]]:
    """Take calls, and return what came of those that there is room for, and the refusals of the others."""
    fitting: list[tuple[Taken, _T]] = []
    full: list[tuple[int, Refusal]] = []
    for each in taken:
        try:
            fitting.append((each, take(each.call)))
        except Full as error:
            full.append((each.delivery, Refusal(each.call.place, str(error))))
    return fitting, full


def _forget(cursor: Any, events: list[int]) -> None:
    """Forget that some calls came, so that they are new when they are tried again."""
    if events:
        cursor.execute("DELETE FROM tracking_event WHERE id = ANY(%s)", [events])


def _news(people: People, done: Iterable[tuple[Key, Call]], said: Iterable[Said], joined: list[int]) -> News:
    """Return what is new of leads that were known before, ``done`` by people; links, addresses and groups may change who works where."""
    others = {ref for _key, ref in people.links} | {each.owner for each in said}
    others |= {ref for ref, found in people.traits.items() if found.get("email")}
    did: dict[int, set[str]] = {ref: set() for ref in people.touched - others if ref > 0}
    for key, call in done:
        owner = people.owners.get(key)
        if owner in did and call.activity_type is not None:
            did[owner].add(call.activity_type)
    return News(did, {ref for ref in people.touched & others if ref > 0}, joined)


def _new_events(cursor: Any, taken: list[Taken]) -> dict[tuple[int, int], int]:
    """Return the ids of the events that were not there yet, by delivery and place."""
    cursor.execute(
        """INSERT INTO tracking_event (delivery_id, place, source_id, message_id)
        SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::text[]) ON CONFLICT DO NOTHING RETURNING delivery_id, place, id""",
        [[each.delivery for each in taken], [each.call.place for each in taken], [each.source for each in taken],
         [each.message_id for each in taken]],
    )  # fmt: skip
    return {(delivery, place): event for delivery, place, event in cursor.fetchall()}


def identities_of(cursor: Any, keys: list[Key]) -> dict[Key, int]:
    """Return the ids of some keys; those that are new are made."""
    arguments = [[kind for kind, _value in keys], [value for _kind, value in keys]]
    asked = "SELECT * FROM unnest(%s::text[], %s::text[]) AS asked (kind, value)"
    cursor.execute(f"INSERT INTO tracking_identity (kind, value) {asked} ON CONFLICT DO NOTHING", arguments)
    cursor.execute(f"SELECT its.kind, its.value, its.id FROM tracking_identity AS its JOIN ({asked}) AS a USING (kind, value)", arguments)
    return {(kind, value): identity for kind, value, identity in cursor.fetchall()}


def _people(cursor: Any, identities: dict[Key, int]) -> People:
    """Return whose some identities are now, and whose they are not, as somebody said."""
    cursor.execute(
        """SELECT identity_id, lead_id, ended_at IS NULL FROM tracking_identitylink
        WHERE (ended_at IS NULL OR is_parted) AND identity_id = ANY(%s)""",
        [list(identities.values())],
    )
    key_of = {identity: key for key, identity in identities.items()}
    found = [(key_of[identity], lead, is_now) for identity, lead, is_now in cursor.fetchall()]
    return People({key: lead for key, lead, is_now in found if is_now}, frozenset((key, lead) for key, lead, is_now in found if not is_now))


def link(cursor: Any, pairs: list[tuple[int, int]], known_at: datetime, *, by: str, merge: int | None = None) -> None:
    """Say of identities that they belong to leads from now on; none of them may belong to anybody."""
    cursor.execute(
        """INSERT INTO tracking_identitylink (identity_id, lead_id, known_at, by, merge_id)
        SELECT identity, lead, %s, %s, %s FROM unnest(%s::bigint[], %s::bigint[]) AS its (identity, lead)""",
        [known_at, by, merge, [identity for identity, _lead in pairs], [lead for _identity, lead in pairs]],
    )


def _write_matches(cursor: Any, found: list[tuple[int, int, str]], known_at: datetime) -> None:
    rows = {(min(one, other), max(one, other), reason) for one, other, reason in found if one != other}
    if not rows:
        return
    cursor.execute(
        """INSERT INTO tracking_match (lead_id, other_id, reason, known_at)
        SELECT lead, other, reason, %s FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS its (lead, other, reason)
        ON CONFLICT DO NOTHING""",
        [known_at, *([row[place] for row in rows] for place in range(3))],
    )


def _write_activities(cursor: Any, rows: list[tuple[int, int, Call]], agents: Agents, known_at: datetime) -> None:
    def spelled(identity: int, event: int, call: Call) -> tuple[Any, ...]:
        machine_known_at = known_at if agents.is_machine(call) else None
        return identity, event, call.activity_type, call.occurred_at, known_at, machine_known_at, call.properties, agents.id_of(call)

    copy_activities(cursor, (spelled(*row) for row in rows if row[2].activity_type is not None))


def copy_activities(cursor: Any, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write activities: identity, event, type, when it occurred, was known, was known for a machine's, properties, agent."""
    columns = "identity_id, event_id, activity_type, occurred_at, known_at, is_machine, machine_known_at, properties, agent_id"
    copy_rows(cursor, f"tracking_activity ({columns})", (
        (*who_what_when, machine_known_at is not None, machine_known_at, json.dumps(properties, ensure_ascii=False), agent)
        for *who_what_when, machine_known_at, properties, agent in rows
    ))  # fmt: skip
