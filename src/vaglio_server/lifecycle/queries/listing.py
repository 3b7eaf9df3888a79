"""Stages among what lists of leads can be asked for."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from vaglio_server.lifecycle.models import LeadStage, Stage
from vaglio_server.views.queries import Choice, Held, Offer, offer

# A lead without a row is an inquiry. Not EXISTS, for which PostgreSQL would read all rows to ask of a page of leads.
_VALUE = f"""COALESCE((SELECT standing.stage FROM lifecycle_leadstage AS standing WHERE standing.lead_id = crm_lead.id),
    '{Stage.INQUIRY.value}')"""
_FEW = "SELECT lead_id FROM lifecycle_leadstage WHERE stage = %s ORDER BY since DESC LIMIT %s"  # so that the index is read, not all


def offer_of_lists() -> Offer:
    """Return what can be asked of leads in lists: all that this installation has, and at which stage they are."""
    words = {value: str(title) for value, title in Stage.choices}
    return offer([Held(Choice("record.stage", _("Stage"), "word", tuple(words), words), _VALUE, _FEW, Stage.INQUIRY.value)])


def stages_of(leads: Iterable[int]) -> dict[int, Stage]:
    """Return at which stage some leads are."""
    ids = list(leads)
    found = dict(LeadStage.objects.filter(lead__in=ids).values_list("lead", "stage"))
    return {lead: Stage(found.get(lead, Stage.INQUIRY)) for lead in ids}
