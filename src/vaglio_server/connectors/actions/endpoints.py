"""Receivers of webhooks: made, changed, switched, given another secret, removed."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.connectors.actions.switching import switch_off
from vaglio_server.connectors.logic import signing
from vaglio_server.connectors.logic.addresses import target_of
from vaglio_server.connectors.logic.sealing import seal, unseal
from vaglio_server.connectors.models import Endpoint, WhyOff
from vaglio_server.lifecycle.models import Kind
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit

BOTH = timedelta(days=1)  # for which what is sent is signed with the secret before, too
MOST = 25  # of them, so that what is sent to each at once is never too much together
LONGEST_NAME = 100
RECEIVERS = 730_463  # an advisory lock: receivers are named, and counted, one at a time


@dataclass(frozen=True)
class NewEndpoint:
    """What is told of a receiver."""

    name: str
    address: str
    kinds: Collection[str]
    has_email: bool = False


@transaction.atomic
def make_endpoint(*, told: NewEndpoint, by: str, at: datetime) -> tuple[Endpoint, str]:
    """Make a receiver, and return it with its secret, which is shown now and never again.

    Raises
    ------
    Refused
        Nothing is sent to such an address, a kind is none, or the name is taken.
    """
    name, address, kinds = _checked(told)
    _refuse_taken(name)
    if Endpoint.objects.count() >= MOST:
        raise Refused(_("there are {n} receivers already; remove one first").format(n=MOST))
    secret = secrets.token_bytes(signing.BYTES)
    made = Endpoint.objects.create(
        name=name, address=address, kinds=kinds, has_email=told.has_email, secret=seal(secret, settings.SECRET_KEY), created_at=at, by=by
    )
    audit(by=by, verb="make_endpoint", subject=f"endpoint:{made.pk}", at=at, name=name, address=address)
    return made, signing.written(secret)


@transaction.atomic
def change_endpoint(*, endpoint: Endpoint, told: NewEndpoint, by: str, at: datetime) -> Endpoint:
    """Change a receiver's name, address, or of what it is told, and return it; what waits for it goes to the new address.

    Raises
    ------
    Refused
        Nothing is sent to such an address, a kind is none, or the name is taken.
    """
    name, address, kinds = _checked(told)
    _refuse_taken(name, endpoint.pk)
    held = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    # What happened before a kind was chosen was never to be told, and so is not missed.
    since = {kind: held.told_since.get(kind) if kind in held.kinds else at.isoformat() for kind in kinds}
    held.name, held.address, held.kinds, held.has_email = name, address, kinds, told.has_email
    held.told_since = {kind: chosen for kind, chosen in since.items() if chosen}
    held.save(update_fields=["name", "address", "kinds", "has_email", "told_since"])
    audit(by=by, verb="change_endpoint", subject=f"endpoint:{held.pk}", at=at, name=name, address=address)
    return held


def _refuse_taken(name: str, own: int | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RECEIVERS])
    taken = Endpoint.objects.filter(name=name).first()
    if taken is not None and taken.pk != own:
        raise Refused(_("there is a receiver called {name} already").format(name=name))


@transaction.atomic
def rotate_secret(*, endpoint: Endpoint, by: str, at: datetime, is_lost: bool = False) -> str:
    """Give a receiver another secret, and return it; for a day what is sent is signed with both, so that the receiver may take its time.

    ``is_lost``: the one that it was given within that day never reached it, and another takes its place; the one before signs on.

    Raises
    ------
    Refused
        It was given another within that day, and nobody says that this one is lost: the one it knows would sign no more.
    """
    secret = secrets.token_bytes(signing.BYTES)
    held = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    is_changing = held.is_changing(at) and unseal(str(held.secret_before), settings.SECRET_KEY) is not None
    if is_changing and not is_lost:
        why = _("{name} was given another secret within the last day; if that one is lost, say so, and make another")
        raise Refused(why.format(name=held.name))
    if not is_changing:
        held.secret_before = held.secret
    held.secret_before_until, held.secret = at + BOTH, seal(secret, settings.SECRET_KEY)
    if held.why_off == WhyOff.UNREADABLE:
        held.is_on, held.why_off, held.off_at = True, None, None
    held.save(update_fields=["secret", "secret_before", "secret_before_until", "is_on", "why_off", "off_at"])
    audit(by=by, verb="rotate_secret", subject=f"endpoint:{held.pk}", at=at)
    return signing.written(secret)


@transaction.atomic
def switch_endpoint(*, endpoint: Endpoint, is_on: bool, by: str, at: datetime) -> None:
    """Switch a receiver off, or on again: what waits for it is sent then, and its failures are forgotten."""
    held = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    if held.is_on == is_on:
        return
    if is_on:
        target_of(held.address, settings.WEBHOOK_HOSTS)
        held.is_on, held.why_off, held.off_at, held.failing_since, held.paused_until = True, None, None, None, None
        audit(by=by, verb="switch_endpoint", subject=f"endpoint:{held.pk}", at=at, on=True)
    else:
        switch_off(held, WhyOff.BY_HAND, by, at)
    held.save(update_fields=["is_on", "why_off", "off_at", "failing_since", "paused_until"])


@transaction.atomic
def remove_endpoint(*, endpoint: Endpoint, by: str, at: datetime) -> None:
    """Forget a receiver with all that was or is to be sent to it."""
    audit(by=by, verb="remove_endpoint", subject=f"endpoint:{endpoint.pk}", at=at, name=endpoint.name, address=endpoint.address)
    endpoint.delete()


def _checked(told: NewEndpoint) -> tuple[str, str, list[str]]:
    name = " ".join(told.name.replace("\x00", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise Refused(_("give the receiver a name of up to {n} characters").format(n=LONGEST_NAME))
    if unknown := sorted(set(told.kinds) - set(Kind.values)):
        kinds = ", ".join(Kind.values)
        raise Refused(_("“{kind}” is no kind of happening; they are {kinds}").format(kind=unknown[0][:40], kinds=kinds))
    if not told.kinds:
        raise Refused(_("choose of what the receiver is told"))
    target_of(told.address, settings.WEBHOOK_HOSTS)
    return name, told.address.strip(), [kind for kind in Kind.values if kind in told.kinds]
