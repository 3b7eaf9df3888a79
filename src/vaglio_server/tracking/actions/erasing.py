"""Taking out what somebody sent: from requests as they came, and from what was made of them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from vaglio_server.crm.logic.erased import Key, Naming, is_of
from vaglio_server.crm.models import ErasedKey, FieldChange
from vaglio_server.tracking.actions.events import Taken
from vaglio_server.tracking.logic.blanking import Sent, blanked
from vaglio_server.tracking.logic.calls import Refusal
from vaglio_server.tracking.logic.people import keys
from vaglio_server.tracking.models import Activity, Delivery, Identity, IdentityLink, Merge
from vaglio_server.tracking.queries.naming import keys_of

Places = Mapping[int, Collection[int]]  # of calls, by the delivery they stand in


def of_erased(
    cursor: Any, taken: Collection[Taken], refused: Iterable[tuple[int, Refusal]], sent: Mapping[int, Sent], now: datetime
) -> set[tuple[int, int]]:  # fmt: skip
    """Return which calls are of somebody who was erased, by delivery and place; what they said is taken out of their deliveries.

    A device that somebody else turns out to use is theirs from then on.
    """
    if not ErasedKey.objects.out().exists():
        return set()
    named: dict[tuple[int, int], list[Key]] = {(each.delivery, each.call.place): keys(each.call) for each in taken}
    named |= {(delivery, refusal.place): keys_of(refusal, sent[delivery]) for delivery, refusal in refused}
    gone = ErasedKey.objects.among({key for its in named.values() for key in its})
    found = {where for where, its in named.items() if is_of(its, gone)}
    others = {key for where, its in named.items() if where not in found for key in gone.intersection(its)}
    if others:
        ErasedKey.objects.of(others).update(let_in_at=now)
    places: dict[int, list[int]] = {}
    for delivery, place in found:
        places.setdefault(delivery, []).append(place)
    if places:
        blank(cursor, places, Naming.of(gone - others))
    return found


def blank(cursor: Any, places: Places, naming: Naming) -> None:
    """Take calls out of the deliveries they stand in; of a batch, what beside its calls names the person goes too."""
    held = Delivery.objects.select_for_update().filter(pk__in=places).order_by("pk").only("body", "kind")
    bodies = ((blanked(bytes(each.body), each.kind, set(places[each.pk]), naming), each.pk) for each in held.iterator(chunk_size=100))
    cursor.executemany("UPDATE tracking_delivery SET body = %s WHERE id = %s", list(bodies))


def forget_calls(cursor: Any, places: Places) -> None:
    """Forget what was kept of some calls beside their deliveries: that they came, and why they were refused."""
    rows = [(delivery, place) for delivery, its in places.items() for place in its]
    for table in ("tracking_event", "tracking_refusedevent"):
        cursor.execute(
            f"""DELETE FROM {table} USING unnest(%s::bigint[], %s::int[]) AS gone (delivery, place)
            WHERE {table}.delivery_id = gone.delivery AND {table}.place = gone.place""",
            [[delivery for delivery, _place in rows], [place for _delivery, place in rows]],
        )


def forget_identities(cursor: Any, identities: Collection[int], *, keeps_events: bool = False) -> None:
    """Forget some identities with all that was done under them, and the marks on that; and, unless it is kept, that their calls came."""
    done = Activity.objects.filter(identity__in=identities)
    events = [] if keeps_events else list(done.values_list("event_id", flat=True))
    done.delete()
    # By hand: Django would look for activities of these events, and read all there are.
    cursor.execute("DELETE FROM tracking_event WHERE id = ANY(%s)", [events])
    IdentityLink.objects.filter(identity__in=identities).delete()
    Identity.objects.filter(pk__in=identities).delete()


def forget_merges(leads: Collection[int]) -> None:
    """Forget that some leads were merged with each other or with others, whose keys they had, and what others had from them meanwhile."""
    IdentityLink.objects.filter(lead__in=leads).delete()
    merges = Merge.objects.filter(Q(lead__in=leads) | Q(other__in=leads))
    for merge in merges.filter(other__in=leads).exclude(lead__in=leads):  # it was undone, or they would be one
        taken = merge.taken.get("fields", {})
        FieldChange.objects.filter(lead=merge.lead_id, known_at=merge.known_at, field__in=list(taken)).delete()
    IdentityLink.objects.filter(merge__in=merges).update(merge=None)
    merges.delete()
