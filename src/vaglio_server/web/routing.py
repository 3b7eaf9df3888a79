"""Routing: where leads go, how teams share them, when sellers work and are away."""

from collections.abc import Sized
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vaglio.terms import RATINGS
from vaglio_server.lifecycle.actions import Ruling, Sharing, change_rule, create_rule, move_rule, remove_rule, send_again, set_queue
from vaglio_server.lifecycle.models import BusinessCalendar, RoutingRule, Share
from vaglio_server.lifecycle.queries import (
    assigned_by_rule,
    calendars_of,
    came_lately,
    conditions_of,
    fit_counts,
    grouped,
    open_with,
    pools,
    queues,
    rules,
    selling_users,
    unsent,
)
from vaglio_server.users.models import MARKETERS, Team, User
from vaglio_server.users.queries import teams
from vaglio_server.views.queries import Offer, fits_among, offer
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.conditions import condition_added, worded
from vaglio_server.web.hours import week_words
from vaglio_server.web.tried import tried
from vaglio_server.web.whole_number import whole_number

LATELY, LOOKED_AT = timedelta(days=30), 500  # of leads that came lately so many are asked whom a rule fits
LIST = "routing-list"


@dataclass(frozen=True)
class Row:
    """A rule as the list shows it: of whom, to whom, how many it sent lately, and why it leads nowhere if it does."""

    rule: RoutingRule
    of_whom: str
    to: str
    sent: int
    faults: list[str]


@allowed(*MARKETERS)
def routing_list(request: Signed) -> HttpResponse:
    """Show where leads go, and who takes them; make a rule."""
    now, has = datetime.now(UTC), offer()
    if request.method == "POST":

        def make() -> RoutingRule:  # what was typed is read as it is tried, so that what is wrong with it is said
            return create_rule(says=_ruling(request), by=request.user.username, at=now)

        return tried(request, make, to=_to_rule, back=LIST)
    sent = assigned_by_rule(now - LATELY)
    asked = list(rules())
    found = pools({each.team_id for each in asked}, now)
    free = {team: any(each.is_free for each in pool.members) for team, pool in found.items()}
    there = {each.user for each in found[None].members}
    came = came_lately(now - LATELY, LOOKED_AT)
    fits = fit_counts(asked, came, now) if came else {}
    shown = {
        "rows": [
            Row(each, of_whom(each, has), _to(each), sent.get(each.pk, 0), _faults(each, free, there, now, has) + _unfit(each, fits, came))
            for each in asked
        ],
        "by_turn": sent.get(None, 0),
        "teams": _teams(),
        "sellers": _sellers(now, there),
        "calendars": [(each, week_words(each.week)) for each in BusinessCalendar.objects.order_by("-is_default", "name")],
        "targets": _targets(),
        "shares": Share.choices,
        "unsent": unsent(now),
        "can_mail": settings.CAN_MAIL,
    }
    return render(request, "routing/routing_list.html", shown)


def of_whom(rule: RoutingRule, has: Offer) -> str:
    """Return of whom a rule speaks, in words."""
    ratings = [_("rated {ratings}").format(ratings=", ".join(rule.ratings))] if rule.ratings else []
    groups = [_(" or ").join(worded(each, has.choices) for each in group) for group in grouped(conditions_of(rule))]
    return _(" and ").join(ratings + groups) or _("every lead")


def _to(rule: RoutingRule) -> str:
    return str(rule.team or (rule.user.called if rule.user else ""))


def _faults(rule: RoutingRule, free: dict[int | None, bool], there: set[int], now: datetime, has: Offer) -> list[str]:
    """Return why a rule leads nowhere, now or ever."""
    found = [f"{text}: {fault}" for text, fault in fits_among((), conditions_of(rule), now, has).faults.items()]
    if not (rule.team_id or rule.user_id):
        found.append(_("the team or seller it led to is gone; choose another"))
    elif rule.user_id and rule.user_id not in there:
        found.append(_("its seller is away or cannot sign in; its leads wait as nobody's"))
    elif rule.team_id and not free[rule.team_id]:
        found.append(_("nobody of this team can take a lead now; its leads wait in the team's queue"))
    return found


def _unfit(rule: RoutingRule, fits: dict[int, int], came: Sized) -> list[str]:
    """Return that a rule fits nobody, as far as one can tell by who came."""
    if not came or fits.get(rule.pk) != 0:
        return []
    said = ngettext(
        "it fits not even the one lead that came to sales in 30 days; look at its conditions",
        "it fits none of the {n} leads that came to sales last; look at its conditions",
        len(came),
    )
    return [said.format(n=len(came))]


def _teams() -> list[tuple[Team, Any]]:
    kept = queues()
    return [(each, kept.get(each.pk)) for each in teams()]


def _sellers(now: datetime, there: set[int]) -> list[tuple[User, int, bool, bool]]:
    """Return the sellers with how many leads are open with each, whether they may get leads, and whether it is in their hours."""
    opened, sellers = open_with(), list(selling_users())
    hours = calendars_of([each.pk for each in sellers])
    return [(each, opened.get(each.pk, 0), each.pk in there, hours[each.pk].is_open(now)) for each in sellers]


def _targets() -> list[tuple[str, str]]:
    """Return where a rule can lead, as a form names it."""
    named = [(f"user:{each.pk}", each.called) for each in selling_users()]
    return [(f"team:{each.pk}", each.name) for each in teams()] + named


def _ruling(request: Signed, rule: RoutingRule | None = None) -> Ruling:
    """Return what a form says of a rule; what it does not name stays."""
    given = request.POST
    kind, _colon, number = given.get("to", "").partition(":")
    key = whole_number(number)
    team = Team.objects.filter(pk=key).first() if kind == "team" and key else None
    user = User.objects.filter(pk=key).first() if kind == "user" and key else None
    if rule is None:
        return Ruling(given.get("name", ""), team=team, user=user, is_on=False)  # of every lead still: on once it says of whom
    return Ruling(
        given.get("name", rule.name),
        given.getlist("where"),
        [rating for rating in RATINGS if rating in given.getlist("rating")],
        team,
        user,
        is_on="is_on" in given,
    )


def _to_rule(rule: Any) -> HttpResponse:
    return redirect("routing-rule", rule.pk)


@allowed(*MARKETERS)
def routing_rule(request: Signed, rule_id: int) -> HttpResponse:
    """Show a rule and change it; conditions are added and taken away in the address first, and kept with the rest."""
    rule, has, now = get_object_or_404(rules(), pk=rule_id), offer(), datetime.now(UTC)
    if request.method == "POST":
        says = _ruling(request, rule)
        changing = partial(change_rule, rule=rule, says=says, by=request.user.username, at=now)
        return tried(request, changing, _("Saved."), to=LIST, back=request.get_full_path())
    texts = _asked(request, rule)
    shown_rule = RoutingRule(conditions=texts)
    shown = {
        "rule": rule,
        "chips": [(text, words, _without(texts, text)) for text, words in zip(texts, _worded(shown_rule, has), strict=True)],
        "is_changed": texts != list(rule.conditions),
        "is_ticked": rule.is_on or not (rule.conditions or rule.ratings),  # one that was just made is on once it is saved
        "ratings": [(rating, rating in rule.ratings) for rating in RATINGS],
        "to": f"team:{rule.team_id}" if rule.team_id else f"user:{rule.user_id}",
        "targets": _targets(),
        "filter_groups": has.groups,
        "kept": texts,
    }
    return render(request, "routing/rule_detail.html", shown)


def _asked(request: Signed, rule: RoutingRule) -> list[str]:
    """Return the conditions as they stand in the address, with one that a form adds; else those of the rule."""
    given = request.GET
    texts = given.getlist("where") if "where" in given or "none" in given else list(rule.conditions)
    if given.get("on"):
        texts = [*texts, condition_added(given)]
    return list(dict.fromkeys(texts))


def _worded(rule: RoutingRule, has: Offer) -> list[str]:
    read = {str(each): worded(each, has.choices) for each in conditions_of(rule)}
    return [read.get(text, text) for text in rule.conditions]


def _without(texts: list[str], text: str) -> list[str]:
    return [each for each in texts if each != text]


@allowed(*MARKETERS)
@require_POST
def routing_mails(request: Signed) -> HttpResponse:
    """Try again to send what could not be sent."""
    count = send_again(at=datetime.now(UTC))
    messages.info(request, ngettext("{n} mail is tried again.", "{n} mails are tried again.", count).format(n=count))
    return redirect(LIST)


@allowed(*MARKETERS)
@require_POST
def routing_move(request: Signed, rule_id: int) -> HttpResponse:
    """Have a rule asked earlier or later."""
    rule, up = get_object_or_404(RoutingRule, pk=rule_id), request.POST.get("to") == "up"
    return tried(request, lambda: move_rule(rule=rule, up=up, by=request.user.username, at=datetime.now(UTC)), to=LIST)


@allowed(*MARKETERS)
@require_POST
def routing_remove(request: Signed, rule_id: int) -> HttpResponse:
    """Remove a rule."""
    rule = get_object_or_404(RoutingRule, pk=rule_id)
    said = _("The rule is gone; who got leads by it keeps them.")
    return tried(request, lambda: remove_rule(rule=rule, by=request.user.username, at=datetime.now(UTC)), said, to=LIST)


@allowed(*MARKETERS)
@require_POST
def routing_team(request: Signed, team_id: int) -> HttpResponse:
    """Say how a team shares what comes to it."""
    team, given = get_object_or_404(Team, pk=team_id), request.POST
    leader, onward = whole_number(given.get("leader", "")), whole_number(given.get("hands_over_to", ""))
    says = Sharing(
        User.objects.filter(pk=leader).first() if leader else None,
        given.get("share", ""),
        "is_at_work_first" in given,
        Team.objects.filter(pk=onward).first() if onward else None,
    )
    keeping = partial(set_queue, team=team, says=says, by=request.user.username, at=datetime.now(UTC))
    return tried(request, keeping, _("Saved."), to=LIST)
