"""Second opinions: which a seller is asked for, without what was said first, and giving them."""

from datetime import UTC, datetime
from typing import Any

from ninja import Router, Schema, Status
from ninja.errors import HttpError

from vaglio_server.api.seen import found_or_404
from vaglio_server.api.tokens import WRITING
from vaglio_server.lifecycle.actions import give_opinion
from vaglio_server.lifecycle.models import SecondOpinion
from vaglio_server.lifecycle.queries import asked_of
from vaglio_server.users.models import Role, User

router = Router(tags=["second opinions"])


class OpinionOut(Schema):
    """A lead of which somebody is asked whether they would have accepted it. Owner and stage are not told: they give the verdict away."""

    id: int
    lead_id: int
    name: str
    fields: dict[str, Any]
    rating: str | None
    asked_at: datetime


class OpinionIn(Schema):
    """Whether they would accept it; else why not, by a reason of the list."""

    would_accept: bool
    reason: str | None = None


def _seller(request: Any) -> User:
    user: User = request.auth.user
    if user.role != Role.SALES:
        raise HttpError(403, "second opinions are asked of sellers")
    return user


@router.get("", response=list[OpinionOut], operation_id="opinions_list")
def opinions_list(request: Any) -> Any:
    """Return what the caller is asked about, the oldest first."""
    return [
        OpinionOut(
            id=each.pk, lead_id=each.move.lead_id, name=str(each.move.lead), fields=each.move.lead.fields, rating=each.move.rating,
            asked_at=each.asked_at,
        )
        for each in asked_of(_seller(request))
    ]  # fmt: skip


@router.post("/{int:opinion_id}", response={204: None}, operation_id="opinions_give", auth=WRITING)
def opinions_give(request: Any, opinion_id: int, body: OpinionIn) -> Any:
    """Say what one would have said; said again it stays as it was."""
    user = _seller(request)
    asked = found_or_404(SecondOpinion.objects.filter(asked=user), opinion_id, f"you are asked for no opinion {opinion_id}")
    give_opinion(opinion=asked, would_accept=body.would_accept, reason=body.reason, by=user, at=datetime.now(UTC))
    return Status(204, None)
