"""What was built on a conversion since it was made, for which it can no longer be taken back."""

from collections.abc import Iterator

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from vaglio_server.campaigns.models import CampaignMember
from vaglio_server.crm.models import Contact, FieldChange, Lead, ListMember, Note, Opportunity, OpportunityContact
from vaglio_server.imports.models import ImportedContact
from vaglio_server.lifecycle.logic.stages import GOES_BACK, Stage, way_to_convert
from vaglio_server.lifecycle.models import BY, Conversion, Made
from vaglio_server.lifecycle.queries.standing import moves_of, stage_of


def built_on(made: Conversion) -> list[str]:
    """Return what was built on a conversion since, a half sentence each."""
    found = [*_written(made)]
    for what, on in ((Made.CONTACT, _on_contact), (Made.ACCOUNT, _on_account), (Made.OPPORTUNITY, _on_opportunity)):
        if what.value in made.made:
            found += [said for said, rows in on(made) if rows.exists()]
    return found + _moved(made)


def _written(made: Conversion) -> Iterator[str]:
    """Yield which records were written to since: those that were made at all, others where the conversion wrote."""
    records: tuple[tuple[str, str, int | None], ...] = (
        ("contact", _("contact"), made.contact_id),
        ("account", _("company"), made.account_id),
        ("opportunity", _("opportunity"), made.opportunity_id),
        ("lead", _("lead"), made.lead_id),
    )
    for name, called, number in records:
        later = FieldChange.objects.filter(**{name: number}, known_at__gt=made.known_at) if number else FieldChange.objects.none()
        later = later.exclude(field="owner_id", by=BY)  # whose it became by itself nobody built on it
        if name not in made.made:
            later = later.filter(field__in=made.changed.get(name, {}))
        if fields := sorted(set(later.values_list("field", flat=True)) - {"pipeline_stage_id"}):
            named = ", ".join(each.replace("_", " ") for each in fields[:5])
            yield _("{fields} of the {record} changed since").format(fields=named, record=called)


Built = Iterator[tuple[str, "QuerySet[Model]"]]


def _others(made: Conversion, **led: int | None) -> "QuerySet[Conversion]":
    return Conversion.objects.present().filter(**led).exclude(pk=made.pk)


def _on_contact(made: Conversion) -> Built:
    contact = made.contact_id
    yield _("the contact has a note"), Note.objects.filter(contact=contact, removed_at=None)
    elsewhere = OpportunityContact.objects.filter(contact=contact, opportunity__taken_back_at=None)
    yield _("the contact has a say in another opportunity"), elsewhere.exclude(opportunity=made.opportunity_id)
    yield _("the contact is in a campaign"), CampaignMember.objects.filter(contact=contact)
    yield _("a file named the contact"), ImportedContact.objects.filter(contact=contact)
    yield _("another lead was converted into the contact"), _others(made, contact=contact)


def _on_account(made: Conversion) -> Built:
    account = made.account_id
    yield _("others work at the company"), Lead.objects.present().filter(account=account).exclude(pk=made.lead_id)
    yield _("the company has other contacts"), Contact.objects.present().filter(account=account).exclude(pk=made.contact_id)
    sales = Opportunity.objects.present().filter(account=account).exclude(pk=made.opportunity_id or 0)
    yield _("the company has other opportunities"), sales
    yield _("the company is on a list"), ListMember.objects.filter(account=account, to_at=None)
    yield _("the company has a note"), Note.objects.filter(account=account, removed_at=None)


def _on_opportunity(made: Conversion) -> Built:
    sale = made.opportunity_id
    yield _("the opportunity has a note"), Note.objects.filter(opportunity=sale, removed_at=None)
    yield _("others have a say in the opportunity"), OpportunityContact.objects.filter(opportunity=sale).exclude(contact=made.contact_id)
    role = OpportunityContact.objects.filter(Q(opportunity=sale, contact=made.contact_id), role__isnull=False)
    yield _("the contact has a role in the opportunity"), role
    yield _("another lead was converted into the opportunity"), _others(made, opportunity=sale)


def _moved(made: Conversion) -> list[str]:
    """Return that the lead moved on, if it did."""
    verbs = way_to_convert(Stage(made.stage_before), with_sale=made.opportunity_id is not None)
    standing, last = stage_of(made.lead), moves_of(made.lead).first()
    if not verbs:
        return []
    is_there = standing is not None and last is not None and (last.verb, last.at) == (verbs[-1], made.converted_at)
    if is_there and standing is not None and standing.stage in GOES_BACK["unconvert"]:
        return []
    stage = standing.get_stage_display() if standing else _("an inquiry")
    return [_("the lead is {stage} since").format(stage=str(stage).lower())]
