"""Whose scores may change by what leads did: theirs, and their colleagues' where somebody counts among the active who did not before."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.tracking.logic.colleagues import Counted, to_ask

Rules = Callable[[], Sequence[Counted] | None]


@dataclass(frozen=True)
class News:
    """What is new: the types of what some leads ``did`` of whom nothing else is, all ``others``, and accounts that somebody may join."""

    did: Mapping[int, Collection[str]]
    others: Collection[int]
    joined: Collection[int]


def due_among(cursor: Any, held: Iterable[int], news: News, known_at: datetime, rules: Iterable[Counted]) -> list[int]:
    """Return whose scores may change among leads that are held: those something is new of, and their colleagues.

    To be asked under the lock on knowledge, before what they did is written down. A version that went live before is then among the
    rules, and after one that goes live later everybody is due anyway.
    """
    came, asked = to_ask(news.did, rules)
    for rule, leads in asked.items():
        came.update(set(leads) - _counted(cursor, leads, rule, known_at))
    cursor.execute("SELECT id, account_id FROM crm_lead WHERE id = ANY(%s)", [list(held)])
    accounts = dict(cursor.fetchall())
    quiet = {accounts[lead] for lead in news.did} - {accounts[lead] for lead in (*came, *news.others)} - set(news.joined)
    return [lead for lead, account in accounts.items() if lead in news.did or account is None or account not in quiet]


def _counted(cursor: Any, leads: list[int], rule: Counted, known_at: datetime) -> set[int]:
    """Return who counts by what is known of them already."""
    since = known_at - rule.within if rule.within is not None else None
    cursor.execute(
        """SELECT asked.id FROM unnest(%s::bigint[]) AS asked (id) WHERE EXISTS (
            SELECT FROM tracking_identitylink AS link JOIN tracking_activity AS act USING (identity_id)
            WHERE link.lead_id = asked.id AND link.ended_at IS NULL AND NOT act.is_machine
                AND act.activity_type = ANY(%s) AND act.occurred_at <= %s AND act.occurred_at > COALESCE(%s::timestamptz, '-infinity'))""",
        [leads, sorted(rule.types), known_at, since],
    )
    return {row[0] for row in cursor.fetchall()}


def accounts_at(cursor: Any, emails: Iterable[str]) -> list[int]:
    """Return the accounts that mail addresses lead to."""
    domains = sorted({domain for domain in map(company_domain, emails) if domain})
    if not domains:
        return []
    cursor.execute("SELECT id FROM crm_account WHERE domain = ANY(%s)", [domains])
    return [row[0] for row in cursor.fetchall()]
