"""Facts as they were known: history applied, later arrivals, machine activity and duplicates left out."""

import ibis
from ibis import _

from vaglio.plan.facts import Facts, field_column
from vaglio.plan.joins import left_join
from vaglio.plan.steps import Now, Steps
from vaglio.terms import InputType

FieldTypes = dict[str, InputType]
Columns = dict[str, tuple[str, InputType]]  # column → the field it holds, with its type
_HELD_BY = {"string": "text", "number": "number"}  # the column of a history, by the type of the field; whole numbers are the rest


def known_leads(steps: Steps, facts: Facts, fields: FieldTypes) -> ibis.Table:
    """Return leads that existed, with their fields as known: ``lead_id, account_id, created_us, f_…``."""
    leads = facts.leads.filter(_.created_us.isnull() | (_.created_us <= steps.now.known_at))
    leads = leads.select("lead_id", "created_us", "account_id", *(field_column(name) for name in fields))
    columns: Columns = _columns(fields) | {"account_id": ("account_id", "string")}
    known = _with_history(steps, leads, "lead", columns, facts)
    # An account id is text like any other; empty means none, in history too.
    return known.mutate(account_id=known.account_id.nullif(""))


def known_accounts(steps: Steps, facts: Facts, fields: FieldTypes) -> ibis.Table | None:
    """Return accounts with their fields as known: ``account_id, f_…``."""
    if facts.accounts is None:
        return None
    accounts = facts.accounts.select("account_id", *(field_column(name) for name in fields))
    return _with_history(steps, accounts, "account", _columns(fields), facts)


def known_people(steps: Steps, facts: Facts, own: FieldTypes, of_account: FieldTypes) -> ibis.Table:
    """Return leads that existed with their fields and their accounts' as known: ``lead_id, account_id, created_us, f_…, a_…``."""
    table = known_leads(steps, facts, own)
    if not of_account:
        return table
    accounts = known_accounts(steps, facts, of_account)
    if accounts is None:
        nothing = {f"a_{name}": ibis.null("string" if kind == "string" else "int64") for name, kind in of_account.items()}
        return table.mutate(**nothing)
    renamed = accounts.select(its_id="account_id", **{f"a_{name}": accounts[field_column(name)] for name in of_account})
    return left_join(table, renamed, "account_id", "its_id").drop("its_id")


def _columns(fields: FieldTypes) -> Columns:
    return {field_column(name): (name, kind) for name, kind in fields.items()}


def _with_history(steps: Steps, table: ibis.Table, subject: str, read: Columns, facts: Facts) -> ibis.Table:
    if facts.field_changes is None or not read:
        return table
    key, known_at = f"{subject}_id", steps.now.known_at
    names = list(dict.fromkeys(name for name, _kind in read.values()))
    changes = facts.field_changes.filter(_.subject == subject, _.field.isin(names))
    # The latest known change of each field; a field with only later changes had no value yet.
    order = ibis.window(
        group_by=["id", "field"],
        order_by=[ibis.desc(_.known_us <= known_at), ibis.desc(_.known_us),
                  ibis.desc(_.text.notnull()), ibis.desc(_.text)],
    )  # fmt: skip
    latest = changes.mutate(place=ibis.row_number().over(order)).filter(_.place == 0)
    latest = latest.mutate(known=_.known_us <= known_at)
    columns = {}
    for column, (name, kind) in read.items():
        value = latest[_HELD_BY.get(kind, "whole")]
        columns[f"h_{column}"] = value.max(where=(latest.field == name) & latest.known)
        columns[f"has_{column}"] = (latest.field == name).any()
    wide = steps.keep(f"history_of_{subject}s", latest.group_by("id").aggregate(**columns).rename(history_id="id"))
    joined = left_join(table, wide, key, "history_id")
    chosen = {}
    for column in read:
        chosen[column] = ibis.ifelse(joined[f"has_{column}"].fill_null(False), joined[f"h_{column}"], joined[column])
    kept = [name for name in table.columns if name not in chosen]
    return joined.select(*kept, **chosen)


def known_activities(steps: Steps, facts: Facts, at: Now) -> ibis.Table | None:
    """Return human activities that were known and past at the instant."""
    table = facts.activities
    if table is None:
        return None
    if "received_us" in table.columns:
        table = table.filter(_.received_us.fill_null(_.occurred_us) <= at.known_at)
    else:
        table = table.filter(_.occurred_us <= at.known_at)
    if "message_id" in table.columns:
        table = _without_duplicates(steps, table)
    return steps.shallow("known_activities", _human(table.filter(_.occurred_us <= at.as_of), at))


def _human(table: ibis.Table, at: Now) -> ibis.Table:
    if "is_machine" not in table.columns:
        return table
    machine = table.is_machine.fill_null(False)
    if "machine_us" in table.columns:
        machine &= table.machine_us.isnull() | (table.machine_us <= at.known_at)
    return table.filter(~machine)


def _without_duplicates(steps: Steps, table: ibis.Table) -> ibis.Table:
    """Return one row per message: the earliest received, then occurred, then content; no message id is always its own."""
    properties = sorted(name for name in table.columns if name.startswith("p_"))
    received = _.received_us.fill_null(_.occurred_us) if "received_us" in table.columns else _.occurred_us
    order = [received, _.occurred_us, _.lead_id, _.activity_type]
    for name in properties:
        text = _[name].cast("string")
        order += [text.notnull(), text]
    with_id, once = _by_repetition(steps, table)
    window = ibis.window(group_by="message_id")
    marks = {}
    if "is_machine" in table.columns:
        machine = with_id.is_machine.fill_null(False)
        marks["is_machine"] = machine.any().over(window)
        if "machine_us" in table.columns:
            # A mark without an instant was known from the start: the earliest of the marks.
            first = ibis.ifelse(machine, with_id.machine_us.fill_null(-(2**62)), ibis.null("int64"))
            marks["machine_us"] = first.min().over(window)
    place = ibis.row_number().over(ibis.window(group_by="message_id", order_by=order))
    unique = with_id.mutate(place=place, **marks).filter(_.place == 0).drop("place")
    return unique.union(once.select(unique.columns))


def _by_repetition(steps: Steps, table: ibis.Table) -> tuple[ibis.Table, ibis.Table]:
    """Return the rows whose messages come more than once, and the rest.

    Few messages come twice, so only theirs are compared. Telling which they are costs a count, cheaper of codes than of texts; should two
    messages share a code, both are looked at and neither is lost.
    """
    given = table.message_id.nullif("")
    code = steps.coded(given)
    marked = table.mutate(mark=given if code is None else ibis.ifelse(given.notnull(), code, ibis.null("int64")))
    counted = marked.filter(_.mark.notnull()).group_by(repeated="mark").aggregate(copies=_.count())
    repeated = steps.keep("repeated", counted.filter(_.copies > 1).select("repeated"))
    return (
        marked.semi_join(repeated, [("mark", "repeated")]).drop("mark"),
        marked.anti_join(repeated, [("mark", "repeated")]).drop("mark"),
    )


def known_members(facts: Facts, names: list[str], at: Now) -> ibis.Table | None:
    """Return valid list members: ``list, member_type, member_id``, each once."""
    if facts.lists is None or not names:
        return None
    rows = facts.lists.filter(
        _.list.isin(names),
        _.from_us.isnull() | (_.from_us <= at.as_of),
        _.to_us.isnull() | (_.to_us > at.as_of),
        _.known_us.isnull() | (_.known_us <= at.known_at),
    )
    return rows.select("list", "member_type", "member_id").distinct()
