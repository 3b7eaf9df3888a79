"""Taking out what somebody sent: from requests as they came, and from what was made of them."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q

from vaglio_server.crm.logic.erased import NOBODY
from vaglio_server.crm.models import ErasedKey
from vaglio_server.tracking.actions.events import Taken
from vaglio_server.tracking.logic.blanking import blanked
from vaglio_server.tracking.logic.people import keys
from vaglio_server.tracking.models import Activity, Delivery, Event, Identity, IdentityLink, Merge

Places = Mapping[int, Collection[int]]  # of calls, by the delivery they stand in


def of_erased(cursor: Any, taken: Collection[Taken]) -> set[tuple[int, int]]:
    """Return which calls name somebody who was erased, by delivery and place; what they said is taken out of their deliveries."""
    gone = ErasedKey.objects.among({key for each in taken for key in keys(each.call)})
    found = {(each.delivery, each.call.place) for each in taken if gone.intersection(keys(each.call))}
    places: dict[int, list[int]] = {}
    for delivery, place in found:
        places.setdefault(delivery, []).append(place)
    if places:
        blank(cursor, places)
    return found


def blank(cursor: Any, places: Places, named: str = NOBODY) -> None:
    """Take calls out of the deliveries they stand in; of a batch, what beside its calls names the person goes too."""
    held = Delivery.objects.select_for_update().filter(pk__in=places).order_by("pk").only("body")
    bodies = [(each.pk, blanked(bytes(each.body), set(places[each.pk]), named)) for each in held.iterator()]
    cursor.executemany("UPDATE tracking_delivery SET body = %s WHERE id = %s", [(body, number) for number, body in bodies])


def forget_calls(cursor: Any, places: Places) -> None:
    """Forget what was kept of some calls beside their deliveries: that they came, and why they were refused."""
    rows = [(delivery, place) for delivery, its in places.items() for place in its]
    for table in ("tracking_event", "tracking_refusedevent"):
        cursor.execute(
            f"""DELETE FROM {table} USING unnest(%s::bigint[], %s::int[]) AS gone (delivery, place)
            WHERE {table}.delivery_id = gone.delivery AND {table}.place = gone.place""",
            [[delivery for delivery, _place in rows], [place for _delivery, place in rows]],
        )


def forget_identities(identities: Collection[int]) -> None:
    """Forget some identities with all that was done under them, and the marks on that."""
    done = Activity.objects.filter(identity__in=identities)
    events = list(done.values_list("event_id", flat=True))
    done.delete()
    Event.objects.filter(pk__in=events).delete()
    IdentityLink.objects.filter(identity__in=identities).delete()
    Identity.objects.filter(pk__in=identities).delete()


def forget_merges(leads: Collection[int]) -> None:
    """Forget that some leads were merged with each other or with others, and whose keys they had."""
    IdentityLink.objects.filter(lead__in=leads).delete()
    merges = Merge.objects.filter(Q(lead__in=leads) | Q(other__in=leads))
    IdentityLink.objects.filter(merge__in=merges).update(merge=None)
    merges.delete()
