"""What happened, written down in the transaction that did it, for those who are told: other systems, and people by mail."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from vaglio_server.lifecycle.logic.assignment import Given
from vaglio_server.lifecycle.models import Conversion, Escalation, Happening, Kind, SlaClock, StageMove

KEPT = timedelta(days=30)
_TELL = """INSERT INTO lifecycle_happening (key, kind, lead_id, at, detail, webhooks_wait, mails_wait)
    SELECT gen_random_uuid(), kind, lead, at, detail, true, true FROM"""
_TOLD = "unnest(%(kinds)s::text[], %(those)s::bigint[], %(ats)s::timestamptz[], %(details)s::jsonb[]) AS told (kind, lead, at, detail)"
# Part of the one question by which leads move, in this order: what is told of, then who left a nurture list by that.
TELL = f"""told AS (
    {_TELL} (SELECT * FROM {_TOLD} UNION ALL SELECT kind, lead, at, detail FROM gone) AS happened
)"""
_AT_ONCE = 10_000  # rows forgotten in one go
VERDICTS = {"accept": "accepted", "reject": "rejected"}


def tell(happened: Iterable[Happening]) -> None:
    """Write what happened; the caller holds the transaction."""
    asked = told(happened)
    if asked["kinds"]:
        with connection.cursor() as cursor:  # one statement however many there are, without an object for each on the way
            cursor.execute(f"{_TELL} {_TOLD}", asked)


def told(happened: Iterable[Happening]) -> dict[str, list[Any]]:
    """Return what happened as :data:`TELL` asks for it."""
    rows = [(each.kind, each.lead_id, each.at, json.dumps(each.detail)) for each in happened]
    columns = zip(*rows, strict=True) if rows else ((), (), (), ())
    return {name: list(column) for name, column in zip(("kinds", "those", "ats", "details"), columns, strict=True)}


def moved(moves: Sequence[StageMove]) -> list[Happening]:
    """Return that leads moved, and what sales said of them."""
    found = []
    for each in moves:
        where = {"from": each.before, "to": each.after, "verb": each.verb, "rating": each.rating, "reason": each.reason, "by": each.by}
        found.append(Happening(kind=Kind.MOVED, lead_id=each.lead_id, at=each.at, detail=where))
        if each.verb in VERDICTS:
            said: dict[str, Any] = {"verdict": VERDICTS[each.verb], "rating": each.rating, "reason": each.reason, "by": each.by}
            found.append(Happening(kind=Kind.ANSWERED, lead_id=each.lead_id, at=each.at, detail=said))
    return found


def crossed(lead: int, at: datetime, told: tuple[str | None, ...]) -> Happening:
    """Return that a lead's rating or flags changed; ``told``: the rating before and after, the flags before and after."""
    names = ("rating_before", "rating_after", "flags_before", "flags_after")
    return Happening(kind=Kind.CROSSED, lead_id=lead, at=at, detail=dict(zip(names, told, strict=True)))


def assigned(given: Iterable[Given], at: datetime) -> list[Happening]:
    """Return that leads became somebody's."""
    return [_assigned(each, at) for each in given]


def _assigned(each: Given, at: datetime) -> Happening:
    told = {"owner_id": each.owner, "rating": each.arrival.rating, "why": each.why}
    return Happening(kind=Kind.ASSIGNED, lead_id=each.arrival.lead, at=at, detail=told)


def reached(lead: int, owner: int, rating: str | None, at: datetime) -> Happening:
    """Return that a lead reached sales whose it is already: its owner is told as one who gets it."""
    return Happening(kind=Kind.ASSIGNED, lead_id=lead, at=at, detail={"owner_id": owner, "rating": rating, "why": "was theirs already"})


def given_by_hand(leads: Iterable[int], owner: int | None, by: str, at: datetime) -> list[Happening]:
    """Return that somebody gave leads to a seller, or to nobody."""
    told = {"owner_id": owner, "why": "was given it" if owner is not None else "is nobody's now", "by": by}
    return [Happening(kind=Kind.ASSIGNED, lead_id=lead, at=at, detail=told) for lead in leads]


def escalated(steps: Iterable[Escalation]) -> list[Happening]:
    """Return which steps were taken, as nobody responded."""
    return [
        Happening(
            kind=Kind.ESCALATED,
            lead_id=each.clock.lead_id,
            at=each.at,
            detail={"step": each.step, "turn": each.turn, "rating": each.clock.rating, "owner_id": each.owner_id, "to_id": each.to_id},
        )
        for each in steps
    ]


def converted(each: Conversion, *, is_undone: bool = False) -> Happening:
    """Return that a lead became a contact, or that this was undone."""
    told = {"conversion_id": each.pk, "contact_id": each.contact_id, "account_id": each.account_id, "opportunity_id": each.opportunity_id}
    kind, by = (Kind.CONVERSION_UNDONE, each.undone_by) if is_undone else (Kind.CONVERTED, each.by)
    at = each.undone_at or each.converted_at
    return Happening(kind=kind, lead_id=each.lead_id, at=at, detail=told | {"made": list(each.made), "by": by})


def breached(clocks: Iterable[SlaClock], at: datetime) -> list[Happening]:
    """Return that promised responses were late; ``clocks`` come with their leads."""
    return [_breached(each, at) for each in clocks]


def _breached(clock: SlaClock, at: datetime) -> Happening:
    told = {"rating": clock.rating, "started_at": clock.started_at.isoformat(), "owner_id": clock.lead.owner_id}
    return Happening(kind=Kind.BREACHED, lead_id=clock.lead_id, at=at, detail=told)


@transaction.atomic
def forget_happenings(*, at: datetime) -> int:
    """Forget some of what happened long ago and nobody waits for, and return how many."""
    old = Happening.objects.filter(at__lt=at - KEPT, webhooks_wait=False, mails_wait=False).order_by("at")[:_AT_ONCE]
    return Happening.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
