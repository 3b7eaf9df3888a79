"""A draft that nobody wants is discarded: it leaves the lists, keeps its number and its text, and may be taken back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.refused import Refused
from vaglio_server.scoring.actions.holding import held_version
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.users.actions import audit


@transaction.atomic
def discard_version(*, version: ModelVersion, by: str, at: datetime) -> ModelVersion:
    """Discard a draft.

    Raises
    ------
    Refused
        It was live, or somebody has signed it: a signature is taken back first, by whoever gave it.
    """
    held = held_version(version)
    if held.live_from is not None:
        raise Refused(_("{version} was live: what it said is replayed by it").format(version=held))
    if held.signatures.exists():
        raise Refused(_("{version} is signed; the signatures are taken back first").format(version=held))
    if held.discarded_at is None:
        held.discarded_at, held.discarded_by = at, by
        held.save(update_fields=["discarded_at", "discarded_by"])
        audit(by=by, verb="discard_version", subject=f"model:{held.scoring_model_id}", at=at, version=held.number)
    return held


@transaction.atomic
def restore_version(*, version: ModelVersion, by: str, at: datetime) -> ModelVersion:
    """Take a discarded draft back."""
    held = held_version(version)
    if held.discarded_at is not None:
        held.discarded_at = held.discarded_by = None
        held.save(update_fields=["discarded_at", "discarded_by"])
        audit(by=by, verb="restore_version", subject=f"model:{held.scoring_model_id}", at=at, version=held.number)
    return held
