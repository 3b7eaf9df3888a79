"""Saving, changing, sharing and removing views; writing down who took leads out as a file."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit
from vaglio_server.users.models import Role, User
from vaglio_server.views.models import SavedView

LONGEST_NAME = 60
MOST_VIEWS = 50


@transaction.atomic
def save_view(*, owner: User, name: str, query: str, is_shared: bool, at: datetime) -> SavedView:
    """Keep a view under a name; one of the owner's with this name shows it from now on, and stays shared where it was.

    Raises
    ------
    Refused
        The name does not fit, or the owner has too many.
    """
    called = _named(name)
    User.objects.select_for_update().get(pk=owner.pk)
    held = SavedView.objects.filter(owner=owner)
    if held.exclude(name=called).count() >= MOST_VIEWS:
        raise Refused(_("You have {most_views} views; remove one first.").format(most_views=MOST_VIEWS))
    kept = {"query": query, "is_shared": is_shared or held.filter(name=called, is_shared=True).exists()}
    view, _made = SavedView.objects.update_or_create(owner=owner, name=called, defaults=kept, create_defaults=kept | {"created_at": at})
    audit(by=owner.username, verb="save_view", subject=f"view:{view.pk}", at=at, **kept)
    return view


def _named(name: str) -> str:
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME or "\x00" in called:
        raise Refused(_("Give the view a name of up to {longest_name} characters.").format(longest_name=LONGEST_NAME))
    return called


@transaction.atomic
def change_view(*, view: SavedView, name: str, is_shared: bool, by: User, at: datetime) -> SavedView:
    """Give a view another name, share it, or keep it to oneself again; what it shows stays.

    Raises
    ------
    Refused
        It is somebody else's, or the name does not fit or is another view's.
    """
    if view.owner_id != by.pk:
        raise Refused(_("The view {view} is {called}'s; only they can change it.").format(view=view, called=view.owner.called))
    called = _named(name)
    User.objects.select_for_update().get(pk=by.pk)
    if SavedView.objects.filter(owner=by, name=called).exclude(pk=view.pk).exists():
        raise Refused(_("You have another view called {called}; choose another name.").format(called=called))
    view.name, view.is_shared = called, is_shared
    view.save(update_fields=["name", "is_shared"])
    audit(by=by.username, verb="change_view", subject=f"view:{view.pk}", at=at, name=called, is_shared=is_shared)
    return view


@transaction.atomic
def remove_view(*, view: SavedView, by: User, at: datetime) -> None:
    """Remove a view.

    Raises
    ------
    Refused
        It is somebody else's.
    """
    if view.owner_id != by.pk and by.role != Role.ADMINISTRATOR:
        raise Refused(
            _("The view {view} is {called}'s; they or an administrator can remove it.").format(view=view, called=view.owner.called)
        )
    audit(by=by.username, verb="remove_view", subject=f"view:{view.pk}", at=at, name=view.name, query=view.query)
    view.delete()


@transaction.atomic
def tell_export(*, by: User, at: datetime, query: str, file: str) -> None:
    """Write down that somebody takes leads out as a file, before the first of them leaves."""
    audit(by=by.username, verb="export_leads", subject="leads", at=at, query=query, file=file)
