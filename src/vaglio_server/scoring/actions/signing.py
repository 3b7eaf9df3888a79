"""A model is a contract: marketing and sales sign a version, each for its side, and may take that back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.refused import Refused
from vaglio_server.scoring.actions.holding import held_version
from vaglio_server.scoring.models import SIGNERS, ModelSignature, ModelVersion, Side
from vaglio_server.users.actions import audit
from vaglio_server.users.models import Role, User


@transaction.atomic
def sign_version(*, version: ModelVersion, side: Side, user: User, at: datetime) -> ModelSignature:
    """Sign a version for a side; with the second signature it is signed.

    Raises
    ------
    Refused
        The user may not sign for that side or has signed for the other, somebody else has signed for it, or the version is over or
        discarded.
    """
    held = held_version(version)
    if held.live_to is not None:
        raise Refused(_("{version} is over; sign the one that is in its place").format(version=held))
    if held.discarded_at is not None:
        raise Refused(_("{version} was discarded; take it back first").format(version=held))
    if user.role not in SIGNERS[side]:
        raise Refused(_("{called} cannot sign for {side}").format(called=user.called, side=side.label))
    there = {signature.side: signature for signature in held.signatures.all()}
    if side in there:
        raise Refused(_("{version} is signed for {side} already").format(version=held, side=side.label))
    if any(signature.by == user.username for signature in there.values()):
        raise Refused(_("a contract has two sides: somebody else must sign for {side}").format(side=side.label))
    signature = ModelSignature.objects.create(version=held, side=side, by=user.username, at=at)
    if len(there) + 1 == len(Side):
        held.signed_at = at
        held.save(update_fields=["signed_at"])
    audit(by=user.username, verb="sign_version", subject=f"model:{held.scoring_model_id}", at=at, version=held.number, side=side)
    return signature


@transaction.atomic
def unsign_version(*, version: ModelVersion, side: Side, user: User, at: datetime) -> None:
    """Take back a signature: one's own, or as an administrator anybody's. The version is unsigned again.

    Raises
    ------
    Refused
        There is no such signature, it is somebody else's, or the version is over.
    """
    held = held_version(version)
    if held.live_to is not None:
        raise Refused(_("{version} is over: what was agreed then stays as it was").format(version=held))
    signature = held.signatures.filter(side=side).first()
    if signature is None:
        raise Refused(_("{version} is not signed for {side}").format(version=held, side=side.label))
    if signature.by != user.username and user.role != Role.ADMINISTRATOR:
        signer = User.objects.filter(username=signature.by).first()
        called = signer.called if signer else signature.by
        raise Refused(_("only {called} or an administrator can take that signature back").format(called=called))
    signature.delete()
    held.signed_at = None
    held.save(update_fields=["signed_at"])
    audit(
        by=user.username, verb="unsign_version", subject=f"model:{held.scoring_model_id}", at=at, version=held.number, side=side,
        signed_by=signature.by,
    )  # fmt: skip


@transaction.atomic
def carry_signatures(*, before: ModelVersion, made: ModelVersion, by: str, at: datetime) -> None:
    """Let a version that brings back the very text that both sides had signed be signed as that was: by whom, and when."""
    held = held_version(made)
    if before.signed_at is None or before.fingerprint != held.fingerprint or held.signatures.exists():
        return
    signed = before.signatures.all()
    ModelSignature.objects.bulk_create(ModelSignature(version=held, side=each.side, by=each.by, at=each.at) for each in signed)
    held.signed_at = made.signed_at = before.signed_at
    held.save(update_fields=["signed_at"])
    audit(
        by=by, verb="carry_signatures", subject=f"model:{held.scoring_model_id}", at=at, version=held.number, signed_as=before.number
    )  # fmt: skip
