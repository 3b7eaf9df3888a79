"""What a conversion is made on, read at one question once everything it hangs on is held."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from vaglio_server.crm.logic.companies import bare
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.logic.search import words
from vaglio_server.crm.logic.standard import SUBJECTS, shipped
from vaglio_server.crm.models import PRESENT, Account, Lead
from vaglio_server.lifecycle.logic.mapping import Mapped, mapping_of
from vaglio_server.lifecycle.logic.stages import Stage

LOOKED_AT = 100  # companies whose names have the words of the lead's


@dataclass(frozen=True)
class Asked:
    """What a conversion is asked to be made into: numbers of records that are there, and how the lead's company is found otherwise."""

    lead: int
    domain: str | None
    called: str
    account: int | None = None
    contact: int | None = None
    opportunity: int | None = None


@dataclass(frozen=True)
class Ground:
    """A lead that is to be converted, and what is there already.

    ``accounts`` are the companies it may go to that are there, those that are held among them, by number. ``conversion`` is the one that
    holds, or that the caller's key made. ``contact`` is who is surely the lead: said to be, or with its mail address.
    ``account_by_domain`` is the company of its mail address, ``account_called`` the one that is called as was asked, where it works
    nowhere and neither is. ``first_stage`` is where new opportunities stand. ``owner_told``: whose its history says it is.
    """

    lead: Lead
    is_present: bool
    stage: Stage
    accounts: dict[int, Account]
    conversion: int | None
    contact: int | None
    account_by_domain: int | None
    account_called: int | None
    first_stage: tuple[int, str] | None
    owner_told: str | None
    definitions: dict[str, dict[str, Definition]]
    mapping: tuple[Mapped, ...]


# Nothing else of it is read, so nothing else is written back: nobody holds the row of a company whose people are held.
_ACCOUNT = ("id", "name", "domain", "fields", "created_at")
# Those called so have the fewest other words: they are among the shortest.
_CALLED = f"""SELECT id, name FROM crm_account WHERE taken_back_at IS NULL AND words @@ to_tsquery('simple', %(called)s)
    ORDER BY length(name), id LIMIT {LOOKED_AT}"""
_ALIKE = f"""CASE WHEN NOT EXISTS (SELECT FROM crm_account WHERE (id = lead.account_id OR domain = %(domain)s) AND taken_back_at IS NULL)
    THEN (SELECT jsonb_agg(jsonb_build_array(id, name)) FROM ({_CALLED}) AS alike) END"""
_BY_DOMAIN = "(SELECT id FROM crm_account WHERE domain = %(domain)s AND taken_back_at IS NULL)"
_CONTACT = """coalesce(
    (SELECT id FROM crm_contact AS one WHERE one.lead_id = lead.id AND one.taken_back_at IS NULL ORDER BY id LIMIT 1),
    (SELECT id FROM crm_contact WHERE lower(crm_contact.fields ->> 'email') = lower(lead.fields ->> 'email')
        AND crm_contact.taken_back_at IS NULL ORDER BY id LIMIT 1))"""
_LIKELY = f"""SELECT lead.account_id,
    (SELECT account_id FROM crm_opportunity WHERE id = %(opportunity)s),
    (SELECT firm.id FROM crm_contact AS person JOIN crm_account AS firm ON firm.id = person.account_id
        WHERE person.id = coalesce(%(contact)s, {_CONTACT}) AND firm.taken_back_at IS NULL),
    (SELECT id FROM crm_account WHERE id = lead.account_id AND taken_back_at IS NULL), {_BY_DOMAIN}, {_ALIKE}
    FROM crm_lead AS lead WHERE lead.id = %(lead)s"""
_GROUND = f"""SELECT {PRESENT}, lead.fields, lead.owner_id, lead.account_id, lead.rating, standing.stage,
    (SELECT jsonb_agg(jsonb_build_array({", ".join(_ACCOUNT)})) FROM crm_account WHERE taken_back_at IS NULL AND id IN (
        SELECT unnest(%(held)s::bigint[]) UNION SELECT lead.account_id UNION SELECT id FROM crm_account WHERE domain = %(domain)s)),
    (SELECT id FROM lifecycle_conversion AS done WHERE done.lead_id = lead.id AND (undone_at IS NULL OR key = %(key)s)
        ORDER BY key IS NOT DISTINCT FROM %(key)s AND key IS NOT NULL DESC, id DESC LIMIT 1),
    {_CONTACT}, {_BY_DOMAIN}, {_ALIKE},
    (SELECT jsonb_build_array(stage.id, stage.name)
        FROM crm_pipelinestage AS stage JOIN crm_pipeline AS pipeline ON pipeline.id = stage.pipeline_id
        WHERE NOT is_won AND NOT is_lost ORDER BY pipeline.place, pipeline.id, stage.place LIMIT 1),
    (SELECT value #>> '{{}}' FROM crm_fieldchange WHERE lead_id = lead.id AND field = 'owner_id' ORDER BY known_at DESC, id DESC LIMIT 1),
    (SELECT jsonb_agg(jsonb_build_array(subject, name, label, kind, choices, retired_at IS NOT NULL) ORDER BY name)
        FROM crm_fielddefinition),
    (SELECT rows FROM lifecycle_conversionmapping ORDER BY id DESC LIMIT 1)
    FROM crm_lead AS lead LEFT JOIN lifecycle_leadstage AS standing ON standing.lead_id = lead.id WHERE lead.id = %(lead)s"""


def likely_accounts(cursor: Any, asked: Asked) -> set[int]:
    """Return the companies of whom a conversion is likely to need the people: where the lead works, and where it goes.

    Nothing is held yet, so whoever holds them looks again, at :func:`ground_of`.
    """
    cursor.execute(_LIKELY, vars(asked) | {"called": _asked(asked.called)})
    works_at, *found, alike = cursor.fetchone()
    goes_to = asked.account or next(filter(None, found), None) or _called_so(asked.called, _plain(alike) or [])
    return {each for each in (works_at, goes_to) if each is not None}


def ground_of(cursor: Any, asked: Asked, *, held: Iterable[int], key: str | None) -> Ground:
    """Return what a conversion of a lead is made on; the people of the companies ``held`` are held."""
    cursor.execute(_GROUND, vars(asked) | {"called": _asked(asked.called), "held": list(held), "key": key})
    (is_present, fields, owner, account, rating, stage, accounts, conversion, contact, by_domain, alike, first, owner_told, defined,
     rows) = cursor.fetchone()  # fmt: skip
    definitions = _definitions(_plain(defined) or [])
    return Ground(
        Lead(pk=asked.lead, fields=_plain(fields), owner_id=owner, account_id=account, rating=rating),
        is_present,
        Stage(stage or Stage.INQUIRY),
        {each.pk: each for each in map(_account, _plain(accounts) or [])},
        conversion,
        contact,
        by_domain,
        _called_so(asked.called, _plain(alike) or []),
        tuple(_plain(first)) if first is not None else None,
        owner_told,
        definitions,
        mapping_of(_plain(rows), definitions),
    )


def _account(told: list[Any]) -> Account:
    """Return a company as the database has it."""
    number, name, domain, fields, created_at = told
    return Account.from_db("default", _ACCOUNT, [number, name, domain, fields, datetime.fromisoformat(created_at)])


def _definitions(defined: list[Any]) -> dict[str, dict[str, Definition]]:
    found = {subject: dict(shipped(subject)) for subject in SUBJECTS}
    for subject, name, label, kind, choices, is_retired in defined:
        found[subject][name] = Definition(name, label, kind, tuple(choices), is_retired=is_retired)
    return found


def _plain(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def account_called(said: str) -> int | None:
    """Return the company that is called as somebody says, whatever its legal form; of several, the first: another would double it again."""
    with connection.cursor() as cursor:
        cursor.execute(_CALLED, {"called": _asked(said)})
        return _called_so(said, cursor.fetchall())


def _asked(said: str) -> str | None:
    """Return a search for the words of a company's name; None where there are none."""
    name = bare(said)
    whole = [word for word in words(said) if len(word) > 1 and word in name] or words(said)  # A. B. C. is kept as three words
    return " & ".join(f"'{word}'" for word in whole) or None


def _called_so(said: str, alike: Iterable[Sequence[Any]]) -> int | None:
    """Return the first of some companies, number and name each, that is called so."""
    name = sorted(bare(said))
    return min((number for number, called in alike if sorted(bare(called)) == name), default=None)
