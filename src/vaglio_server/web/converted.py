"""What a lead was converted into, as pages show it: of records that a user may not see, neither names nor ways to them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, OuterRef

from vaglio_server.crm.models import Contact, Lead, Opportunity
from vaglio_server.lifecycle.models import Conversion
from vaglio_server.lifecycle.queries import may_undo
from vaglio_server.users.models import ANSWERERS, User


@dataclass(frozen=True)
class Seen:
    """Which records of a conversion a user may see."""

    lead: bool
    contact: bool
    opportunity: bool


def shown_conversion(made: Conversion | None, user: User) -> dict[str, Any]:
    """Return a conversion, what of it a user may see, and whether they may undo it: who sees its lead now may, or gave it away by that."""
    if made is None:
        return {"conversion": None, "may_undo": False}
    *seen, is_here = _seen(made, user)
    is_theirs = is_here or (made.was_handed_over and made.by == user.username)
    return {
        "conversion": made,
        "seen": Seen(*seen),
        "may_undo": is_theirs and user.role in ANSWERERS and may_undo(made, datetime.now(UTC)),
    }


def _seen(made: Conversion, user: User) -> tuple[bool, ...]:
    asked = (
        Exists(Lead.objects.ever_visible_to(user).filter(pk=OuterRef("lead"))),  # the page of a merged one leads to the one it is
        Exists(Contact.objects.visible_to(user).filter(pk=OuterRef("contact"))),
        Exists(Opportunity.objects.visible_to(user).filter(pk=OuterRef("opportunity"))),
        Exists(Lead.objects.visible_to(user).filter(pk=OuterRef("lead"))),
    )
    found: tuple[bool, ...] = Conversion.objects.filter(pk=made.pk).values_list(*asked).get()
    return found
