"""What is done about calls that were refused: tried again, mended, put away. What came in stays as it came."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.refused import Refused
from vaglio_server.tracking.logic.mending import StillUnfit, mended
from vaglio_server.tracking.models import Delivery, RefusedEvent, Settled
from vaglio_server.tracking.queries import open_refused
from vaglio_server.users.actions import audit

MOST = 10_000  # calls at once


@transaction.atomic
def replay_refused(*, refused: RefusedEvent, by: str, at: datetime) -> int:
    """Give a request with refused calls to the workers again, and return how many of its calls had been refused.

    Its other calls were taken already and are not taken twice; what cannot be taken this time either is refused again. Calls that
    were mended or put away stay so.
    """
    delivery = Delivery.objects.select_for_update().get(pk=refused.delivery_id)
    count = _open_again([delivery.pk])
    audit(by=by, verb="replay_refused", subject=f"delivery:{delivery.pk}", at=at, refused=count)
    return count


@transaction.atomic
def replay_all_refused(*, reason: str, up_to: int, by: str, at: datetime) -> int:
    """Give the requests of up to 10,000 refused calls to the workers again (of one reason, or of all), and return how many calls that were.

    ``up_to``: the newest of them, so that nothing is tried again that its caller has not seen.
    """
    those = open_refused(reason=reason, up_to=up_to).order_by("-id")
    deliveries = sorted(set(those.values_list("delivery_id", flat=True)[:MOST]))
    held = Delivery.objects.select_for_update().filter(pk__in=deliveries).order_by("id").values_list("pk", flat=True)
    count = _open_again(list(held))
    audit(by=by, verb="replay_all_refused", subject="deliveries", at=at, refused=count, reason=reason)
    return count


def _open_again(deliveries: list[int]) -> int:
    """Open those of some deliveries that still have refused calls: what was emptied meanwhile, or tried again, has none."""
    refused = RefusedEvent.objects.filter(delivery__in=deliveries, settled=Settled.NOT_YET)
    Delivery.objects.filter(pk__in=refused.values("delivery")).update(is_open=True)
    count, _each = refused.delete()
    return count


@transaction.atomic
def mend_refused(*, refused: RefusedEvent, text: str, by: str, at: datetime) -> Delivery:
    """Take a refused call in the words that somebody put right. What came stays as it came; a call mended twice is taken once.

    Raises
    ------
    Refused
        It cannot be taken so, either; or somebody was faster.
    """
    held = _held(refused, Settled.NOT_YET)
    came = held.delivery
    try:
        body = mended(text, kind=came.kind, body=bytes(came.body), received_at=came.received_at)
    except StillUnfit as error:
        raise Refused(str(error)) from error
    made = Delivery.objects.create(source=came.source, kind="batch", body=body, received_at=at, bringer=came.bringer)
    _settle(held, Settled.MENDED, by, at)
    audit(by=by, verb="mend_refused", subject=f"delivery:{came.pk}", at=at, place=held.place, mended_as=made.pk, reason=held.reason)
    return made


@transaction.atomic
def put_away_refused(*, refused: RefusedEvent, by: str, at: datetime) -> None:
    """Say of a refused call that nothing is to be done about it; it can be brought back.

    Raises
    ------
    Refused
        Somebody was faster.
    """
    held = _held(refused, Settled.NOT_YET)
    _settle(held, Settled.PUT_AWAY, by, at)
    audit(by=by, verb="put_away_refused", subject=f"delivery:{held.delivery_id}", at=at, place=held.place, reason=held.reason)


@transaction.atomic
def put_all_refused_away(*, reason: str, up_to: int, by: str, at: datetime) -> int:
    """Say of up to 10,000 refused calls that nothing is to be done about them, and return how many there were."""
    ids = list(open_refused(reason=reason, up_to=up_to).select_for_update().order_by("-id").values_list("pk", flat=True)[:MOST])
    count = RefusedEvent.objects.filter(pk__in=ids).update(settled=Settled.PUT_AWAY, settled_at=at, settled_by=by)
    audit(by=by, verb="put_all_refused_away", subject="deliveries", at=at, refused=count, reason=reason)
    return count


@transaction.atomic
def bring_back_refused(*, refused: RefusedEvent, by: str, at: datetime) -> None:
    """Put a call that was put away among those to look at again.

    Raises
    ------
    Refused
        It is none that was put away.
    """
    held = _held(refused, Settled.PUT_AWAY)
    held.settled, held.settled_at, held.settled_by = Settled.NOT_YET, None, ""
    held.save(update_fields=["settled", "settled_at", "settled_by"])
    audit(by=by, verb="bring_back_refused", subject=f"delivery:{held.delivery_id}", at=at, place=held.place)


def _held(refused: RefusedEvent, state: Settled) -> RefusedEvent:
    """Return a refused call that nobody else decides on meanwhile, in the state that it has to have."""
    held = RefusedEvent.objects.select_for_update(of=("self",)).select_related("delivery__source").filter(pk=refused.pk).first()
    if held is None:
        raise Refused(_("this call was tried again meanwhile"))
    if held.settled != state:
        raise Refused(
            f"this call was {held.get_settled_display()} by {held.settled_by} meanwhile" if held.settled else "this call is open already"
        )
    return held


def _settle(held: RefusedEvent, state: Settled, by: str, at: datetime) -> None:
    held.settled, held.settled_by, held.settled_at = state, by, at
    held.save(update_fields=["settled", "settled_by", "settled_at"])
