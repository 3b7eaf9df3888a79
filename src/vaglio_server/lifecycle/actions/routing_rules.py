"""Rules that say where leads go: made, changed, put in order, removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio.terms import RATINGS
from vaglio_server.lifecycle.models import RoutingRule
from vaglio_server.ordering import moved
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit
from vaglio_server.users.models import Role, Team, User
from vaglio_server.views.logic.conditions import Unclear, read
from vaglio_server.views.queries import fits_among, offer

LONGEST_NAME, MOST_RULES, MOST_CONDITIONS = 100, 200, 50


@dataclass(frozen=True)
class Ruling:
    """What a rule says: of whom (conditions of the list of leads, ratings; none are all), and to whom: a team or somebody."""

    name: str
    conditions: Sequence[str] = ()
    ratings: Sequence[str] = ()
    team: Team | None = None
    user: User | None = None
    is_on: bool = True


@transaction.atomic
def create_rule(*, says: Ruling, by: str, at: datetime) -> RoutingRule:
    """Make a rule, after all others.

    Raises
    ------
    Refused
        Something does not fit.
    """
    rules = RoutingRule.objects.select_for_update().order_by("position", "id")
    if len(rules) >= MOST_RULES:
        raise Refused(_("there are {most_rules} rules already; remove some, or make one of several").format(most_rules=MOST_RULES))
    rule = _written(RoutingRule(position=max((each.position for each in rules), default=0) + 1), says, at)
    audit(by=by, verb="create_routing_rule", subject=f"routing_rule:{rule.pk}", at=at, **_told(rule))
    return rule


@transaction.atomic
def change_rule(*, rule: RoutingRule, says: Ruling, by: str, at: datetime) -> RoutingRule:
    """Change what a rule says.

    Raises
    ------
    Refused
        Something does not fit.
    """
    held = RoutingRule.objects.select_for_update().get(pk=rule.pk)
    before = _told(held)
    _written(held, says, at)
    if _told(held) != before:
        audit(by=by, verb="change_routing_rule", subject=f"routing_rule:{held.pk}", at=at, before=before, after=_told(held))
    return held


def _written(rule: RoutingRule, says: Ruling, at: datetime) -> RoutingRule:
    name = " ".join(says.name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(_("a rule has a name of up to {longest_name} characters").format(longest_name=LONGEST_NAME))
    if RoutingRule.objects.filter(name__iexact=name).exclude(pk=rule.pk).exists():
        raise Refused(_("there is a rule called {name} already").format(name=name))
    if (says.team is None) == (says.user is None):
        raise Refused(_("say where its leads go: to one team, or to one seller"))
    if says.user is not None and (says.user.role != Role.SALES or not says.user.is_active):
        raise Refused(_("{called} is no seller who can sign in").format(called=says.user.called))
    if unknown := [rating for rating in says.ratings if rating not in RATINGS]:
        raise Refused(_("{rating!r} is no rating; give some of {ratings}").format(rating=unknown[0][:10], ratings=", ".join(RATINGS)))
    rule.name, rule.team, rule.user, rule.is_on = name, says.team, says.user, says.is_on
    rule.ratings = [rating for rating in RATINGS if rating in says.ratings]
    rule.conditions = _asked(says.conditions, at)
    rule.save()
    return rule


def _asked(texts: Sequence[str], at: datetime) -> list[str]:
    try:
        conditions = [read(text) for text in dict.fromkeys(texts)]
    except Unclear as fault:
        raise Refused(_("a condition {fault}").format(fault=fault)) from fault
    if len(conditions) > MOST_CONDITIONS:
        raise Refused(_("a rule has at most {most_conditions} conditions").format(most_conditions=MOST_CONDITIONS))
    faults = fits_among((), conditions, at, offer()).faults if conditions else {}
    if faults:
        raise Refused("; ".join(f"{text}: {fault}" for text, fault in faults.items()))
    return [str(each) for each in conditions]


def _told(rule: RoutingRule) -> dict[str, object]:
    return {
        "name": rule.name, "conditions": list(rule.conditions), "ratings": list(rule.ratings), "team": rule.team_id, "user": rule.user_id,
        "is_on": rule.is_on,
    }  # fmt: skip


@transaction.atomic
def move_rule(*, rule: RoutingRule, up: bool, by: str, at: datetime) -> None:
    """Have a rule asked one place earlier, or later; the first stays the first."""
    rules = list(RoutingRule.objects.select_for_update().order_by("position", "id"))
    place = next((n for n, each in enumerate(rules) if each.pk == rule.pk), None)
    if place is None:
        raise Refused(_("this rule is gone"))
    now = moved(rules, place, up=up)
    if now is not None:
        for position, each in enumerate(rules, 1):
            each.position = position
        RoutingRule.objects.bulk_update(rules, ["position"])
        audit(by=by, verb="move_routing_rule", subject=f"routing_rule:{rule.pk}", at=at, position=now + 1)


@transaction.atomic
def remove_rule(*, rule: RoutingRule, by: str, at: datetime) -> None:
    """Remove a rule; who got leads by it keeps them."""
    audit(by=by, verb="remove_routing_rule", subject=f"routing_rule:{rule.pk}", at=at, **_told(rule))
    rule.delete()
