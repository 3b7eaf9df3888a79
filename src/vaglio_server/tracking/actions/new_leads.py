"""A lead that somebody writes down by hand, such as from a business card."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import FaultyValues
from vaglio_server.crm.logic.fields import check_all, shown
from vaglio_server.crm.models import Lead
from vaglio_server.crm.queries import fields_of
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions.identities import one_at_a_time
from vaglio_server.tracking.actions.leads import Put, address_fault, put_lead
from vaglio_server.tracking.logic.calls import email_of
from vaglio_server.tracking.models import IdentityLink
from vaglio_server.users.models import User


class Known(Refused):
    """Somebody of this mail address is a lead already: ``lead``, whom whoever asks may see."""

    def __init__(self, lead: Lead) -> None:
        self.lead = lead
        super().__init__(_("{lead} has this mail address and is there already; nothing was changed").format(lead=lead))


@transaction.atomic
def make_lead(*, fields: Mapping[str, Any], by: User, at: datetime) -> Put:
    """Make a lead of whom nothing was known; who sells owns it. Who is to know of that calls the verb of the lifecycle.

    Raises
    ------
    FaultyValues
        There is no mail address, or a value does not fit its field; all of them are named.
    Refused
        Somebody of this mail address is there: ``Known`` where they may be seen.
    """
    values = _fitting(fields)
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
    address = {"identity__kind": "email", "identity__value": values["email"]}
    known = IdentityLink.objects.filter(**address, ended_at=None).values_list("lead_id", flat=True)
    lead = Lead.objects.visible_to(by).filter(pk__in=known).first()
    if lead is not None:
        raise Known(lead)
    return put_lead(user_id=None, fields=values, by=by.username, at=at, seller=by.as_seller)


def _fitting(fields: Mapping[str, Any]) -> dict[str, Any]:
    checked = check_all(fields_of("lead"), fields)
    values, faults = {name: value for name, value in checked.values.items() if value is not None}, list(checked.faults)
    email = email_of(values.get("email"))
    if email is None:
        said = shown(values["email"]) if values.get("email") else _("nothing")
        faults.insert(0, address_fault(said))
    if faults:
        raise FaultyValues(faults)
    return values | {"email": email}
