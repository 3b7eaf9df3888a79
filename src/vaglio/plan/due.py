"""Who is due: the leads whose score may be another than it was, and the facts that scoring them again takes."""

from dataclasses import dataclass

import ibis
from ibis import _

from vaglio.document import ModelDocument
from vaglio.plan.build import Plan
from vaglio.plan.chains import some
from vaglio.plan.digest import counts_colleagues, digests
from vaglio.plan.facts import Facts
from vaglio.plan.readers import collect, scored_rules
from vaglio.plan.steps import Steps


@dataclass(frozen=True)
class Remembered(Facts):
    """Facts, and what is remembered of an earlier run: ``lead_id``, ``next_us``, ``fields_digest`` of each lead that got a score then.

    ``recent``: activities among which are all that became known since, where those are found sooner than by a look at all.
    """

    previous: ibis.Table | None = None
    recent: ibis.Table | None = None


def digest_plan(steps: Steps, document: ModelDocument, facts: Facts) -> Plan:
    """Return the plan of the ``digests`` of all leads: ``lead_id, fields_digest``."""
    table = digests(steps, document, facts).select("lead_id", "fields_digest")
    return Plan(steps.token, tuple(steps.made), {"digests": table})


def due_plan(steps: Steps, document: ModelDocument, facts: Remembered, since: int) -> Plan:
    """Return the plan of who is due, of what became known after ``since`` [microseconds UTC] or by time alone.

    Its results: ``dropped`` (``lead_id`` of those whose earlier row no longer holds), ``digests`` (``lead_id, fields_digest`` of those who
    are due), and their ``leads``, ``activities`` and ``field_changes`` as facts, where there are such.
    """
    known, previous = digests(steps, document, facts), facts.previous
    assert previous is not None
    before = previous.select(its_id="lead_id", next_us="next_us", its_digest="fields_digest")
    both = known.outer_join(before, [("lead_id", "its_id")])
    # Not as unions of those who are found: Spark fails on some that are.
    news = [_aged(steps, both), *(both.lead_id.isin(each.lead_id) for each in _active(steps, document, facts, since))]
    changed = steps.keep("changed", both.filter(some(news)).select("lead_id", "account_id", "fields_digest", "its_id"))
    due, gone = changed.filter(_.lead_id.notnull()), changed.filter(_.lead_id.isnull())
    if counts_colleagues(document):  # what happens to one is news to the others there, and takes them all to be scored
        colleague = known.account_id.notnull() & known.account_id.isin(due.account_id)
        due = steps.keep("due_together", known.filter(known.lead_id.isin(due.lead_id) | colleague))
    results = {
        "dropped": due.select("lead_id").union(gone.select(lead_id="its_id")),
        "digests": due.select("lead_id", "fields_digest"),
        "leads": steps.keep("due_leads", facts.leads.semi_join(due, "lead_id")),
    }
    if facts.activities is not None:
        results["activities"] = steps.keep("due_activities", _activities(steps, facts.activities, due))
    if facts.field_changes is not None:
        changes = facts.field_changes
        results["field_changes"] = steps.keep("due_changes", changes.filter((changes.subject != "lead") | changes.id.isin(due.lead_id)))
    return Plan(steps.token, tuple(steps.made), results)


def _aged(steps: Steps, both: ibis.Table) -> ibis.Value:
    """Return whether a lead is new or gone, is told of in other words than before, or may have another rating by time alone."""
    same = (both.fields_digest == both.its_digest).fill_null(False)
    return ~same | (both.next_us <= steps.now.as_of).fill_null(False)


def _active(steps: Steps, document: ModelDocument, facts: Remembered, since: int) -> list[ibis.Table]:
    """Return of whom an activity, or that it was a machine's, became known."""
    every = facts.activities
    if every is None:
        return []
    table = every if facts.recent is None else facts.recent
    types = collect(document, scored_rules(document)).types()

    def recent(instant: ibis.Value) -> ibis.Value:
        return (instant > ibis.literal(since, "int64")) & (instant <= steps.now.known_at)

    arrived = recent(table.received_us.fill_null(table.occurred_us) if "received_us" in table.columns else table.occurred_us)
    marked = recent(table.machine_us).fill_null(False) if "machine_us" in table.columns else ibis.literal(False)
    found = [table.filter((arrived | marked) & table.activity_type.isin(types)).select("lead_id")] if types else []
    if "message_id" in table.columns and "is_machine" in table.columns:
        # A message that a machine sent is one in every copy of it.
        machines = table.filter((arrived | marked) & table.is_machine.fill_null(False) & (table.message_id.fill_null("") != ""))
        found.append(every.semi_join(machines.select("message_id"), "message_id").select("lead_id"))
    return found


def _activities(steps: Steps, table: ibis.Table, due: ibis.Table) -> ibis.Table:
    """Return the activities of those who are due, and every copy of their messages: somebody else may have had a message first."""
    own = table.semi_join(due, "lead_id")
    if "message_id" not in table.columns:
        return own
    messages = steps.keep("due_messages", own.filter(_.message_id != "").select("message_id").distinct())
    return table.filter(table.lead_id.isin(due.lead_id) | table.message_id.isin(messages.message_id))
