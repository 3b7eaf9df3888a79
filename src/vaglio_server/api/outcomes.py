"""What became of a lead."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import AfterValidator, Field, model_validator

from vaglio_server.api.exact import Moment
from vaglio_server.api.seen import lead_now, lead_once, writer
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.actions import Became, record_outcome
from vaglio_server.crm.logic.currencies import CURRENCIES
from vaglio_server.crm.logic.fields import shown
from vaglio_server.crm.models import Fate, LeadOutcome
from vaglio_server.users.models import ANSWERERS

router = Router(tags=["outcomes"])
VERDICTS = (Fate.ACCEPTED, Fate.REJECTED)


def _code(text: str) -> str:
    if text.upper() not in CURRENCIES:
        raise ValueError(f"{shown(text)} is no currency; give its code of ISO 4217, such as EUR")
    return text.upper()


class OutcomeOut(Schema):
    """What became of a lead, when, and when that became known; ``value`` is exact, in ``currency`` (ISO 4217) where that is known."""

    outcome: str
    reason: str | None
    value: Decimal | None
    currency: str | None
    occurred_at: datetime
    known_at: datetime
    by: str


class OutcomeIn(Schema):
    """What became of a lead; without an instant, now. ``value`` is what was won or lost, in ``currency`` (ISO 4217)."""

    outcome: Literal["accepted", "rejected", "won", "lost"]
    reason: str | None = Field(default=None, max_length=500)
    value: Decimal | None = Field(default=None, ge=0, max_digits=15, decimal_places=2)
    currency: Annotated[str, AfterValidator(_code)] | None = None
    occurred_at: Moment | None = None

    @model_validator(mode="after")
    def has_value(self) -> Self:
        """Refuse a currency of nothing."""
        if self.currency is not None and self.value is None:
            raise ValueError("currency: is that of a value; give the value too, or leave the currency out")
        return self


@router.get("/{int:lead_id}/outcomes", response=list[OutcomeOut], operation_id="outcomes_list")
def outcomes_list(request: Any, lead_id: int) -> Any:
    """Return what became of a lead, newest first."""
    found = LeadOutcome.objects.present().filter(lead=lead_once(request, lead_id))
    return [OutcomeOut.from_orm(each) for each in found.order_by("-occurred_at", "-id")]


@router.post("/{int:lead_id}/outcomes", response={201: OutcomeOut}, operation_id="outcomes_record", auth=WRITING)
def outcomes_record(request: Any, lead_id: int, body: OutcomeIn) -> Any:
    """Write down what became of a lead; said again it is the same. Accepted and rejected are for sales and administrators to say."""
    by = writer(request)
    if body.outcome in VERDICTS and request.auth.user.role not in ANSWERERS:
        raise HttpError(403, "a verdict is what sales says of a lead: your role does not")
    lead, now = lead_now(request, lead_id), datetime.now(UTC)
    became = Became(body.outcome, body.occurred_at or now, body.reason, body.value, body.currency)
    return Status(201, OutcomeOut.from_orm(record_outcome(lead=lead, became=became, by=by, at=now)))
