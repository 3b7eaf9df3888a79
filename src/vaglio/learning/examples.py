"""Leads to learn from: the facts as they were known at an instant of each, and what became of them after it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

import ibis
import numpy as np
from ibis import _
from numpy.typing import NDArray

from vaglio.dates import format_instant
from vaglio.errors import DataError
from vaglio.plan import Facts, Instants
from vaglio.plan.facts import field_column
from vaglio.plan.joins import inner_join
from vaglio.terms import COUNTS_AS

ANCHOR = 4_102_444_800_000_000  # microseconds UTC, 2100-01-01: where everybody's day of creation is put
TRUE = frozenset(("1", "1.0", "true", "yes", "y", "si", "sì", "da", "won", "converted"))
FALSE = frozenset(("0", "0.0", "false", "no", "n", "nu", "lost"))


@dataclass(frozen=True)
class Labels:
    """What became of leads: 1 or 0 by lead, how many were left out, by why, and when they ``came`` out well [µs UTC], if that is known."""

    of: dict[str, float]
    left_out: dict[str, int]
    came: dict[str, int] = field(default_factory=dict)

    def array(self, lead_ids: Sequence[str]) -> NDArray[np.float64]:
        """Return the labels of leads, NaN for those that have none."""
        return np.array([self.of.get(each, np.nan) for each in lead_ids])


@dataclass(frozen=True)
class Moment:
    """When leads are looked at, and how long outcomes are waited for [microseconds].

    ``at``: the instant, the same for all. ``age``: instead, how long after each lead was created.
    """

    at: int
    horizon: int
    age: int | None = None


def by_field(values: dict[str, str | None], positive: str | None, name: str) -> Labels:
    """Return labels from a field of the leads: ``positive`` is the value that says it came out well (None: yes, 1, true …).

    Raises
    ------
    DataError
        The field holds no value that says so, or nothing else.
    """
    told = {lead: value.strip() for lead, value in values.items() if value is not None and value.strip()}
    if not told:
        what = f"none of {len(values):,} leads has a value of {name}" if values else "the leads file holds no leads"
        raise DataError("outcome_empty", what, "give leads of which it is known what became of them", column=name)
    seen = sorted({value for value in told.values()})
    if positive is None:
        unclear = [value for value in seen if value.lower() not in TRUE | FALSE]
        if unclear:
            shown = ", ".join(repr(each) for each in unclear[:5])
            raise DataError("outcome_unclear", f"{name} holds {shown}", "say which is the good one, as --positive Won", column=name)
        good = {value for value in seen if value.lower() in TRUE}
    else:
        good = {value for value in seen if value.lower() == positive.lower()}
        if not good:
            shown = ", ".join(repr(each) for each in seen[:5])
            raise DataError("outcome_absent", f"no lead has {name} = {positive!r}; there are {shown}", "check --positive", column=name)
    blank = len(values) - len(told)
    return Labels({lead: float(value in good) for lead, value in told.items()}, {"without a value of the outcome": blank} if blank else {})


def by_outcomes(outcomes: Iterable[tuple[str, str, int | None]], created: dict[str, int | None], good: str, moment: Moment) -> Labels:
    """Return labels from dated outcomes: whether a lead had ``good``, or what counts as it, within the horizon after its moment.

    Who had it before, was created after the moment, or whose horizon is not over at the end of what is known, is left out.

    Raises
    ------
    DataError
        No lead has that outcome, outcomes have no dates, or the horizon is not over.
    """
    first: dict[str, int] = {}
    end = None
    kinds, counts = set(), COUNTS_AS.get(good, (good,))
    for lead, kind, occurred in outcomes:
        kinds.add(kind)
        if kind in counts and occurred is None:
            raise DataError("outcome_undated", f"an outcome {kind!r} of lead {lead} has no date", "fill occurred_at", table="outcomes")
        if occurred is not None:
            end = occurred if end is None else max(end, occurred)
            if kind in counts:
                first[lead] = min(occurred, first.get(lead, occurred))
    if not first:
        shown = ", ".join(sorted(kinds)[:6]) or "nothing"
        raise DataError("outcome_absent", f"no outcome {good!r}; there is {shown}", "check --positive", table="outcomes")
    if moment.age is None and moment.at + moment.horizon > (end or 0):
        raise DataError(
            "horizon_not_over",
            f"the last outcome is of {format_instant(end or 0)[:10]}, so the horizon after {format_instant(moment.at)[:10]} is not over",
            "choose an earlier --as-of or --until, or a shorter --horizon", table="outcomes",
        )  # fmt: skip
    return _judged(created, first, moment, end or 0)


def _judged(created: dict[str, int | None], first: dict[str, int], moment: Moment, end: int) -> Labels:
    found: dict[str, float] = {}
    out = {"created later, or without a date of creation": 0, "came out well before": 0, "not watched for long enough": 0}
    for lead, born in created.items():
        at = moment.at if moment.age is None else (born + moment.age if born is not None else None)
        came = first.get(lead)
        if at is None or (moment.age is None and born is not None and born > at):
            out["created later, or without a date of creation"] += 1
        elif came is not None and came <= at:
            out["came out well before"] += 1
        elif at + moment.horizon > end:
            out["not watched for long enough"] += 1
        else:
            found[lead] = float(came is not None and came <= at + moment.horizon)
    return Labels(found, {why: leads for why, leads in out.items() if leads}, first)


def at_age(facts: Facts, age: int, *, together: bool = False, dates: Collection[str] = ()) -> tuple[Facts, Instants]:
    """Return facts with everybody's clock set so that all were created at one instant, and the instants that are ``age`` after it.

    So one question to the engine sees each lead as it was at that age, and nothing that came later. Colleagues are of different ages, so
    where companies have a history each lead gets its company for itself; ``together`` leaves them one, for rules that count colleagues, as
    it is now. Whoever is on a list by its company is on it by itself. ``dates``: the fields of dates that are set with the clocks, so
    that what lay ahead of a lead still does; ``account.`` before those of companies, which need companies that are not ``together``.
    """
    changes, lists = facts.field_changes, facts.lists
    own = frozenset(name for name in dates if not name.startswith("account."))
    of_account = frozenset(name.removeprefix("account.") for name in dates if name.startswith("account."))
    if lists is not None:
        lists = _lists_of_leads(facts.leads, lists, _born(facts))
    if changes is not None:
        theirs = _moved(changes.filter(_.subject == "lead"), _born(facts), "id", ("known_us",), _is_date(own))
    if facts.accounts is not None and not together and (changes is not None or of_account):
        facts, history = _with_own_accounts(facts, facts.accounts, of_account)
        changes = None if changes is None or history is None else _with_own_ids(theirs).union(history)
    elif changes is not None:
        changes = theirs
    leads = facts.leads.mutate(
        created_us=ibis.ifelse(_.created_us.notnull(), ibis.literal(ANCHOR, "int64"), ibis.null("int64")),
        **{field_column(name): facts.leads[field_column(name)] - facts.leads.created_us + ibis.literal(ANCHOR, "int64") for name in own},
    )
    acts = facts.activities
    if acts is not None:
        acts = _moved(acts, _born(facts), "lead_id", ("occurred_us", "received_us", "machine_us"))
    return replace(facts, leads=leads, activities=acts, field_changes=changes, lists=lists), Instants(ANCHOR + age, ANCHOR + age)


def _lists_of_leads(leads: ibis.Table, lists: ibis.Table, born: ibis.Table) -> ibis.Table:
    """Return who is on lists with clocks set; members by their company, as it is now, as members by themselves."""
    of = leads.select("lead_id", member_id="account_id").filter(_.member_id != "")
    by_account = inner_join(lists.filter(_.member_type == "account"), of, ["member_id"])
    own = lists.filter(_.member_type == "lead").union(
        by_account.mutate(member_type=ibis.literal("lead"), member_id=_.lead_id).select(*lists.columns)
    )
    return _moved(own, born, "member_id", ("from_us", "to_us", "known_us"))


def _with_own_accounts(facts: Facts, accounts: ibis.Table, dates: Collection[str]) -> tuple[Facts, ibis.Table | None]:
    """Return facts in which each lead has the companies it is or was of for itself, and the history of these with clocks set."""
    changes = facts.field_changes
    of = facts.leads.select("lead_id", "account_id").filter(_.account_id != "")
    if changes is not None:
        moves = changes.filter(_.subject == "lead", _.field == "account_id").select(lead_id="id", account_id="text")
        of = of.union(moves.filter(_.account_id != "")).distinct()
    of = inner_join(of, _born(facts), ["lead_id"]).select("account_id", "born_us", own_id=_own_id(_.lead_id, _.account_id))
    copied = inner_join(accounts, of, ["account_id"])
    aged = {field_column(name): copied[field_column(name)] - copied.born_us + ibis.literal(ANCHOR, "int64") for name in dates}
    history = None
    if changes is not None:
        of_accounts = inner_join(changes.filter(_.subject == "account"), of.rename(id="account_id"), ["id"])
        history = _set(of_accounts, ("known_us",), _is_date(dates)).mutate(id=_.own_id).select(*changes.columns)
    leads = facts.leads.mutate(account_id=_own_id(_.lead_id, _.account_id))
    return replace(facts, leads=leads, accounts=copied.mutate(account_id=_.own_id, **aged).select(*accounts.columns)), history


def _with_own_ids(changes: ibis.Table) -> ibis.Table:
    """Return the history of leads in which each moves between companies that are its own."""
    return changes.mutate(text=ibis.ifelse(_.field == "account_id", _own_id(_.id, _.text), _.text))


def _is_date(fields: Collection[str]) -> Callable[[ibis.Table], ibis.Value] | None:
    """Return which rows of a history are of these dates; None where there is none."""
    return (lambda table: table.field.isin(sorted(fields))) if fields else None


def _own_id(lead: ibis.Value, account: ibis.Value) -> ibis.Value:
    """Return the id of a company as one lead has it for itself; nothing where there is none."""
    return ibis.ifelse(account != "", lead + ibis.literal("\x1f") + account, ibis.null("string"))


def _born(facts: Facts) -> ibis.Table:
    return facts.leads.select("lead_id", born_us=_.created_us)


def _moved(
    table: ibis.Table, born: ibis.Table, key: str, columns: Sequence[str], is_date: Callable[[ibis.Table], ibis.Value] | None = None
) -> ibis.Table:  # fmt: skip
    joined = inner_join(table, born.rename({key: "lead_id"}) if key != "lead_id" else born, [key])
    return _set(joined, columns, is_date).select(*table.columns)


def _set(table: ibis.Table, columns: Sequence[str], is_date: Callable[[ibis.Table], ibis.Value] | None) -> ibis.Table:
    """Return rows that have ``born_us`` with clocks set: instants in some columns, and the dates among what is ``whole`` in a history."""
    by = ibis.literal(ANCHOR, "int64") - table.born_us
    moved = {name: table[name] + by for name in columns if name in table.columns}
    if is_date is not None:
        moved["whole"] = ibis.ifelse(is_date(table), table.whole + by, table.whole)
    return table.mutate(**moved)
