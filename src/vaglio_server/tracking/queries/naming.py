"""Where somebody is named in requests as they came."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import connection

from vaglio_server.crm.logic.erased import Key, Naming, is_of
from vaglio_server.tracking.logic.blanking import Sent, escapes, spellings
from vaglio_server.tracking.logic.calls import Call, Refusal, calls, email_of
from vaglio_server.tracking.logic.people import keys
from vaglio_server.tracking.models import Delivery, Identity, IdentityKind, IdentityLink
from vaglio_server.tracking.queries.refused import open_refused

LATEST = timedelta(minutes=15)  # as long a request may take from its arrival until others see it stored
MOST = 1_000  # addresses in a text
AT_ONCE = 100  # requests in memory
_APART = re.compile(r"[\s\"'<>(),;:\\]+")  # what stands between addresses: one after the other, in time that grows with the text alone


def addresses_in(text: str) -> set[str]:
    """Return the mail addresses in a text, in small letters."""
    told = islice((word for word in _APART.split(text) if "@" in word), MOST)
    return {email for word in told if (email := email_of(word.rstrip(".")))}


@dataclass(frozen=True)
class Theirs:
    """Where somebody's calls stand, by delivery, and the keys that name them in those nobody has taken yet."""

    places: dict[int, set[int]]
    keys: frozenset[Key]


def calls_of(person: Collection[Key], deliveries: Collection[int]) -> Theirs:
    """Return where somebody's calls stand in some deliveries, those that were refused among them.

    A call that names another first, such as a colleague with their address, is the other's. What waits to be taken may join them to more
    keys: such a call is theirs, and so is what else comes under these keys.
    """
    known, naming = set(person), Naming.of(person)
    found: dict[int, set[int]] = {}
    named: list[tuple[Delivery, int, Sequence[Key]]] = []
    for each in Delivery.objects.filter(pk__in=deliveries).order_by("pk").iterator(chunk_size=100):
        sent = Sent(bytes(each.body), each.kind)
        for call in _read(each, sent):
            its = keys(call) if isinstance(call, Call) else call.named
            if is_of(its, known):
                named.append((each, call.place, its))
            elif not its and naming.means(sent.call(call.place)):
                found.setdefault(each.pk, set()).add(call.place)
    others = _of_others({key for _each, _place, its in named for key in its} - known, known)
    joined: set[Key] = set()
    for each, place, told in named:
        if told[0] not in others:
            found.setdefault(each.pk, set()).add(place)
            joined |= {key for key in told if key[0] != IdentityKind.ANONYMOUS_ID} - others if each.is_open else set()
    return Theirs(found, frozenset(joined - known))


def _of_others(asked: Collection[Key], known: Collection[Key]) -> set[Key]:
    """Return which keys are somebody's of whom none of the known keys are."""
    links = IdentityLink.objects.filter(ended_at=None).select_related("identity")
    theirs = set(links.filter(identity__in=Identity.objects.known_as(known)).values_list("lead", flat=True))
    held = links.filter(identity__in=Identity.objects.known_as(asked)).exclude(lead__in=theirs)
    return {(link.identity.kind, link.identity.value) for link in held}


def _read(delivery: Delivery, sent: Sent) -> Iterator[Call | Refusal]:
    try:
        yield from calls(sent.body, sent.kind, delivery.received_at)
    except Exception:  # whatever it is: what cannot be read is looked at as a text
        yield Refusal(0, "")


def deliveries_naming(values: Collection[str], *, since: datetime | None = None) -> list[int]:
    """Return the deliveries that may hold some keys, however these are spelled; all of them are read, or those that came lately.

    ``since``: from some minutes before an instant on, for what was being stored then.
    """
    if not values:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT delivery.id FROM tracking_delivery AS delivery, LATERAL (SELECT lower(encode(body, 'escape')) AS told) AS its
            WHERE delivery.received_at >= %s AND (its.told ~ %s OR EXISTS (
                SELECT FROM unnest(%s::bytea[]) AS term WHERE strpos(its.told, lower(encode(term, 'escape'))) > 0
            )) ORDER BY delivery.id""",
            [since - LATEST if since else datetime.min, escapes(values), [*_spelled(values)]],
        )
        return [row[0] for row in cursor.fetchall()]


def _spelled(values: Collection[str]) -> set[bytes]:
    return {spelled.encode("utf-8", "surrogatepass") for value in values for spelled in spellings(value)}


def all_calls_of(person: Collection[Key]) -> Theirs:
    """Return where somebody's calls stand in all that ever came, and the keys to which what waits to be taken joins them."""
    known = frozenset(person)
    while True:
        found = calls_of(known, deliveries_naming({value for _kind, value in known}))
        if not found.keys:
            return Theirs(found.places, known - frozenset(person))
        known |= found.keys


def keys_of(refusal: Refusal, sent: Sent) -> list[Key]:
    """Return by which keys a call that was refused names somebody; of one that nobody can read, the mail addresses in its text."""
    return list(refusal.named) or [("email", email) for email in addresses_in(sent.call(refusal.place))]


def keys_of_refused() -> Iterator[Key]:
    """Return by which keys the calls that were refused name people."""
    for each in Delivery.objects.filter(refused__isnull=False).distinct().prefetch_related("refused").iterator(chunk_size=100):
        sent, places = Sent(bytes(each.body), each.kind), {its.place for its in each.refused.all()}
        for call in _read(each, sent):
            if isinstance(call, Refusal):
                yield from keys_of(call, sent)
            elif call.place in places:  # its lead or account had no room
                yield from keys(call)


def keys_sent(since: datetime) -> Iterator[Key]:
    """Return by which keys requests name people, whether anything new was said of them or not: those since an instant, and what waits.

    That is what nobody has taken yet, and what was refused and may be put right.
    """
    earlier = Delivery.objects.filter(received_at__lt=since)
    # Two questions that an index answers each; joined by OR, all requests would be read, and compared by what they say.
    waits = {*earlier.filter(is_open=True).values_list("pk", flat=True)}
    waits |= {*open_refused().filter(delivery__received_at__lt=since).values_list("delivery", flat=True)}
    for each in Delivery.objects.filter(pk__in=waits).order_by("pk").iterator(chunk_size=AT_ONCE):
        yield from _keys_in(each)
    last = earlier.order_by("-pk").values_list("pk", flat=True).first() or 0
    while found := list(Delivery.objects.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        for each in found:
            yield from _keys_in(each)
        last = found[-1].pk


def _keys_in(delivery: Delivery) -> Iterator[Key]:
    sent = Sent(bytes(delivery.body), delivery.kind)
    for call in _read(delivery, sent):
        yield from keys(call) if isinstance(call, Call) else keys_of(call, sent)
