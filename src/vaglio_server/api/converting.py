"""Converting leads: into what they may be converted, doing it once however often it is asked for, and taking it back."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from vaglio_server.api.records import Value
from vaglio_server.api.seen import found_or_404, lead_now
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.models import Lead, Opportunity
from vaglio_server.crm.queries import LARGEST_ID
from vaglio_server.lifecycle.actions import Into, Wish, convert_lead, undo_conversion
from vaglio_server.lifecycle.models import Conversion
from vaglio_server.lifecycle.queries import conversion_candidates, conversion_of, converted_by, handed_over_by, waits_for
from vaglio_server.users.models import ANSWERERS

router = Router(tags=["conversion"])


class IntoIn(Schema):
    """A record that is there (``id``), or none: the one that is surely it, else a new one. ``is_another``: a new one in any case."""

    id: int | None = None
    is_another: bool = False


class CompanyIn(IntoIn):
    """The company; ``name`` is that of a new one."""

    name: str = ""


class SaleIn(Schema):
    """A new opportunity; what is not named is as usual."""

    name: Value = None
    amount: Value = None
    currency: Value = None
    close_date: Value = None
    stage: Value = None


class ConvertIn(Schema):
    """Into what a lead is converted. Without anything: the likeliest contact and company, or new ones, and a new opportunity.

    ``opportunity_id`` is one that is there, ``opportunity`` a new one; ``has_opportunity`` false: none. ``key`` is yours: the same key is
    the same conversion, however often it is sent.
    """

    key: str | None = None
    contact: IntoIn = Field(default_factory=IntoIn)
    account: CompanyIn = Field(default_factory=CompanyIn)
    opportunity_id: int | None = None
    opportunity: SaleIn | None = None
    has_opportunity: bool = True


class ConversionOut(Schema):
    """A conversion: the records it led to, which of them it ``made``, and the values it left out because they did not fit."""

    id: int
    lead_id: int
    contact_id: int
    account_id: int
    opportunity_id: int | None
    made: list[str]
    left: list[str]
    converted_at: datetime
    by: str
    undone_at: datetime | None
    undone_by: str | None


class LikelyContactOut(Schema):
    """A contact who may be the lead: how sure that is (0-1), and why."""

    contact_id: int
    name: str
    account_id: int | None
    share: float
    reasons: list[str]


class LikelyAccountOut(Schema):
    """A company that may be the lead's: how sure that is (0-1), and why."""

    account_id: int
    name: str
    share: float
    reasons: list[str]


class OpenSaleOut(Schema):
    """An open opportunity at one of these companies."""

    opportunity_id: int
    name: str
    account_id: int
    stage: str | None
    amount: Decimal | None
    currency: str | None
    close_date: date | None


class CandidatesOut(Schema):
    """What a lead may become of what is there, the likeliest first; ``contact_id`` and ``account_id`` are so sure that they are taken."""

    contacts: list[LikelyContactOut]
    accounts: list[LikelyAccountOut]
    opportunities: list[OpenSaleOut]
    contact_id: int | None
    account_id: int | None


def _seller(request: Any) -> Any:
    if request.auth.user.role not in ANSWERERS:
        raise HttpError(403, "only sales and administrators convert leads: it says that sales has accepted them")
    return request.auth.user


def _lead(request: Any, lead_id: int) -> Lead:
    """Return a lead that the caller may see, or that is nobody's and waits for sales."""
    return waits_for(request.auth.user, lead_id) or lead_now(request, lead_id)


def _sale(offer: Opportunity) -> OpenSaleOut:
    return OpenSaleOut(
        opportunity_id=offer.pk, name=offer.name, account_id=offer.account_id, stage=offer.stage, amount=offer.amount,
        currency=offer.currency, close_date=offer.close_date,
    )  # fmt: skip


@router.get("/{int:lead_id}/conversion/candidates", response=CandidatesOut, operation_id="conversion_candidates")
def conversion_candidates_list(request: Any, lead_id: int) -> Any:
    """Return the contacts, companies and open opportunities that a lead may be converted into, with reasons."""
    found = conversion_candidates(_lead(request, lead_id), request.auth.user)
    return CandidatesOut(
        contacts=[
            LikelyContactOut(contact_id=each.contact.pk, name=str(each.contact), account_id=each.contact.account_id,
                             share=each.likely.share, reasons=list(each.likely.reasons))
            for each in found.contacts
        ],
        accounts=[
            LikelyAccountOut(account_id=each.account.pk, name=each.account.name, share=each.likely.share, reasons=list(each.likely.reasons))
            for each in found.accounts
        ],
        opportunities=[_sale(each) for each in found.opportunities],
        contact_id=found.contact.pk if found.contact else None,
        account_id=found.account.pk if found.account else None,
    )  # fmt: skip


@router.post("/{int:lead_id}/convert", response={200: ConversionOut, 201: ConversionOut}, operation_id="leads_convert", auth=WRITING)
def leads_convert(request: Any, lead_id: int, body: ConvertIn) -> Any:
    """Convert a lead. 201: it is converted now; 200: it was already, by this key or at all. 422 names every value that does not fit."""
    now, seller = datetime.now(UTC), _seller(request)
    lead = waits_for(seller, lead_id) if lead_id <= LARGEST_ID else None
    if lead is None:
        theirs = converted_by(seller, min(lead_id, LARGEST_ID), body.key)
        if theirs is not None:  # it was handed over by that
            return Status(200, ConversionOut.from_orm(theirs))
        lead = lead_now(request, lead_id)
    made = convert_lead(lead=lead, wish=_wish(body), seller=seller, key=body.key, at=now)
    return Status(201 if made.converted_at == now else 200, ConversionOut.from_orm(made))


def _wish(body: ConvertIn) -> Wish:
    sale = body.opportunity.model_dump(exclude_unset=True) if body.opportunity is not None else {}
    is_new = body.opportunity is not None or (body.has_opportunity and body.opportunity_id is None)
    return Wish(
        account=Into(body.account.id, body.account.is_another, body.account.name),
        contact=Into(body.contact.id, body.contact.is_another),
        opportunity=body.opportunity_id,
        sale=sale if is_new else None,
    )


@router.get("/{int:lead_id}/conversion", response=ConversionOut, operation_id="conversion_get")
def conversion_get(request: Any, lead_id: int) -> Any:
    """Return the conversion of a lead that holds."""
    found = conversion_of(lead_now(request, lead_id))
    if found is None:
        raise Http404(f"lead {lead_id} is not converted")
    return ConversionOut.from_orm(found)


@router.post("/{int:lead_id}/conversions/{int:conversion_id}/undo", response=ConversionOut, operation_id="conversion_undo", auth=WRITING)
def conversion_undo(request: Any, lead_id: int, conversion_id: int) -> Any:
    """Take a conversion back within a day; again it is the same. 409 says what was built on it since."""
    seller, missing = _seller(request), f"there is no conversion {conversion_id} of lead {lead_id}"
    theirs = handed_over_by(seller).filter(lead=min(lead_id, LARGEST_ID), pk=min(conversion_id, LARGEST_ID)).exists()
    lead = min(lead_id, LARGEST_ID) if theirs else lead_now(request, lead_id).pk
    made = found_or_404(Conversion.objects.filter(lead=lead), conversion_id, missing)
    return ConversionOut.from_orm(undo_conversion(conversion=made, by=seller.username, at=datetime.now(UTC)))
