"""Lists get other names: not where a live model reads them, and what is kept as a view follows."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qs

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio.terms import RATINGS
from vaglio_server.crm.actions import Members, move_list
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit
from vaglio_server.views.logic.asked import Asked
from vaglio_server.views.models import SavedView
from vaglio_server.views.queries import OWN_LISTS, readers


@dataclass(frozen=True)
class Renamed:
    """Who moved with a list, and the kept views that ask for it by its new name now."""

    members: Members
    views: tuple[SavedView, ...]


@transaction.atomic
def rename_list(*, name: str, to: str, by: str, at: datetime) -> Renamed:
    """Give a list another name: all who are on it move, from now on. Scores of the past saw them under the old one, and replay with it.

    Raises
    ------
    Refused
        A live model or Vaglio itself reads it by its name; the other name is its own, or that of a list with somebody on it.
    """
    if name in OWN_LISTS:
        raise Refused(_("Vaglio itself reads the list {name} by this name.").format(name=_plain(name)))
    if reading := readers(name):
        models = ", ".join(each.title for each in reading)
        said = _("The live model {models} reads the list {name} by this name. Change the model first.")
        raise Refused(said.format(models=models, name=_plain(name)))
    members = move_list(name=name, to=to, by=by, at=at)
    return Renamed(members, tuple(_follow(view, name, to, by=by, at=at) for view in _asking_for(name)))


def _asking_for(name: str) -> list[SavedView]:
    """Return the kept views that ask for a list; their rows are held."""
    kept = SavedView.objects.select_for_update().filter(query__contains="list.").order_by("pk")
    return [view for view in kept if any((each.subject, each.name) == ("list", name) for each in _asked(view).conditions)]


def _follow(view: SavedView, name: str, to: str, *, by: str, at: datetime) -> SavedView:
    asked = _asked(view)
    now = [replace(each, name=to) if (each.subject, each.name) == ("list", name) else each for each in asked.conditions]
    view.query = replace(asked, conditions=tuple(dict.fromkeys(now))).query
    view.save(update_fields=["query"])
    audit(by=by, verb="change_view", subject=f"view:{view.pk}", at=at, name=view.name, query=view.query)
    return view


def _asked(view: SavedView) -> Asked:
    return Asked.of(parse_qs(view.query), RATINGS)


def _plain(name: str) -> str:
    return name.replace("_", " ")
