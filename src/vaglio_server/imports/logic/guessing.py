"""What a file seems to hold, by its headings."""

from collections.abc import Sequence

from vaglio_server.imports.logic.contact_headings import CONTACT_OF, MARKS
from vaglio_server.imports.logic.fact_headings import CLOSING, MEMBER_OF, OUTCOME, OUTCOME_OF
from vaglio_server.imports.logic.headings import ACTIVITY_TYPE, COMPANY_OF, DOING_OF, EXTERNAL_ID, FIELD_OF, LIST, OCCURRED_AT, OWNER, plain

_PERSONAL = {"job_title", "employees", "phone", "lead_source"}  # of files that say who somebody is
# Of files that hold leads, whatever else stands there: a contact has no stage on the way to becoming one.
_OF_LEADS = {"lead id", "lead owner", "lead status", "lead source original", "do not modify lead", "lifecycle stage", "lead title"}
_CALLED = {"email", EXTERNAL_ID, "first_name", "last_name", "name", "company", OWNER, None}


def holds(headings: Sequence[str]) -> str:
    """Return what a file seems to hold by its headings."""
    bare = {plain(heading) for heading in headings}
    names = {FIELD_OF.get(each) for each in bare}
    is_personal = bool(_PERSONAL & names)
    if not is_personal and _is_outcome(bare):
        return "outcomes"
    if not is_personal and _is_doing(bare):
        return "activities"
    if _is_member(bare) and names <= _CALLED:
        return "members"
    if MARKS & bare and not _OF_LEADS & bare and {"email", EXTERNAL_ID} & {*names, *map(CONTACT_OF.get, bare)}:
        return "contacts"
    return "companies" if _is_firm(bare, names) else "leads"


def _is_outcome(bare: set[str]) -> bool:
    """Whether it says who, what became of them, and when that was, by a heading that means an end."""
    found = {OUTCOME_OF.get(each) for each in bare}
    return OUTCOME in found and bool({"email", EXTERNAL_ID} & found) and (bool(CLOSING & bare) or "outcome" in bare or "esito" in bare)


def _is_doing(bare: set[str]) -> bool:
    found = {DOING_OF.get(each) for each in bare}
    return {ACTIVITY_TYPE, OCCURRED_AT} <= found and bool({"email", EXTERNAL_ID} & found)


def _is_member(bare: set[str]) -> bool:
    found = {MEMBER_OF.get(each) for each in bare}
    return LIST in found and bool({"email", EXTERNAL_ID} & found)


def _is_firm(bare: set[str], names: set[str | None]) -> bool:
    firm = {COMPANY_OF.get(each) for each in bare}
    named = {FIELD_OF.get(each) for each in bare - {"record id"}}  # which companies of HubSpot have too
    is_firm = bool({"name", "domain"} & firm) and not {EXTERNAL_ID, "email", "first_name", "last_name", "job_title"} & named
    return is_firm and (bool({"domain", LIST, "annual_revenue"} & firm) or "company" in names)
