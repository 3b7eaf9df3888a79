"""Whom rows call owners: which user that is, and who is nobody here."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vaglio_server.users.models import User

Users = Mapping[str, Mapping[int, str]]  # those whom a name or an address means, and what each is called


@dataclass(frozen=True)
class NamedOwner:
    """What some ``rows`` call an owner, and the user that is (empty: nobody); ``is_shared``: several are called so, so it is none."""

    name: str
    rows: int
    user: str = ""
    is_shared: bool = False


def users_called() -> Users:
    """Return the users who may own something, by names and mail addresses; with the last name first where nobody else is called so."""
    found: dict[str, dict[int, str]] = {}
    turned: dict[str, dict[int, str]] = {}
    for user in User.objects.filter(is_active=True):
        for name in (user.username, user.email, user.get_full_name(), user.called):
            if spelled := _spelled(name):
                found.setdefault(spelled, {})[user.pk] = user.called
        if user.first_name and user.last_name:
            turned.setdefault(_spelled(f"{user.last_name} {user.first_name}"), {})[user.pk] = user.called
    return turned | found


def owner_in(users: Users, name: str) -> int | None:
    """Return the user who is called so; nobody where none is, or several are."""
    found = users.get(_spelled(name), {})
    return next(iter(found)) if len(found) == 1 else None


def owners_in(users: Users, names: Iterable[str]) -> list[NamedOwner]:
    """Return what rows call their owners, those who are nobody first, the most named before others."""
    counted = Counter(name for name in names if name)
    found = []
    for name, rows in counted.items():
        meant = users.get(_spelled(name), {})
        found.append(NamedOwner(name, rows, next(iter(meant.values())) if len(meant) == 1 else "", len(meant) > 1))
    return sorted(found, key=lambda each: (bool(each.user), -each.rows, each.name))


def _spelled(name: str) -> str:
    return " ".join(name.lower().replace(",", " ").split())
