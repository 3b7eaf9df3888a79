"""Making, renaming and removing teams."""

from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from vaglio_server.refused import Refused
from vaglio_server.users.actions.names import fitting
from vaglio_server.users.actions.trail import audit
from vaglio_server.users.models import Team


class TeamTaken(Refused):
    """There is such a team already."""


@transaction.atomic
def create_team(*, name: str, by: str, at: datetime) -> Team:
    """Make a team: sellers who see each other's leads.

    Raises
    ------
    Refused, TeamTaken
        The name does not fit, or is another team's.
    """
    team = Team.objects.create(name=_free(name))
    audit(by=by, verb="create_team", subject=f"team:{team.pk}", at=at, name=team.name)
    return team


@transaction.atomic
def rename_team(*, team: Team, name: str, by: str, at: datetime) -> Team:
    """Call a team otherwise; who is in it stays.

    Raises
    ------
    Refused, TeamTaken
        The name does not fit, or is another team's.
    """
    held = Team.objects.select_for_update().get(pk=team.pk)
    before, held.name = held.name, _free(name, but=team)
    held.save()
    audit(by=by, verb="rename_team", subject=f"team:{held.pk}", at=at, name={"before": before, "after": held.name})
    return held


@transaction.atomic
def remove_team(*, team: Team, by: str, at: datetime) -> int:
    """Remove a team and return how many members it had; they are in none from now on, and see only their own leads.

    Raises
    ------
    Refused
        Something else needs the team.
    """
    number, members = team.pk, team.members.count()
    try:
        with transaction.atomic():
            team.delete()
    except (ProtectedError, RestrictedError) as error:
        raise Refused(_("the team {name} is still used elsewhere; name another team there first").format(name=team.name)) from error
    audit(by=by, verb="remove_team", subject=f"team:{number}", at=at, name=team.name, members=members)
    return members


def _free(name: str, but: Team | None = None) -> str:
    found = fitting("a team", name)
    others = Team.objects.filter(name__iexact=found)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.exists():
        raise TeamTaken(_("there is already a team {found}; choose another name").format(found=found))
    return found
