"""Digests: one number for all that a model knows of a lead beside its activities, to notice that any of it is another.

A digest is made of values as they were known, of the whole entries of lists (one that has ended may still change what a score was), and,
where a rule counts colleagues, of who they are. It holds the version of Vaglio too: what another one scores is not taken for its own.
"""

from collections.abc import Iterable

import ibis
from ibis import _

from vaglio import __version__
from vaglio.document import ModelDocument
from vaglio.plan.facts import Facts
from vaglio.plan.joins import left_join
from vaglio.plan.known import known_people
from vaglio.plan.people import used_fields
from vaglio.plan.readers import measures, scored_rules
from vaglio.plan.steps import Steps

PART = 2**40 - 1  # the bits of a number of which many are added up without passing 64


def digests(steps: Steps, document: ModelDocument, facts: Facts) -> ibis.Table:
    """Return ``lead_id, account_id, fields_digest`` of every lead that existed, kept."""
    rules = scored_rules(document)
    own, of_account = used_fields(document, rules)
    table = known_people(steps, facts, own, of_account)
    told = [name for name in table.columns if name not in ("lead_id", "account_id")]
    more = [*_entries(steps, document, facts)]
    if counts_colleagues(document):
        table = steps.keep("told", table)
        more.append(("account_id", _members(steps, table)))
    for number, (key, found) in enumerate(more):
        names = {name: f"{name}_{number}" for name in ("id", "rows", "sum")}
        table = left_join(table, found.rename({new: old for old, new in names.items()}), key, names["id"])
        told += [names["rows"], names["sum"]]
    digest = steps.digested([ibis.literal(__version__), *(table[name] for name in told)])
    return steps.keep("digests", table.select("lead_id", "account_id", fields_digest=digest))


def counts_colleagues(document: ModelDocument) -> bool:
    """Return whether what one lead does is worth something to others of its account."""
    return any(measure.stat == "colleagues" for measure in measures(scored_rules(document)))


def _entries(steps: Steps, document: ModelDocument, facts: Facts) -> Iterable[tuple[str, ibis.Table]]:
    """Yield the entries of the model's lists by the lead, and by the account, that each is of."""
    names = list(document.lists())
    if facts.lists is None or not names:
        return
    rows = facts.lists.filter(_.list.isin(names))
    for member_type in ("lead", "account"):
        its = rows.filter(_.member_type == member_type)
        told = [its.list, its.from_us, its.to_us, its.known_us, its.known_us <= steps.now.known_at]
        yield f"{member_type}_id", _added(steps, its, its.member_id, told)


def _members(steps: Steps, table: ibis.Table) -> ibis.Table:
    its = table.filter(_.account_id.notnull())
    return _added(steps, its, its.account_id, [its.lead_id])


def _added(steps: Steps, table: ibis.Table, key: ibis.Value, values: list[ibis.Value]) -> ibis.Table:
    """Return ``id, rows, sum``: how many rows each key has, and a number for what they hold, whatever their order."""
    coded = table.select(id=key, code=steps.digested(values) & ibis.literal(PART, "int64"))
    return coded.group_by("id").aggregate(rows=_.count(), sum=_["code"].sum().cast("int64"))
