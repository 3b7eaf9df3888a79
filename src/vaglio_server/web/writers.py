"""By whom something was written, as pages say it: people by their names, a file that was brought in by its own, with where it is seen."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vaglio_server.imports.models import Import
from vaglio_server.users.models import User

register = template.Library()
# Who is nobody: parts of Vaglio that write by themselves.
MACHINES: dict[str, str | Promise] = {
    "command line": gettext_lazy("command line"),
    "events": gettext_lazy("events"),
    "first run": gettext_lazy("first run"),
    "lifecycle": gettext_lazy("routing and promises"),
    "machines": gettext_lazy("search for machines"),
    "webhooks": gettext_lazy("webhooks"),
    "worker": gettext_lazy("worker"),
}
_FILE = re.compile(r"import:(\d{1,18})( undo)?", re.ASCII)


@dataclass(frozen=True)
class Writer:
    """Who wrote something; ``address``: of a file, where it is looked at by those who may."""

    name: str
    address: str | None = None


def writers(names: Iterable[str]) -> dict[str, Writer]:
    """Return how writers are called, with one question for all files among them and one for all users; others are called as before."""
    every = set(names)
    files = {name: found for name in every if (found := _FILE.fullmatch(name))}
    rows = Import.objects.only("file_name").in_bulk({int(found[1]) for found in files.values()})
    users = names_of_users(every - files.keys())
    told = {name: Writer(users.get(name) or str(MACHINES.get(name, name))) for name in every}
    for name, found in files.items():
        if (each := rows.get(int(found[1]))) is not None:
            title = _("{file}, taken back").format(file=each.file_name) if found[2] else each.file_name
            told[name] = Writer(title, reverse("import-detail", args=(each.pk,)))
    return told


def names_of_users(names: Iterable[str] | None = None) -> dict[str, str]:
    """Return what users are called, by how they sign in: some, or all."""
    users = User.objects.all() if names is None else User.objects.filter(username__in=set(names))
    return {user.username: user.called for user in users.only("username", "first_name", "last_name")}


@register.simple_tag(takes_context=True)
def by_name(context: Context, name: str) -> str:
    """Return what a user is called; all are asked for once a page, and who is none is called as before."""
    kept = context["request"].__dict__.setdefault("names_of_users", {})
    if not kept:
        kept |= names_of_users()
    return str(kept.get(name, name))
