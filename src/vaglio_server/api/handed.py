"""After hand-over: every lead that came to sales, what sales said of it, and how much came of what they have in common."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from ninja.errors import HttpError

from vaglio_server.api.exact import Moment
from vaglio_server.api.leads import LeadOut, leads_out
from vaglio_server.crm.queries import LARGEST_ID
from vaglio_server.lifecycle.models import Stage
from vaglio_server.lifecycle.queries import HANDED_FIGURES, Became, agreement, handed, summary
from vaglio_server.users.models import SEES_ALL

router = Router(tags=["after hand-over"])
USUAL = timedelta(days=90)
Since = Annotated[Moment | None, Query()]
By = Literal["rating", "source", "seller", "rule"]


class HandedOut(Schema):
    """A lead that came to sales: when, rated how, and what was said of it, why and by whom.

    ``verb``: accept, reject, withdraw (its rating fell) or disqualify; None: it waits.
    """

    id: int
    lead: LeadOut
    rating: str | None
    came_at: datetime
    verb: str | None
    reason: str | None
    note: str
    by: str | None


class HandedPage(Schema):
    """Some of them, the newest first; ``next_cursor`` asks for those before them, None before the first."""

    handed: list[HandedOut]
    next_cursor: int | None


class BecameOut(Schema):
    """What became of leads with the same rating, source, seller or rule (``key``; empty: not known).

    ``acceptance_share`` is of those that were answered (0-1), between ``low`` and ``high`` by chance (95 %).
    """

    key: str
    came: int
    accepted: int
    rejected: int
    waiting: int
    converted: int
    won: int
    acceptance_share: float
    low: float
    high: float


class ReasonOut(Schema):
    """Why leads were handed back, and how often."""

    reason: str
    count: int


class AgreementOut(Schema):
    """How many second opinions were given, how many agree with the first, and Cohen's kappa (1: always, 0: as chance; None: unknown)."""

    asked: int
    agreed: int
    kappa: float | None


class SharesOut(Schema):
    """What became of what came to sales: by what they have in common, why they were handed back, and how far two sellers agree."""

    shares: list[BecameOut]
    reasons: list[ReasonOut]
    agreement: AgreementOut


def _since(request: Any, since: datetime | None) -> datetime:
    if request.auth.user.role not in SEES_ALL:
        raise HttpError(403, "sellers see their own leads; who looks after all of them sees this")
    return since or datetime.now(UTC) - USUAL


@router.get("", response=HandedPage, operation_id="handed_list")
def handed_list(
    request: Any, since: Since = None, source: str | None = None, stage: Stage | None = None, cursor: int | None = None, limit: int = 50
) -> Any:
    """Return leads that came to sales since an instant (of the last 90 days): of a source (empty: not known), or at a stage now."""
    most, at = max(1, min(limit, 500)), _since(request, since)
    before = min(cursor, LARGEST_ID) if cursor is not None else None
    rows = handed(at, source=source, stage=stage.value if stage else "", before=before, limit=most + 1)
    told = zip(rows[:most], leads_out([each.lead for each in rows[:most]]), strict=True)
    return HandedPage(
        handed=[
            HandedOut(
                id=each.move, lead=lead, rating=each.rating, came_at=each.at, verb=each.verb, reason=each.reason, note=each.note, by=each.by
            )
            for each, lead in told
        ],
        next_cursor=rows[most - 1].move if len(rows) > most else None,
    )  # fmt: skip


@router.get("/shares", response=SharesOut, operation_id="handed_shares")
def handed_shares(request: Any, by: By = "rating", since: Since = None) -> Any:
    """Return what became of what came to sales since an instant (of the last 90 days)."""
    at = _since(request, since)
    found = summary(by, at)
    whole = summary("rating", at) if by == "rule" else found  # by rule a lead counts for several
    return SharesOut(
        shares=[_became(each) for each in found.shares],
        reasons=[ReasonOut(reason=reason, count=count) for reason, count in whole.reasons],
        agreement=AgreementOut.from_orm(agreement(at)),
    )


def _became(each: Became) -> BecameOut:
    low, high = each.acceptance.interval()
    names = ("key", *HANDED_FIGURES)
    return BecameOut(**{name: getattr(each, name) for name in names}, acceptance_share=each.acceptance.share, low=low, high=high)
