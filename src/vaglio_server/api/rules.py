"""Rules that say where leads go, in the order in which they are asked: read, made, changed, put in order, removed."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from ninja import Router, Schema, Status
from pydantic import Field

from vaglio_server.api.seen import found_or_404, marketer, named_or_404
from vaglio_server.api.tokens import WRITING
from vaglio_server.lifecycle.actions import Ruling, change_rule, create_rule, move_rule, remove_rule
from vaglio_server.lifecycle.models import RoutingRule
from vaglio_server.lifecycle.queries import assigned_by_rule, rules, selling_users
from vaglio_server.users.models import Team, User

router = Router(tags=["routing"])
LATELY = timedelta(days=30)


class RuleOut(Schema):
    """A rule: leads of these ratings (none: all) of whom its conditions hold go to a team or to a seller; the first that fits holds.

    ``conditions`` are filters of the list of leads. ``sent`` is how many it gave to somebody within 30 days.
    """

    id: int
    name: str
    is_on: bool
    ratings: list[str]
    conditions: list[str]
    team: str | None
    seller: str | None
    sent: int


class RuleIn(Schema):
    """What a rule says, whole: it leads to a team or to a seller, by name; without conditions and ratings it fits every lead."""

    name: str
    team: str | None = None
    seller: str | None = None
    ratings: list[str] = Field(default_factory=list, max_length=16)
    conditions: list[str] = Field(default_factory=list, max_length=1_000)
    is_on: bool = True


class PlaceIn(Schema):
    """One place up, or down."""

    to: Literal["up", "down"]


@router.get("/rules", response=list[RuleOut], operation_id="routing_rules")
def routing_rules(request: Any) -> Any:
    """Return the rules in the order in which they are asked (administrators and marketing)."""
    marketer(request)
    sent = assigned_by_rule(datetime.now(UTC) - LATELY)
    return [_out(each, sent.get(each.pk, 0)) for each in rules()]


@router.post("/rules", response={201: RuleOut}, operation_id="routing_rules_make", auth=WRITING)
def routing_rules_make(request: Any, body: RuleIn) -> Any:
    """Make a rule that is asked after all others."""
    made = create_rule(by=marketer(request), says=_says(body), at=datetime.now(UTC))
    return Status(201, _out(made, 0))


@router.put("/rules/{int:rule_id}", response=RuleOut, operation_id="routing_rules_change", auth=WRITING)
def routing_rules_change(request: Any, rule_id: int, body: RuleIn) -> Any:
    """Say anew what a rule says; what is not named is as in a new one."""
    by, rule, now = marketer(request), _rule(rule_id), datetime.now(UTC)
    changed = change_rule(rule=rule, says=_says(body), by=by, at=now)
    return _out(changed, assigned_by_rule(now - LATELY).get(rule_id, 0))


@router.post("/rules/{int:rule_id}/move", response=list[RuleOut], operation_id="routing_rules_move", auth=WRITING)
def routing_rules_move(request: Any, rule_id: int, body: PlaceIn) -> Any:
    """Have a rule asked one place earlier, or later, and return all in their order; the first stays the first."""
    by, rule = marketer(request), _rule(rule_id)
    move_rule(rule=rule, up=body.to == "up", by=by, at=datetime.now(UTC))
    return routing_rules(request)


@router.delete("/rules/{int:rule_id}", response={204: None}, operation_id="routing_rules_remove", auth=WRITING)
def routing_rules_remove(request: Any, rule_id: int) -> Any:
    """Remove a rule; who got leads by it keeps them."""
    by, rule = marketer(request), _rule(rule_id)
    remove_rule(rule=rule, by=by, at=datetime.now(UTC))
    return Status(204, None)


def _rule(number: int) -> RoutingRule:
    return found_or_404(rules(), number, f"there is no rule {number}")


def _says(body: RuleIn) -> Ruling:
    team = team_named(body.team) if body.team is not None else None
    user = seller_called(body.seller) if body.seller is not None else None
    return Ruling(body.name, body.conditions, body.ratings, team, user, is_on=body.is_on)


def _out(rule: RoutingRule, sent: int) -> RuleOut:
    return RuleOut(
        id=rule.pk, name=rule.name, is_on=rule.is_on, ratings=rule.ratings, conditions=rule.conditions,
        team=rule.team.name if rule.team else None, seller=rule.user.username if rule.user else None, sent=sent,
    )  # fmt: skip


def team_named(name: str) -> Team:
    """Return the team of a name."""
    return named_or_404(Team.objects.all(), f"there is no team {name[:100]}; teams are made on the page Users and teams", name=name)


def seller_called(name: str) -> User:
    """Return who sells and can sign in, by user name."""
    return named_or_404(selling_users(), f"there is no seller {name[:100]} who can sign in", username=name)
