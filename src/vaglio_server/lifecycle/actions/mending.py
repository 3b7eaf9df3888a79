"""What mends leads that lie idle, for many at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _

from vaglio_server.lifecycle.actions.moves import Why, move_many
from vaglio_server.lifecycle.actions.notices import remind
from vaglio_server.lifecycle.actions.routing import give_to_others
from vaglio_server.lifecycle.models import Reason
from vaglio_server.lifecycle.queries import Idle

MOST_MENDED = 1_000  # at once
Mend = Literal["give", "remind", "recycle"]
MENDS: dict[Idle, tuple[Mend, ...]] = {Idle.NOBODYS: ("give",), Idle.UNANSWERED: ("give", "remind"), Idle.LEFT: ("remind", "recycle")}


def mend_idle(*, why: Idle, mend: Mend, leads: Sequence[int], by: str, at: datetime) -> int:
    """Mend leads that lie idle for one reason; return how many were given away or went back, or how many owners are reminded.

    Raises
    ------
    Refused
        Nobody can be reminded of them.
    """
    if mend == "give":
        return give_to_others(leads=leads, is_nobodys=why == Idle.NOBODYS, by=by, at=at)
    if mend == "remind":
        return remind(leads=leads, by=by, at=at)
    return move_many(leads=leads, verb="recycle", why=Why(Reason.NOT_NOW, _("lay idle")), by=by, at=at)
