"""Opportunities: possible sales, and who has a say in them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Router, Schema, Status

from vaglio_server.api.records import RecordIn, Value, number, owner_name, told
from vaglio_server.api.seen import contact_of, opportunity_of, writer
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.models import Opportunity
from vaglio_server.crm.queries import page_by_id, says_in
from vaglio_server.lifecycle.actions import add_to_opportunity, change_opportunity, open_opportunity, remove_from_opportunity

router = Router(tags=["opportunities"])


class OpportunityOut(Schema):
    """A possible sale; ``amount`` is exact, in ``currency`` (ISO 4217).

    ``pipeline`` and ``probability_percent`` are those of the stage, where a pipeline has one that is called so.
    """

    id: int
    name: str
    account_id: int
    owner: str | None
    stage: str | None
    pipeline: str | None
    probability_percent: int | None
    outcome: Literal["open", "won", "lost"]
    loss_reason: str | None
    amount: Decimal | None
    currency: str | None
    close_date: date | None
    fields: dict[str, Any]
    created_at: datetime

    @staticmethod
    def resolve_owner(record: Any) -> str | None:
        """Return the owner by name."""
        return owner_name(record)

    @staticmethod
    def resolve_pipeline(record: Any) -> str | None:
        """Return the name of the pipeline it goes through."""
        if isinstance(record, dict):
            return record["pipeline"]  # type: ignore[no-any-return]
        return str(record.pipeline_stage.pipeline) if record.pipeline_stage else None

    @staticmethod
    def resolve_probability_percent(record: Any) -> int | None:
        """Return how likely what stands there is won."""
        if isinstance(record, dict):
            return record["probability_percent"]  # type: ignore[no-any-return]
        return record.pipeline_stage.probability_percent if record.pipeline_stage else None


class SayOut(Schema):
    """A contact who has a say, in a buying role such as ``economic_buyer`` or none."""

    contact_id: int
    name: str
    role: str | None


class OpportunityDetail(OpportunityOut):
    """An opportunity with those contacts that one may see."""

    contacts: list[SayOut]


class OpportunityPage(Schema):
    """Some opportunities; ``next_cursor`` asks for those after them, None after the last."""

    opportunities: list[OpportunityOut]
    next_cursor: int | None


class OpportunityEdit(RecordIn):
    """What to change: what is not named stays, null takes away. ``owner`` is a user's name."""

    account_id: int | None = None
    owner: str | None = None
    name: Value = None
    stage: Value = None
    outcome: Value = None
    loss_reason: Value = None
    amount: Value = None
    currency: Value = None
    close_date: Value = None


class OpportunityIn(OpportunityEdit):
    """An opportunity to make; it needs an account and a name."""


class SayIn(Schema):
    """The buying role of a contact, as models name it; null: none that is known."""

    role: str | None = None


@router.get("", response=OpportunityPage, operation_id="opportunities_list")
def opportunities_list(
    request: Any, account_id: int | None = None, outcome: str | None = None, search: str = "", cursor: int | None = None, limit: int = 50
) -> Any:
    """Return opportunities by id: of an account, with an outcome, or found by the starts of words."""
    found = Opportunity.objects.visible_to(request.auth.user).found_by(search).select_related("owner", "pipeline_stage__pipeline")
    if account_id is not None:
        found = found.filter(account_id=number(account_id))
    if outcome:
        found = found.filter(outcome=outcome)
    page = page_by_id(found, cursor=cursor, limit=max(1, min(limit, 500)))
    return {"opportunities": page.rows, "next_cursor": page.next_cursor}


@router.post("", response={201: OpportunityOut}, operation_id="opportunities_create", auth=WRITING)
def opportunities_create(request: Any, body: OpportunityIn) -> Any:
    """Make an opportunity; unless it says otherwise, it stands at the first stage. 422 names every value that does not fit."""
    by = writer(request)
    return Status(201, open_opportunity(told=told(request, body, is_new=True), by=by, at=datetime.now(UTC)))


@router.get("/{int:opportunity_id}", response=OpportunityDetail, operation_id="opportunities_get")
def opportunities_get(request: Any, opportunity_id: int) -> Any:
    """Return one opportunity with who has a say in it."""
    opportunity = opportunity_of(request, opportunity_id)
    contacts = [
        SayOut(contact_id=each.contact_id, name=str(each.contact), role=each.role) for each in says_in(opportunity, request.auth.user)
    ]
    return OpportunityDetail(**OpportunityOut.from_orm(opportunity).model_dump(), contacts=contacts)


@router.patch("/{int:opportunity_id}", response=OpportunityOut, operation_id="opportunities_edit", auth=WRITING)
def opportunities_edit(request: Any, opportunity_id: int, body: OpportunityEdit) -> Any:
    """Change an opportunity; won or lost, what became of its leads is recorded. 422 names every value that does not fit."""
    by, opportunity = writer(request), opportunity_of(request, opportunity_id)
    return change_opportunity(opportunity=opportunity, told=told(request, body), by=by, at=datetime.now(UTC))


@router.put("/{int:opportunity_id}/contacts/{int:contact_id}", response={204: None}, operation_id="opportunities_set_contact", auth=WRITING)
def opportunities_set_contact(request: Any, opportunity_id: int, contact_id: int, body: SayIn) -> Any:
    """Give a contact a say in an opportunity; again changes the role. In one that ended, what became of it is recorded with their lead."""
    by, opportunity, contact = writer(request), opportunity_of(request, opportunity_id), contact_of(request, contact_id)
    add_to_opportunity(opportunity=opportunity, contact=contact, role=body.role, by=by, at=datetime.now(UTC))
    return Status(204, None)


@router.delete(
    "/{int:opportunity_id}/contacts/{int:contact_id}", response={204: None}, operation_id="opportunities_remove_contact", auth=WRITING
)
def opportunities_remove_contact(request: Any, opportunity_id: int, contact_id: int) -> Any:
    """Take a contact out of an opportunity."""
    by, opportunity, contact = writer(request), opportunity_of(request, opportunity_id), contact_of(request, contact_id)
    remove_from_opportunity(opportunity=opportunity, contact=contact, by=by, at=datetime.now(UTC))
    return Status(204, None)
