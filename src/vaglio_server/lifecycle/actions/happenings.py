"""What happened, written down in the transaction that did it, for those who are told: other systems, and people by mail."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from vaglio_server.lifecycle.logic.assignment import Given
from vaglio_server.lifecycle.models import Conversion, Escalation, Happening, Kind, SlaClock, StageMove

KEPT = timedelta(days=30)
_INSERT = """INSERT INTO lifecycle_happening (key, kind, lead_id, at, detail, webhooks_wait, mails_wait)
    SELECT gen_random_uuid(), kind, lead, at, detail, true, true FROM"""
# As one text: to write it takes a fraction of what arrays take, and their rows come in order, too.
_GIVEN = "jsonb_to_recordset(%(happenings)s::jsonb) AS given (kind text, lead bigint, at timestamptz, detail jsonb)"
# Part of the one question by which leads move, in this order: what is told of, then who left a nurture list by that.
WITH_HAPPENINGS = f"""happenings AS (
    {_INSERT} (SELECT kind, lead, at, detail FROM {_GIVEN} UNION ALL SELECT kind, lead, at, detail FROM gone) AS happened
)"""
_AT_ONCE = 10_000  # rows forgotten in one go
VERDICTS = {"accept": "accepted", "reject": "rejected"}


class Happened(NamedTuple):
    """Something that happened to a lead, to be written as a :class:`Happening`."""

    kind: Kind
    lead: int
    at: datetime
    detail: dict[str, Any]


def write_happenings(happened: Iterable[Happened]) -> None:
    """Write what happened; the caller holds the transaction."""
    if those := list(happened):
        with connection.cursor() as cursor:  # one statement however many there are
            cursor.execute(f"{_INSERT} {_GIVEN}", happenings_given(those))


def happenings_given(happened: Iterable[Happened]) -> dict[str, str]:
    """Return what happened as :data:`WITH_HAPPENINGS` asks for it."""
    return {"happenings": json.dumps([{**each._asdict(), "at": each.at.isoformat()} for each in happened])}


def moved(moves: Sequence[StageMove]) -> list[Happened]:
    """Return that leads moved, and what sales said of them."""
    found = []
    for each in moves:
        move = {"from": each.before, "to": each.after, "verb": each.verb, "rating": each.rating, "reason": each.reason, "by": each.by}
        found.append(Happened(Kind.MOVED, each.lead_id, each.at, move))
        if each.verb in VERDICTS:
            verdict: dict[str, Any] = {"verdict": VERDICTS[each.verb], "rating": each.rating, "reason": each.reason, "by": each.by}
            found.append(Happened(Kind.ANSWERED, each.lead_id, each.at, verdict))
    return found


def verdict_undone(back: StageMove) -> Happened:
    """Return that a lead was not accepted after all, as it moves back."""
    return Happened(Kind.ANSWER_UNDONE, back.lead_id, back.at, {"verdict": VERDICTS["accept"], "rating": back.rating, "by": back.by})


def crossed(lead: int, at: datetime, changes: tuple[str | None, ...]) -> Happened:
    """Return that a lead's rating or flags changed; ``changes``: the rating before and after, the flags before and after."""
    names = ("rating_before", "rating_after", "flags_before", "flags_after")
    return Happened(Kind.CROSSED, lead, at, dict(zip(names, changes, strict=True)))


def assigned(given: Iterable[Given], at: datetime) -> list[Happened]:
    """Return that leads became somebody's."""
    return [_assigned(each, at) for each in given]


def _assigned(each: Given, at: datetime) -> Happened:
    detail = {"owner_id": each.owner, "rating": each.arrival.rating, "why": each.why}
    return Happened(Kind.ASSIGNED, each.arrival.lead, at, detail)


def reached(lead: int, owner: int, rating: str | None, at: datetime) -> Happened:
    """Return that a lead reached sales whose it is already: its owner is told as one who gets it."""
    return Happened(Kind.ASSIGNED, lead, at, {"owner_id": owner, "rating": rating, "why": "was theirs already"})


def given_by_hand(leads: Iterable[int], owner: int | None, by: str, at: datetime) -> list[Happened]:
    """Return that somebody gave leads to a seller, or to nobody."""
    detail = {"owner_id": owner, "why": "was given it" if owner is not None else "is nobody's now", "by": by}
    return [Happened(Kind.ASSIGNED, lead, at, detail) for lead in leads]


def escalated(steps: Iterable[Escalation]) -> list[Happened]:
    """Return which steps were taken, as nobody responded."""
    return [
        Happened(
            Kind.ESCALATED,
            each.clock.lead_id,
            each.at,
            {"step": each.step, "turn": each.turn, "rating": each.clock.rating, "owner_id": each.owner_id, "to_id": each.to_id},
        )
        for each in steps
    ]


def converted(each: Conversion, *, is_undone: bool = False) -> Happened:
    """Return that a lead became a contact, or that this was undone."""
    detail = {"conversion_id": each.pk, "contact_id": each.contact_id, "account_id": each.account_id, "opportunity_id": each.opportunity_id}
    kind, by = (Kind.CONVERSION_UNDONE, each.undone_by) if is_undone else (Kind.CONVERTED, each.by)
    at = each.undone_at or each.converted_at
    return Happened(kind, each.lead_id, at, detail | {"made": list(each.made), "by": by})


def breached(clocks: Iterable[SlaClock], at: datetime) -> list[Happened]:
    """Return that promised responses were late; ``clocks`` come with their leads."""
    return [_breached(each, at) for each in clocks]


def _breached(clock: SlaClock, at: datetime) -> Happened:
    detail = {"rating": clock.rating, "started_at": clock.started_at.isoformat(), "owner_id": clock.lead.owner_id}
    return Happened(Kind.BREACHED, clock.lead_id, at, detail)


@transaction.atomic
def forget_happenings(*, at: datetime) -> int:
    """Forget some of what happened long ago and nobody waits for, and return how many."""
    old = Happening.objects.filter(at__lt=at - KEPT, webhooks_wait=False, mails_wait=False).order_by("at")[:_AT_ONCE]
    return Happening.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
