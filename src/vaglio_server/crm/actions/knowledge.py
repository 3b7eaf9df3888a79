"""When something became known, and how it is written down.

A score must never have missed a fact that, by its instants, it should have seen. So whoever writes facts takes an advisory
lock *after* every lock on a lead, reads the clock under it, and holds it to the end of the transaction; whoever scores takes
it shared, reads the clock and its snapshot of the facts, and lets go. What is stamped before a score's instant is then in its
snapshot, and nothing else is.

A fact about an account is one about all who work there. So that nobody joins an account unseen while it is written to, whoever
locks leads takes a second lock shared before them, and whoever writes to an account takes it alone.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from vaglio_server.crm.logic.countries import written
from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.crm.models import PRESENT

Change = tuple[str, int, str, Any]  # of a record: its kind, id, field and the value it took
KNOWLEDGE = 730_410  # the advisory lock
KINDS = ("lead", "account", "contact", "opportunity")  # of records that have a history
MANY_CONTACTS = 730_417  # whoever looks up contacts and makes those that are missing does it alone, so that nobody is doubled
EARLIER = "earlier"  # by whom the history says what holds though nobody wrote it there when it came to be so
STAFF = 730_414  # the second one: who works where stands still


def lock_leads(
    cursor: Any, ids: list[int], emails: Iterable[str] = (), accounts: Iterable[int] = (), *, to_delete: bool = False
) -> list[int]:
    """Take the rows of some leads and of all whose scores may hang on them, and return their ids.

    Those are their colleagues, also at the companies they are about to be joined to (``accounts``, or by their mail addresses). Rows are
    taken in one order, so that writers wait for each other and never in a circle. ``to_delete``: nobody refers to them anew, either.
    """
    keep_joining(cursor)
    cursor.execute(
        # Questions that an index answers each; joined by OR, PostgreSQL would read all leads.
        """SELECT id FROM crm_lead WHERE id IN (
            SELECT unnest(%s::bigint[])
            UNION SELECT id FROM crm_lead WHERE account_id IN (SELECT account_id FROM crm_lead WHERE id = ANY(%s))
            UNION SELECT id FROM crm_lead WHERE account_id IN (SELECT id FROM crm_account WHERE domain = ANY(%s))
            UNION SELECT id FROM crm_lead WHERE account_id = ANY(%s)
        ) ORDER BY id """
        + ("FOR UPDATE" if to_delete else "FOR NO KEY UPDATE"),
        [ids, ids, [domain for domain in map(company_domain, emails) if domain], list(accounts)],
    )
    return [row[0] for row in cursor.fetchall()]


def lock_staff(cursor: Any, *accounts: int) -> list[int]:
    """Take the rows of everybody at some accounts, whom nobody joins until the transaction ends, and return their ids."""
    lock_joining(cursor)
    cursor.execute("SELECT id FROM crm_lead WHERE account_id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(accounts)])
    return [row[0] for row in cursor.fetchall()]


def lock_joining(cursor: Any) -> None:
    """Let nobody join an account or come onto a list until the transaction ends; to be asked for before any row is taken."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [STAFF])


def keep_joining(cursor: Any) -> None:
    """Let nobody write to an account for itself until the transaction ends; others join it. To be asked for before any row is taken."""
    cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [STAFF])


def lock_places(cursor: Any, lead: int, accounts: Iterable[int]) -> list[int]:
    """Take the rows of a lead and of everybody at some accounts, whom nobody joins until the transaction ends, and return their ids.

    For what writes to a lead and to the accounts too; nobody else makes contacts meanwhile.
    """
    cursor.execute("SELECT pg_advisory_xact_lock(%s), pg_advisory_xact_lock(%s)", [MANY_CONTACTS, STAFF])
    cursor.execute(
        """SELECT id FROM crm_lead WHERE id IN (SELECT %s::bigint UNION SELECT id FROM crm_lead WHERE account_id = ANY(%s))
        ORDER BY id FOR NO KEY UPDATE""",
        [lead, list(accounts)],
    )
    return [row[0] for row in cursor.fetchall()]


def now_known(cursor: Any) -> datetime:
    """Return the instant at which what this transaction writes becomes known; to be asked for after every other lock."""
    # The clock is read once the lock is held: a CASE works its condition out first.
    cursor.execute("SELECT CASE WHEN pg_advisory_xact_lock(%s) IS NOT NULL THEN clock_timestamp() END", [KNOWLEDGE])
    at: datetime = cursor.fetchone()[0]
    return at


def make_due(cursor: Any, leads: list[int], at: datetime) -> None:
    """Have leads scored again; their rows are held already."""
    if not leads:
        return
    cursor.execute(f"UPDATE crm_lead SET due_at = %s WHERE id = ANY(%s) AND {PRESENT}", [at, leads])


def column_text(value: Any) -> str | None:
    """Return the value of a column as history keeps it: ids, days and amounts are texts there."""
    return None if value is None else str(value)


def write_changes(cursor: Any, subject: str, changes: Iterable[tuple[int, str, Any]], known_at: datetime, by: str) -> None:
    """Write the history of some records: id, field and the value it took, None where it was cleared."""
    rows = [(record, name, json.dumps(value), known_at, by, written(value)) for record, name, value in changes]
    if rows:
        copy_rows(cursor, f"crm_fieldchange ({subject}_id, field, value, known_at, by, written)", rows)


def write_changes_of_each(
    cursor: Any, changes: Iterable[Change], known_at: datetime, by: str, *, earlier: Iterable[Change] = ()
) -> None:  # fmt: skip
    """Write the history of records of several kinds at once; ``earlier`` is what held before and the history does not say."""
    rows = [
        [*(record if kind == subject else None for kind in KINDS), name, json.dumps(value), known_at, who, written(value)]
        for who, told in ((EARLIER, earlier), (by, changes)) for subject, record, name, value in told
    ]  # fmt: skip
    if rows:
        copy_rows(cursor, f"crm_fieldchange ({', '.join(f'{kind}_id' for kind in KINDS)}, field, value, known_at, by, written)", rows)


def copy_rows(cursor: Any, target: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows into a table named with its columns, by COPY."""
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
