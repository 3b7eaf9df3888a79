"""Webhooks: the systems that are told what happens to leads, and what was sent to each. Administrators look after them."""

from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from vaglio_server.api.exact import Moment
from vaglio_server.api.seen import found_or_404
from vaglio_server.api.tokens import WRITING
from vaglio_server.connectors.actions import (
    NewEndpoint,
    change_endpoint,
    make_endpoint,
    remove_endpoint,
    replay_delivery,
    replay_failed,
    rotate_secret,
    send_test,
    switch_endpoint,
)
from vaglio_server.connectors.models import Endpoint
from vaglio_server.connectors.queries import deliveries_of
from vaglio_server.crm.queries import page_by_id
from vaglio_server.lifecycle.models import Kind
from vaglio_server.users.models import Role

router = Router(tags=["webhooks"])
DeliveryState = Literal["waiting", "delivered", "failed"]


class EndpointIn(Schema):
    """A receiver: its address, of what it is told, and whether with the lead's mail address."""

    name: str = Field(max_length=100)
    address: str = Field(max_length=500)
    kinds: list[Kind] = Field(min_length=1)
    has_email: bool = False

    def told(self) -> NewEndpoint:
        """Return it as the domain takes it."""
        return NewEndpoint(self.name, self.address, [each.value for each in self.kinds], self.has_email)


class EndpointOut(Schema):
    """A receiver, whether it is told, and if not, why; ``failing_since``: it only failed since then."""

    id: int
    name: str
    address: str
    kinds: list[str]
    has_email: bool
    is_on: bool
    why_off: str | None
    off_at: datetime | None
    failing_since: datetime | None
    created_at: datetime


class EndpointMade(EndpointOut):
    """A receiver with its secret, which is said once."""

    secret: str


class SecretOut(Schema):
    """A new secret, which is said once; for a day requests are signed with the one before, too."""

    secret: str


class SwitchIn(Schema):
    """Whether it is told."""

    is_on: bool


class SinceIn(Schema):
    """Since when."""

    since: Moment


class SentAgainOut(Schema):
    """How many are sent again."""

    deliveries: int


class DeliveryOut(Schema):
    """What was sent to a receiver, or is to be; ``key`` is its webhook-id. ``status`` and ``error`` are of the last attempt."""

    id: int
    key: UUID
    kind: str
    at: datetime
    state: DeliveryState
    attempts: int
    next_at: datetime | None
    tried_at: datetime | None
    status: int | None
    error: str


class DeliveryPage(Schema):
    """Some deliveries, newest first; ``next_cursor`` asks for those before them, None before the first."""

    deliveries: list[DeliveryOut]
    next_cursor: int | None


def _administrator(request: Any) -> str:
    if request.auth.user.role != Role.ADMINISTRATOR:
        raise HttpError(403, "administrators look after webhooks")
    return str(request.auth.user.username)


def _endpoint(request: Any, endpoint_id: int) -> tuple[Endpoint, str]:
    by = _administrator(request)
    return found_or_404(Endpoint.objects.all(), endpoint_id, f"there is no webhook {endpoint_id}"), by


@router.get("", response=list[EndpointOut], operation_id="webhooks_list")
def webhooks_list(request: Any) -> Any:
    """Return all receivers by name."""
    _administrator(request)
    return Endpoint.objects.order_by("name")


@router.post("", response={201: EndpointMade}, operation_id="webhooks_make", auth=WRITING)
def webhooks_make(request: Any, body: EndpointIn) -> Any:
    """Make a receiver; its secret is in this answer and nowhere else."""
    made, secret = make_endpoint(told=body.told(), by=_administrator(request), at=datetime.now(UTC))
    return Status(201, EndpointMade(**EndpointOut.from_orm(made).model_dump(), secret=secret))


@router.get("/{int:endpoint_id}", response=EndpointOut, operation_id="webhooks_get")
def webhooks_get(request: Any, endpoint_id: int) -> Any:
    """Return one receiver."""
    return _endpoint(request, endpoint_id)[0]


@router.put("/{int:endpoint_id}", response=EndpointOut, operation_id="webhooks_change", auth=WRITING)
def webhooks_change(request: Any, endpoint_id: int, body: EndpointIn) -> Any:
    """Change a receiver; what waits for it goes to the new address."""
    endpoint, by = _endpoint(request, endpoint_id)
    return change_endpoint(endpoint=endpoint, told=body.told(), by=by, at=datetime.now(UTC))


@router.delete("/{int:endpoint_id}", response={204: None}, operation_id="webhooks_remove", auth=WRITING)
def webhooks_remove(request: Any, endpoint_id: int) -> Any:
    """Forget a receiver with all that was or is to be sent to it."""
    endpoint, by = _endpoint(request, endpoint_id)
    remove_endpoint(endpoint=endpoint, by=by, at=datetime.now(UTC))
    return Status(204, None)


@router.post("/{int:endpoint_id}/secret", response=SecretOut, operation_id="webhooks_rotate", auth=WRITING)
def webhooks_rotate(request: Any, endpoint_id: int, is_lost: bool = False) -> Any:
    """Give a receiver another secret; 409 within a day of the last, unless ``is_lost``: that one never reached it."""
    endpoint, by = _endpoint(request, endpoint_id)
    return SecretOut(secret=rotate_secret(endpoint=endpoint, by=by, at=datetime.now(UTC), is_lost=is_lost))


@router.post("/{int:endpoint_id}/switch", response=EndpointOut, operation_id="webhooks_switch", auth=WRITING)
def webhooks_switch(request: Any, endpoint_id: int, body: SwitchIn) -> Any:
    """Switch a receiver off, or on again."""
    endpoint, by = _endpoint(request, endpoint_id)
    switch_endpoint(endpoint=endpoint, is_on=body.is_on, by=by, at=datetime.now(UTC))
    endpoint.refresh_from_db()
    return endpoint


@router.post("/{int:endpoint_id}/test", response={202: DeliveryOut}, operation_id="webhooks_test", auth=WRITING)
def webhooks_test(request: Any, endpoint_id: int) -> Any:
    """Send a receiver a ping; what it answers is soon among its deliveries."""
    endpoint, by = _endpoint(request, endpoint_id)
    return Status(202, send_test(endpoint=endpoint, by=by, at=datetime.now(UTC)))


@router.post("/{int:endpoint_id}/replay", response=SentAgainOut, operation_id="webhooks_replay", auth=WRITING)
def webhooks_replay(request: Any, endpoint_id: int, body: SinceIn) -> Any:
    """Send again what happened since an instant and failed, or was not told because the receiver was off."""
    endpoint, by = _endpoint(request, endpoint_id)
    return SentAgainOut(deliveries=replay_failed(endpoint=endpoint, since=body.since, by=by, at=datetime.now(UTC)))


@router.get("/{int:endpoint_id}/deliveries", response=DeliveryPage, operation_id="webhooks_deliveries")
def webhooks_deliveries(
    request: Any, endpoint_id: int, state: DeliveryState | None = None, cursor: int | None = None, limit: int = 50
) -> Any:  # fmt: skip
    """Return what was sent to a receiver, or is to be, newest first."""
    endpoint, _by = _endpoint(request, endpoint_id)
    page = page_by_id(deliveries_of(endpoint, state=state or ""), cursor=cursor, limit=max(1, min(limit, 500)), newest_first=True)
    return {"deliveries": page.rows, "next_cursor": page.next_cursor}


@router.post(
    "/{int:endpoint_id}/deliveries/{int:delivery_id}/replay", response={202: DeliveryOut}, operation_id="webhooks_replay_one", auth=WRITING
)
def webhooks_replay_one(request: Any, endpoint_id: int, delivery_id: int) -> Any:
    """Send one delivery again, with the id it had."""
    endpoint, by = _endpoint(request, endpoint_id)
    delivery = found_or_404(deliveries_of(endpoint), delivery_id, f"there is no delivery {delivery_id} to this receiver")
    replay_delivery(delivery=delivery, by=by, at=datetime.now(UTC))
    delivery.refresh_from_db()
    return Status(202, delivery)
