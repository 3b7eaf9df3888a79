"""Scoring models."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from vaglio_server.api.seen import marketer
from vaglio_server.api.tokens import WRITING
from vaglio_server.scoring.actions import push_model
from vaglio_server.scoring.queries import live_versions

router = Router(tags=["models"])


class VersionOut(Schema):
    """A version of a model; ``is_signed`` is false until marketing and sales have signed it."""

    model: str
    version: int
    fingerprint: str
    created_at: datetime
    live_from: datetime | None
    is_driving: bool
    is_signed: bool


class ModelIn(Schema):
    """A model document."""

    text: str


def _out(version: Any) -> VersionOut:
    return VersionOut(
        model=version.scoring_model.name,
        version=version.number,
        fingerprint=version.fingerprint,
        created_at=version.created_at,
        live_from=version.live_from,
        is_driving=version.scoring_model.is_driving,
        is_signed=version.signed_at is not None,
    )


@router.get("", response=list[VersionOut], operation_id="models_list")
def models_list(request: HttpRequest) -> list[VersionOut]:
    """Return the live version of each model."""
    return [_out(version) for version in live_versions()]


@router.post("", response={201: VersionOut}, operation_id="models_push", auth=WRITING)
def models_push(request: Any, body: ModelIn) -> Any:
    """Upload a model as a draft; the same text again is the same version. 422 names every fault with its line."""
    version = push_model(text=body.text, by=marketer(request), at=datetime.now(UTC))
    return Status(201, _out(version))
