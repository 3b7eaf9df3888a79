"""Taking a conversion back within a day: what it made is gone, what it wrote is as it was, and the lead stands where it stood."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import (
    Fitting,
    lock_places,
    make_due,
    now_known,
    put,
    refuse_gone,
    set_account_of,
    take_back_outcomes,
    write_changes_of_each,
    write_owners,
)
from vaglio_server.crm.logic.standard import columns
from vaglio_server.crm.models import Account, Contact, Fate, LeadOutcome, Opportunity, OpportunityContact
from vaglio_server.lifecycle.actions.conversion import SAYS
from vaglio_server.lifecycle.actions.happenings import converted, given_by_hand, verdict_undone, write_happenings
from vaglio_server.lifecycle.actions.moves import write_moves
from vaglio_server.lifecycle.models import TEAM, Conversion, LeadStage, Made, SlaClock, Stage, StageMove
from vaglio_server.lifecycle.queries.built import built_on
from vaglio_server.lifecycle.queries.conversions import UNDO_WITHIN
from vaglio_server.lifecycle.queries.standing import stage_of
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit

LINKS = ("account_id", "owner_id", "lead_id")
_TABLES: dict[str, type[Contact] | type[Account] | type[Opportunity]] = {
    "contact": Contact,
    "account": Account,
    "opportunity": Opportunity,
}


@transaction.atomic
def undo_conversion(*, conversion: Conversion, by: str, at: datetime) -> Conversion:
    """Take a conversion back; one that was undone already stays so. A verdict that was part of it is taken back, and its clock runs on.

    Raises
    ------
    Refused
        It is older than a day, or something was built on it since; all of that is named.
    """
    with connection.cursor() as cursor:
        before = conversion.changed.get("lead", {}).get("account_id", [None])[0]
        staff = lock_places(cursor, conversion.lead_id, {conversion.account_id, *([int(before)] if before else [])})
        held = Conversion.objects.select_for_update(of=("self",)).select_related("lead").get(pk=conversion.pk)
        if held.undone_at is not None:
            return held
        refuse_gone(held.lead_id)
        _check(held, at)
        records = _hold(held)
        known_at = now_known(cursor)
        _put_lead_back(cursor, held, known_at, by, at)
        _put_back(cursor, held, records, known_at, by)
        _take_back(held, known_at)
        if {"account", "lead"} & held.changed.keys():
            make_due(cursor, staff, known_at)
        held.undone_at, held.undone_by = at, by
        held.save(update_fields=["undone_at", "undone_by"])
        _move_back(held, by, at)
    audit(by=by, verb="undo_conversion", subject=f"lead:{held.lead_id}", at=at, conversion=held.pk, gone=held.made)
    return held


def _check(made: Conversion, at: datetime) -> None:
    if at - made.converted_at > UNDO_WITHIN:
        raise Refused(_("this conversion is older than a day; change its records by hand"))
    if built := built_on(made):
        raise Refused(_("this conversion cannot be undone: {why}").format(why="; ".join(built)))


def _hold(made: Conversion) -> dict[str, Any]:
    """Take the rows of records that the conversion made or wrote to, and return those it wrote to, by kind."""
    numbers = {"contact": made.contact_id, "account": made.account_id, "opportunity": made.opportunity_id or 0}
    held = {
        kind: _TABLES[kind]._default_manager.select_for_update(no_key=True).filter(pk=numbers[kind]).first()
        for kind in ("opportunity", "contact", "account")
        if kind in made.changed or kind in made.made
    }
    return {kind: record for kind, record in held.items() if kind in made.changed}


def _put_back(cursor: Any, made: Conversion, records: Mapping[str, Any], known_at: datetime, by: str) -> None:
    """Write what records go back to that were there before, with its history."""
    history = []
    for kind, record in records.items():
        values = {name: before for name, (before, _after) in made.changed[kind].items()}
        own = columns(kind)
        fits = Fitting(
            {name: value for name, value in values.items() if name in own},
            {name: value for name, value in values.items() if name not in own and name not in LINKS},
            {name.removesuffix("_id"): None for name in values if name in LINKS},  # they were filled where there was none
        )
        history += [(kind, record.pk, name, value) for name, value in put(record, fits, known_at).items()]
    write_changes_of_each(cursor, history, known_at, by)
    if SAYS in made.changed:
        OpportunityContact.objects.filter(opportunity=made.opportunity_id, contact=made.contact_id).delete()


def _take_back(made: Conversion, known_at: datetime) -> None:
    """Say of the records that were made that they are none any more; the domain of a company is free again."""
    if Made.OPPORTUNITY.value in made.made:
        Opportunity.objects.filter(pk=made.opportunity_id or 0).update(taken_back_at=known_at)
    if Made.CONTACT.value in made.made:
        Contact.objects.filter(pk=made.contact_id).update(taken_back_at=known_at)
    if Made.ACCOUNT.value in made.made:
        Account.objects.filter(pk=made.account_id).update(taken_back_at=known_at, domain=None)


def _put_lead_back(cursor: Any, made: Conversion, known_at: datetime, by: str, at: datetime) -> None:
    changed = made.changed.get("lead", {})
    if "account_id" in changed:
        before = changed["account_id"][0]
        set_account_of(cursor, made.lead_id, int(before) if before else None, known_at, by=by)
    if "owner_id" in changed:
        owner = int(changed["owner_id"][0]) if changed["owner_id"][0] else None
        write_happenings(given_by_hand(write_owners(cursor, {made.lead_id: owner}, known_at, by=by), owner, by, at))
    if TEAM in changed:
        LeadStage.objects.filter(lead=made.lead_id).update(team=changed[TEAM][0])


def _move_back(made: Conversion, by: str, at: datetime) -> None:
    """Let the lead stand where it stood; a verdict that was part of the conversion does not hold, and what was promised is still open."""
    standing = stage_of(made.lead)
    undone = converted(made, is_undone=True)
    if standing is not None and standing.stage != made.stage_before:
        back = StageMove(
            lead=made.lead, verb="unconvert", before=standing.stage, after=made.stage_before, at=at, by=by, rating=made.lead.rating
        )
        write_moves([back], [undone, *([verdict_undone(back)] if made.is_accepted else [])], is_in_trail=True)
    else:
        write_happenings([undone])
    if not made.is_accepted:
        return
    verdicts = LeadOutcome.objects.present().filter(lead=made.lead_id, outcome=Fate.ACCEPTED, known_at=made.known_at)
    take_back_outcomes(outcomes=list(verdicts.values_list("pk", flat=True)), by=by, at=at)
    if made.stage_before == Stage.MARKETING_QUALIFIED:
        SlaClock.objects.filter(lead=made.lead_id, met_at=made.converted_at).update(met_at=None, ended_at=None)
