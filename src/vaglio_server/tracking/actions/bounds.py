"""Who has room for what events say of them (:mod:`vaglio_server.tracking.logic.bounds`)."""

from collections.abc import Collection, Sequence
from typing import Any

from vaglio_server.crm.logic.standard import columns
from vaglio_server.crm.models import Account
from vaglio_server.crm.queries import fields_of
from vaglio_server.tracking.logic.bounds import MOST_FIELDS, MOST_IDENTITIES, AccountRoom, Room
from vaglio_server.tracking.logic.calls import Call
from vaglio_server.tracking.logic.groups import domain_of
from vaglio_server.tracking.logic.people import People
from vaglio_server.tracking.models import AccountKey

# Names of fields that have a value; one that was taken away leaves room.
_NAMES = "SELECT key FROM jsonb_each({table}.fields) WHERE value <> 'null'"
# FILTER: asked for with WHERE, PostgreSQL may read the index of all that have not ended, of everybody's.
_KNOWN_BY = "SELECT count(*) FILTER (WHERE ended_at IS NULL) FROM tracking_identitylink WHERE lead_id = crm_lead.id"


def may_be_full(cursor: Any, people: People) -> bool:
    """Return whether some calls may have given more than fits; nearly never, so that it is worth asking before each call is looked at."""
    links: dict[int, int] = {}
    for _key, lead in people.links:
        links[lead] = links.get(lead, 0) + 1
    given = {lead: (links.get(lead, 0), len(people.traits.get(lead, ()))) for lead in links.keys() | people.traits.keys()}
    if any(count > MOST_IDENTITIES or names > MOST_FIELDS for count, names in given.values()):
        return True
    known = {lead: its for lead, its in given.items() if lead > 0}
    if not known:
        return False
    cursor.execute(
        f"""SELECT EXISTS (SELECT FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS asked (id, links, names) JOIN crm_lead USING (id)
        WHERE (links > 0 AND links + ({_KNOWN_BY}) > %s)
            OR (names > 0 AND names + (SELECT count(*) FROM jsonb_object_keys(crm_lead.fields)) > %s))""",
        [list(known), [count for count, _ in known.values()], [names for _, names in known.values()], MOST_IDENTITIES, MOST_FIELDS],
    )
    return bool(cursor.fetchone()[0])


def room_of(cursor: Any, leads: Collection[int]) -> Room:
    """Return what some leads have."""
    cursor.execute(
        f"SELECT id, ARRAY({_NAMES.format(table='crm_lead')}), ({_KNOWN_BY}) FROM crm_lead WHERE id = ANY(%s)", [sorted(leads)]
    )  # fmt: skip
    rows, defined = cursor.fetchall(), fields_of("lead")
    return Room(defined, {lead: set(names) - defined.keys() for lead, names, _count in rows}, {lead: count for lead, _, count in rows})


def account_room(cursor: Any, calls: Sequence[Call]) -> AccountRoom:
    """Return what the accounts have that some group calls may mean."""
    keys = dict(AccountKey.objects.filter(value__in={str(each.group_id) for each in calls}).values_list("value", "account_id"))
    domains = {domain for each in calls if (domain := domain_of(each))}
    at = {domain: account for domain, account in Account.objects.filter(domain__in=domains).values_list("domain", "pk") if domain}
    cursor.execute(
        f"SELECT id, ARRAY({_NAMES.format(table='crm_account')}) FROM crm_account WHERE id = ANY(%s)", [[*{*keys.values(), *at.values()}]]
    )
    defined = {*fields_of("account"), *columns("account")}
    return AccountRoom(defined, {**keys}, {**at}, {account: set(names) - defined for account, names in cursor.fetchall()})
