"""Moving leads from stage to stage: written once, with who did it and why, and the promised response that starts or ends by it."""

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import refuse_gone
from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions.clocks import note_late
from vaglio_server.lifecycle.actions.handover import hand_over
from vaglio_server.lifecycle.actions.happenings import WITH_HAPPENINGS, Happened, happenings_given, moved, write_happenings
from vaglio_server.lifecycle.actions.nurture import LEAVE, follow_moves, leaving
from vaglio_server.lifecycle.logic.stages import BY_HAND, GOES_BACK, TRANSITIONS, Stage
from vaglio_server.lifecycle.models import LeadStage, Reason, StageMove
from vaglio_server.lifecycle.queries import stage_of
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit_many
from vaglio_server.users.models import AuditEntry

_COLUMNS = ("lead_id", "verb", "before", "after", "at", "by", "rating", "reason", "note", "is_taken")
# At one question: the moves in order, where leads stand now (whom sales gave back is looked at again, which says when its cool-down is
# over, and what goes back, as its rating may have changed meanwhile), that what was promised to those who waited is over, that those whom
# sales has or who are out leave the nurture list they were on, and all that is told of it.
_MOVE = f"""WITH moved AS (
    INSERT INTO lifecycle_stagemove (lead_id, verb, before, after, at, by, rating, reason, note, is_taken)
    SELECT lead, verb, before, after, at, by, rating, reason, note, is_taken FROM unnest(
        %(lead_id)s::bigint[], %(verb)s::text[], %(before)s::text[], %(after)s::text[], %(at)s::timestamptz[], %(by)s::text[],
        %(rating)s::text[], %(reason)s::text[], %(note)s::text[], %(is_taken)s::boolean[]
    ) WITH ORDINALITY AS given (lead, verb, before, after, at, by, rating, reason, note, is_taken, place) ORDER BY place RETURNING id
), stands AS (
    INSERT INTO lifecycle_leadstage (lead_id, stage, since, look_again_at, next_step)
    SELECT lead, stage, %(now)s, CASE WHEN stage = 'recycled' OR lead = ANY(%(back)s::bigint[]) THEN %(now)s::timestamptz END, ''
    FROM unnest(%(leads)s::bigint[], %(stages)s::text[]) AS given (lead, stage)
    ON CONFLICT (lead_id) DO UPDATE SET stage = EXCLUDED.stage, since = EXCLUDED.since, look_again_at = EXCLUDED.look_again_at,
        postponed_until = NULL, next_step = '', next_step_at = NULL,
        is_kept_back = lifecycle_leadstage.is_kept_back AND EXCLUDED.lead_id <> ALL(%(came)s::bigint[])
), ended AS (
    UPDATE lifecycle_slaclock SET ended_at = %(now)s, met_at = CASE WHEN lead_id = ANY(%(answered)s::bigint[]) THEN %(now)s::timestamptz END
    WHERE ended_at IS NULL AND lead_id = ANY(%(left)s::bigint[])
), {LEAVE}, {WITH_HAPPENINGS} SELECT id FROM moved ORDER BY id"""
ANSWERS = {"accept", "reject", "disqualify"}  # what sales says of a lead, which is a response to it
LONGEST_NOTE = 2_000


@dataclass(frozen=True)
class Why:
    """Why a lead is moved: a reason of the list, and what else there is to say."""

    reason: str | None = None
    note: str = ""


def write_moves(moves: Sequence[StageMove], also: Sequence[Happened] = (), *, is_in_trail: bool = False) -> None:
    """Write moves of one instant of leads whose rows are held, in order, and where they stand now.

    A promise that ran is over, and they leave the nurture list they were on, or enter one. ``also``: what else happened by that.
    ``is_in_trail``: whoever calls writes one entry of the audit trail that names them.
    """
    if not moves:
        write_happenings(also)
        return
    left = {each.lead_id: each.verb in ANSWERS for each in moves if each.before == Stage.MARKETING_QUALIFIED}
    now = {each.lead_id: str(each.after) for each in moves}
    asked: dict[str, Any] = {name: [_as_given(getattr(each, name)) for each in moves] for name in _COLUMNS}
    asked |= {"leads": list(now), "stages": list(now.values()), "left": list(left), "now": moves[0].at}
    asked |= {"answered": [lead for lead, is_answer in left.items() if is_answer]}
    asked |= {"came": _by({"qualify"}, moves), "back": _by(GOES_BACK, moves)}
    asked |= leaving(moves) | happenings_given([*moved(moves), *also])
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, asked)
        for each, (number,) in zip(moves, cursor.fetchall(), strict=True):
            each.pk, each._state.adding = number, False
    if not is_in_trail:
        audit_many(_entry(each) for each in moves)
    follow_moves(moves)


def _by(verbs: Container[str], moves: Iterable[StageMove]) -> list[int]:
    return [each.lead_id for each in moves if each.verb in verbs]


def _entry(move: StageMove) -> AuditEntry:
    detail = {"before": move.before, "after": move.after, "rating": move.rating, "reason": move.reason}
    return AuditEntry(by=move.by, verb=f"{move.verb}_lead", subject=f"lead:{move.lead_id}", at=move.at, detail=detail)


def _as_given(value: Any) -> Any:
    """Return a value as the database takes it: a stage is a text."""
    return str(value) if isinstance(value, str) else value


def move(lead: Lead, verb: str, why: Why, by: str, at: datetime, *, is_taken: bool = False) -> tuple[StageMove, bool]:
    """Move a lead, in a transaction of the caller, and return the move and whether it is new: said again by the same person it is the same.

    ``is_taken``: it is nobody's, and the caller gives it to whoever moves it.

    Raises
    ------
    Refused
        No such move leads from where it stands, its reason is missing, or it was merged into another lead.
    """
    held = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
    refuse_gone(held.pk)
    standing, last = stage_of(held), StageMove.objects.filter(lead=held).order_by("-id").first()
    before = Stage(standing.stage) if standing is not None else Stage.INQUIRY
    transition = TRANSITIONS[verb]
    if last is not None and (last.verb, last.by, before) == (verb, by, transition.after):
        return last, False
    if before not in transition.before:
        raise Refused(
            _("a lead that is {before} cannot be moved so: {verb} starts from {starts}").format(
                before=_plain(before), verb=_plain(verb), starts=_starts(transition.before)
            )
        )
    _check(why, needs_reason=transition.needs_reason)
    made = StageMove(
        lead=held, verb=verb, before=before, after=transition.after, at=at, by=by, rating=held.rating, reason=why.reason,
        note=why.note.strip(), is_taken=is_taken,
    )  # fmt: skip
    if verb in ANSWERS and before == Stage.MARKETING_QUALIFIED:
        note_late([held.pk], at)
    write_moves([made])
    return made, True


def _check(why: Why, *, needs_reason: bool) -> None:
    if needs_reason and why.reason not in Reason.values:
        raise Refused(_("say why: one of {values}").format(values=", ".join(Reason.values)))
    if why.reason is not None and why.reason not in Reason.values:
        raise Refused(_("{reason!r} is no reason; give one of {values}").format(reason=why.reason[:40], values=", ".join(Reason.values)))
    if why.reason == Reason.OTHER and not why.note.strip():
        raise Refused(_("say in a few words what else it is"))
    if len(why.note) > LONGEST_NOTE or "\x00" in why.note:
        raise Refused(_("a note is text of at most {longest_note:,} characters").format(longest_note=LONGEST_NOTE))


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _starts(stages: frozenset[Stage]) -> str:
    return " or ".join(_plain(each) for each in Stage if each in stages)


@transaction.atomic
def move_lead(*, lead: Lead, verb: str, why: Why | None = None, by: str, at: datetime) -> StageMove:
    """Move a lead that sales has taken on along its way: ``sales_qualify``, ``recycle``, ``disqualify`` or ``reopen``.

    Raises
    ------
    Refused
        No such move leads from where it stands, its reason is missing, or it was merged into another lead.
    """
    if verb not in BY_HAND:
        raise Refused(_("{verb!r} is no move that somebody makes by hand").format(verb=verb[:40]))
    made, is_new = move(lead, verb, why or Why(), by, at)
    if is_new and verb == "sales_qualify":
        hand_over(lead=lead, by=by, at=at)
    return made


@transaction.atomic
def move_many(*, leads: Collection[int], verb: str, why: Why, by: str, at: datetime) -> int:
    """Move leads from where they stand, as far as this move leads on from there, and return how many; the others stay.

    Raises
    ------
    Refused
        Its reason is missing, or is none.
    """
    transition = TRANSITIONS[verb]
    _check(why, needs_reason=transition.needs_reason)
    held = Lead.objects.present().select_for_update(no_key=True).filter(pk__in=leads).order_by("pk").in_bulk()
    standing = dict(LeadStage.objects.filter(lead__in=held, stage__in=transition.before).order_by("lead").values_list("lead", "stage"))
    made = [
        StageMove(
            lead=held[lead], verb=verb, before=before, after=transition.after, at=at, by=by, rating=held[lead].rating, reason=why.reason,
            note=why.note.strip(),
        )
        for lead, before in standing.items()
    ]  # fmt: skip
    write_moves(made)
    return len(made)
