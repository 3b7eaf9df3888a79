"""Newest: of rules about activities the latest that matches, however old; what gave nothing is told apart by it from what never was."""

import ibis
from ibis import _

from vaglio.ask import Banded, EachActivity
from vaglio.plan.detail import message_of, rule_names
from vaglio.plan.each import aged_rows, identity
from vaglio.plan.joins import inner_join
from vaglio.plan.readers import FOREVER, Reader, measures
from vaglio.plan.values import Answers


def newest(answers: Answers) -> ibis.Table | None:
    """Return ``lead_id, rule_id, activity_type, occurred_us, message_id`` of the leads' own activities; None: no rule asks for any."""
    if answers.signatures is None:
        return None
    rows = aged_rows(answers.signatures, "newest", _chosen(answers), told=True)
    if rows is None:
        return None
    order = ibis.window(group_by=["lead_id", "rule"], order_by=[ibis.desc(rows.occurred_us), *identity(rows)])
    place = ibis.row_number().over(order)
    slim = rows.select("lead_id", "rule", "activity_type", "occurred_us", message_id=message_of(rows), newest=place)
    latest = answers.steps.shallow("newest_rows", slim.filter(_.newest == 0))
    found = inner_join(latest, rule_names(answers, "newest_names"), ["rule"])
    return found.select("lead_id", "rule_id", "activity_type", "occurred_us", "message_id")


def _chosen(answers: Answers) -> list[tuple[Reader, dict[str, int]]]:
    found = []
    for scored in answers.rules:
        constants = {"rule": scored.number, "horizon": FOREVER}
        if isinstance(scored.ask, EachActivity):
            found.append((answers.readers.each[scored.number], constants))
        elif isinstance(scored.ask, Banded):
            own = (measure for measure in measures((scored,)) if measure.stat != "colleagues")
            found += [(answers.readers.of_measure(measure), constants) for measure in own]
    return found
