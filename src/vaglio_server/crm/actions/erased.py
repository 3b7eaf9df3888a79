"""People who were erased are not taken in again, until somebody lets them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions.knowledge import MANY_CONTACTS
from vaglio_server.crm.logic.erased import Key
from vaglio_server.crm.models import ErasedKey
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit


class WasErased(Refused):
    """Somebody was erased, so nothing is kept of them."""

    def __init__(self) -> None:
        super().__init__(_("whoever this is was erased, so nothing is kept of them; an administrator can let them in again"))


def refuse_erased(keys: Collection[Key]) -> None:
    """Refuse to write down somebody who was erased; to be asked while nobody can be erased meanwhile.

    Raises
    ------
    WasErased
        One of the keys is theirs.
    """
    if ErasedKey.objects.among(keys):
        raise WasErased


def hold_erasing(cursor: Any) -> None:
    """Let nobody be erased until the transaction ends; before any lock on a contact."""
    cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [MANY_CONTACTS])


@transaction.atomic
def let_in(*, keys: Collection[Key], by: str, at: datetime) -> int:
    """Let somebody in again who was erased, as who asks for it, by all their keys; return how many. What was erased stays so."""
    people = list(ErasedKey.objects.out().of(keys).values_list("person", flat=True))
    known = ErasedKey.objects.out().filter(person__in=people).update(let_in_at=at)
    if known:
        audit(by=by, verb="let_in", subject="erased", at=at, keys=known)
    return known
