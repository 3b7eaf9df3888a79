"""Taking records back that a file brought. Nothing is deleted: what was known, stays known for the instants at which it was."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from vaglio_server.crm.actions.knowledge import write_changes
from vaglio_server.crm.actions.leads import write_values
from vaglio_server.crm.actions.owners import OWNER, write_owners
from vaglio_server.crm.models import UNRANKED, Lead

ACCOUNT = "account_id"  # a column, with a history like a field's


def take_back_leads(*, leads: Collection[int], known_at: datetime) -> None:
    """Say of leads that they are none any more; their rows must be held."""
    gone = {"due_at": None, "rating": None, "profile_millipoints": None, "engagement_millipoints": None, "rank": [UNRANKED]}
    Lead.objects.filter(pk__in=leads).update(taken_back_at=known_at, **gone)


def write_back(cursor: Any, values: Mapping[int, Mapping[str, Any]], known_at: datetime, *, by: str) -> None:
    """Write what fields of leads go back to (None: to nothing), their account and owner among them; the leads must be held."""
    fields = {lead: {name: value for name, value in found.items() if name not in (ACCOUNT, OWNER)} for lead, found in values.items()}
    write_values(cursor, fields, known_at, by)
    moved = {lead: found[ACCOUNT] for lead, found in values.items() if ACCOUNT in found}
    for lead, account in moved.items():
        cursor.execute("UPDATE crm_lead SET account_id = %s WHERE id = %s", [int(account) if account else None, lead])
    write_changes(cursor, "lead", [(lead, ACCOUNT, account) for lead, account in moved.items()], known_at, by)
    owned = {lead: found[OWNER] for lead, found in values.items() if OWNER in found}
    write_owners(cursor, {lead: int(owner) if owner else None for lead, owner in owned.items()}, known_at, by=by, is_told_later=True)


def take_back_accounts(cursor: Any, accounts: Collection[int], bringers: Collection[str], known_at: datetime) -> int:
    """Take those of some companies back that files brought (``bringers``) and nobody needs; return how many those are.

    Their domains are free then: whoever comes from there later brings a new company.
    """
    cursor.execute(
        """UPDATE crm_account AS firm SET taken_back_at = %s, domain = NULL WHERE firm.id = ANY(%s) AND firm.taken_back_at IS NULL
        AND EXISTS (SELECT FROM crm_fieldchange AS told WHERE told.account_id = firm.id)
        AND NOT EXISTS (SELECT FROM crm_fieldchange AS told WHERE told.account_id = firm.id AND NOT told.by = ANY(%s))
        AND NOT EXISTS (SELECT FROM crm_lead AS lead WHERE lead.account_id = firm.id AND lead.taken_back_at IS NULL)
        AND NOT EXISTS (SELECT FROM crm_contact AS person WHERE person.account_id = firm.id AND person.taken_back_at IS NULL)
        AND NOT EXISTS (SELECT FROM crm_opportunity AS sale WHERE sale.account_id = firm.id AND sale.taken_back_at IS NULL)
        AND NOT EXISTS (SELECT FROM crm_listmember AS member WHERE member.account_id = firm.id AND member.to_at IS NULL)
        AND NOT EXISTS (SELECT FROM crm_note AS note WHERE note.account_id = firm.id AND note.removed_at IS NULL)""",
        [known_at, list(accounts), list(bringers)],
    )
    return int(cursor.rowcount)
