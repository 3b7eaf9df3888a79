"""Which field of a lead becomes which of its contact, company and opportunity, as marketing sets it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import FaultyValues
from vaglio_server.crm.logic.standard import SUBJECTS
from vaglio_server.crm.queries import fields_of_each
from vaglio_server.lifecycle.logic.mapping import MOST_ROWS, Mapped, mapping_faults
from vaglio_server.lifecycle.models import ConversionMapping
from vaglio_server.users.actions import audit


@transaction.atomic
def set_mapping(*, mapping: Sequence[Mapped], by: str, at: datetime) -> ConversionMapping:
    """Say which field becomes which from now on; conversions that were made keep what they were made by.

    Raises
    ------
    FaultyValues
        A field is none, or is filled twice.
    """
    faults = mapping_faults(mapping, fields_of_each(*SUBJECTS))
    if len(mapping) > MOST_ROWS:
        faults.append(_("{n} rows are too many; {most} fit").format(n=len(mapping), most=MOST_ROWS))
    if faults:
        raise FaultyValues(faults)
    made = ConversionMapping.objects.create(rows=[each.row() for each in mapping], at=at, by=by)
    audit(by=by, verb="set_mapping", subject=f"mapping:{made.pk}", at=at, rows=len(mapping))
    return made
