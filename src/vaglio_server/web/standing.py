"""Where a lead stands with sales, what can be done about it, and doing it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions import accept_lead, move_lead, reject_lead, undo_accept
from vaglio_server.lifecycle.logic.stages import BY_HAND, TRANSITIONS
from vaglio_server.lifecycle.models import LeadStage, Reason, Stage
from vaglio_server.lifecycle.queries import conversion_of, due_for, is_waited_for, moves_of
from vaglio_server.refused import Refused
from vaglio_server.users.models import ANSWERERS, User
from vaglio_server.web.access import Signed
from vaglio_server.web.converted import shown_conversion
from vaglio_server.web.inbox import why_given
from vaglio_server.web.time_left import left
from vaglio_server.web.words import plain
from vaglio_server.web.working import again, answered, postpone, wait, work, working
from vaglio_server.web.writers import writers

ANSWERS = ("accept", "reject")  # what stands among a lead's outcomes
LED = (Stage.INQUIRY, Stage.RECYCLED)  # where its rating says what comes next; elsewhere sales does, or it is over
OVER = (Stage.OPPORTUNITY, Stage.CUSTOMER, Stage.DISQUALIFIED)  # whom nobody calls as a lead any more


def standing(lead: Lead) -> dict[str, Any]:
    """Return where a lead stands, how long there is to answer it, and whether its rating still leads it anywhere."""
    its = _its(lead)
    here = its.stage if its is not None else Stage.INQUIRY
    due = due_for(lead, datetime.now(UTC)) if its is not None and its.stage == Stage.MARKETING_QUALIFIED else None
    stay = next((each for each in lead.enrollments.all() if each.left_at is None), None)  # read with the lead
    found = {"nurtured": stay, "stage": its, "stage_left": left(due) if due else "", "is_late": due is not None and due.is_late}
    found |= {"is_led": here in LED, "is_over": here in OVER}
    return found | working(lead, its)


def converted(lead: Lead, user: User) -> dict[str, Any]:
    """Return what a lead was converted into, whether that may be undone, and whether it may be converted."""
    its = _its(lead)
    made = conversion_of(lead) if its is not None else None  # a conversion leaves a stage
    is_open = made is None and (its is None or its.stage != Stage.DISQUALIFIED)
    return shown_conversion(made, user) | {"may_convert": is_open and user.role in ANSWERERS}


def _its(lead: Lead) -> LeadStage | None:
    """Return where a lead stood when it was read; None: it is an inquiry."""
    its: LeadStage | None = getattr(lead, "standing", None)
    return its


def moves_offered(lead: Lead, user: User) -> dict[str, Any]:
    """Return the moves that lead on from where a lead stands and that a user may make, and the reasons there are."""
    its = _its(lead)
    here = its.stage if its is not None else Stage.INQUIRY
    return {
        "may_move": {verb: True for verb in (*ANSWERS, *BY_HAND) if here in TRANSITIONS[verb].before and _may(user, verb)},
        "is_waited_for": _is_waited_for(lead, user, here),
        "reasons": Reason.choices,
    }


def _is_waited_for(lead: Lead, user: User, here: str) -> bool | None:
    """Return whether sales waits for a lead; None: it is not asked for an answer, or not by this user."""
    return is_waited_for(lead, datetime.now(UTC)) if here == Stage.MARKETING_QUALIFIED and user.role in ANSWERERS else None


def move_items(lead: Lead, before: datetime | None, most: int) -> Iterator[tuple[datetime, str, str]]:
    """Yield how a lead moved: when, where to, and by whom and why; what sales said of it stands among its outcomes."""
    moves = [each for each in moves_of(lead, before=before)[:most] if each.verb not in ANSWERS]
    by = writers(each.by for each in moves)
    for each in moves:
        parts = (each.get_reason_display() if each.reason else "", each.note, by[each.by].name)
        yield each.at, str(each.get_after_display()), " · ".join(str(part) for part in parts if part)


def stay_items(lead: Lead, before: datetime | None, most: int) -> Iterator[tuple[datetime, str, str]]:
    """Yield when a lead entered and left nurture lists, which, and why: of the newest stays."""
    for each in sorted(lead.enrollments.all(), key=lambda each: -each.pk)[:most]:
        told = [(each.entered_at, _("Entered the list {name}"), each.get_why_display())]
        if each.left_at is not None:
            told.append((each.left_at, _("Left the list {name}"), each.get_why_left_display()))
        yield from ((at, title.format(name=plain(each.track)), str(why or "")) for at, title, why in told if before is None or at < before)


def _may(user: User, verb: str) -> bool:
    """Return whether somebody may make a move: marketing takes leads out and opens them again, the rest is for sales to say."""
    return user.role in ANSWERERS or verb in ("disqualify", "reopen")


def _said_by(user: User, verb: str) -> None:
    if not _may(user, verb):
        raise Refused(_("That is for sales to say."))


def _accept(request: Signed, lead: Lead) -> str:
    _said_by(request.user, "accept")
    accept_lead(lead=lead, seller=request.user, at=datetime.now(UTC))
    return _("It is accepted.")


def _undo_accept(request: Signed, lead: Lead) -> str:
    _said_by(request.user, "accept")
    undo_accept(lead=lead, seller=request.user, at=datetime.now(UTC))
    return _("It is not accepted; it stands where it stood before.")


def _reject(request: Signed, lead: Lead) -> str:
    _said_by(request.user, "reject")
    reject_lead(lead=lead, why=why_given(request), seller=request.user, at=datetime.now(UTC))
    return _("It is handed back.")


def _by_hand(verb: str) -> Callable[[Signed, Lead], str]:
    def do(request: Signed, lead: Lead) -> str:
        _said_by(request.user, verb)
        made = move_lead(lead=lead, verb=verb, why=why_given(request), by=request.user.username, at=datetime.now(UTC))
        return _("It is {stage} now.").format(stage=str(made.get_after_display()).lower())

    return do


def _postpone(request: Signed, lead: Lead) -> str:
    _said_by(request.user, "accept")
    return postpone(request, lead)


def _again(request: Signed, lead: Lead) -> str:
    _said_by(request.user, "accept")
    return again(request, lead)


def _wait(request: Signed, lead: Lead) -> str:
    _said_by(request.user, "accept")
    return wait(request, lead)


def _answered(request: Signed, lead: Lead) -> str:
    _said_by(request.user, "accept")
    return answered(request, lead)


def _work(request: Signed, lead: Lead) -> str:
    _said_by(request.user, "accept")
    return work(request, lead)


MOVES: dict[str, Callable[[Signed, Lead], str]] = {
    "postpone": _postpone,
    "again": _again,
    "wait": _wait,
    "answered": _answered,
    "work": _work,
    "accept": _accept,
    "unaccept": _undo_accept,
    "reject": _reject,
    **{verb: _by_hand(verb) for verb in BY_HAND},
}
