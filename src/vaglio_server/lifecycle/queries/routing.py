"""Where leads go: the first rule that fits each."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import groupby

from django.db.models import Count, QuerySet
from django.utils import timezone

from vaglio_server.lifecycle.logic.assignment import Route
from vaglio_server.lifecycle.models import Assignment, RoutingRule, StageMove
from vaglio_server.lifecycle.queries.clocks import usual_calendar
from vaglio_server.views.logic.conditions import Condition, Unclear, read
from vaglio_server.views.queries import Fits, fits_among, offer


def rules() -> QuerySet[RoutingRule]:
    """Return the rules in order."""
    return RoutingRule.objects.select_related("team", "user").order_by("position", "id")


def routes_of(leads: Mapping[int, str | None], now: datetime) -> dict[int, Route]:
    """Return where each of some leads goes, by its rating: as the first rule says that fits; of whom none fits, nothing is said."""
    asked = [each for each in rules() if each.is_on and (each.team_id or each.user_id)]
    if not asked:
        return {}
    fits = fits_of(asked, leads, now)
    fitting = [(each, whom_fits(each, leads, fits)) for each in asked]
    found = {}
    for lead, rating in leads.items():
        rule = next((each for each, those in fitting if lead in those and (not each.ratings or rating in each.ratings)), None)
        if rule is not None:
            found[lead] = Route(rule.pk, rule.team_id, rule.user_id)
    return found


def assigned_by_rule(since: datetime) -> dict[int | None, int]:
    """Return how many leads each rule gave to somebody since an instant; under None without a rule."""
    given = Assignment.objects.filter(at__gte=since).order_by().values_list("rule").annotate(Count("id"))
    return dict(given)


def came_lately(since: datetime, limit: int) -> dict[int, str | None]:
    """Return the leads that came to sales last since an instant, each with the rating it had then."""
    came = StageMove.objects.filter(verb="qualify", at__gte=since).order_by("-id").values_list("lead", "rating")
    return dict(came[:limit])


def fit_counts(among: Iterable[RoutingRule], leads: Mapping[int, str | None], now: datetime) -> dict[int, int]:
    """Return how many of some leads each rule fits that is on, whichever rule they go by."""
    asked = [each for each in among if each.is_on]
    fits = fits_of(asked, leads, now)
    return {each.pk: sum(1 for lead in whom_fits(each, leads, fits) if not each.ratings or leads[lead] in each.ratings) for each in asked}


def fits_of(asked: Iterable[RoutingRule], leads: Collection[int], now: datetime) -> Fits:
    """Return which of some leads each condition of some rules fits; days are those of the usual calendar, whoever looks."""
    conditions = [each for rule in asked for each in conditions_of(rule)]
    if not conditions:
        return Fits({}, {})
    with timezone.override(usual_calendar().zone):
        return fits_among(leads, conditions, now, offer())


def conditions_of(rule: RoutingRule) -> list[Condition]:
    """Return the conditions of a rule that are any."""
    found = []
    for text in rule.conditions:
        try:
            found.append(read(text))
        except Unclear:
            continue
    return found


def whom_fits(rule: RoutingRule, leads: Collection[int], fits: Fits) -> frozenset[int]:
    """Return the leads of whom a rule's conditions hold; of those that ask the same of one field, one is enough.

    A rule with a condition that cannot be asked any more holds of nobody: rather nobody's lead than a wrong seller's.
    """
    conditions = conditions_of(rule)
    if len(conditions) < len(rule.conditions) or any(text in fits.faults for text in rule.conditions):
        return frozenset()
    found = frozenset(leads)
    for group in grouped(conditions):
        found &= frozenset[int]().union(*(fits.leads[str(each)] for each in group))
    return found


def grouped(conditions: Iterable[Condition]) -> list[list[Condition]]:
    """Return conditions by what they ask of what: one of each group is enough."""
    return [list(group) for _key, group in groupby(sorted(conditions, key=_asks), key=_asks)]


def _asks(condition: Condition) -> tuple[str, str, str]:
    is_other = condition.how in ("is_not", "least", "most", "after", "before")  # these narrow; more of them narrow more
    return condition.subject, condition.name, str(condition) if is_other else condition.how
