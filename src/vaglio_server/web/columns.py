"""The columns of a list of leads: what stands in each, on a page and in a file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.models import Stage
from vaglio_server.lifecycle.queries import stages_of
from vaglio_server.scoring.models import Score
from vaglio_server.scoring.queries import newest_scores
from vaglio_server.tracking.queries import last_activity
from vaglio_server.views.queries import Offer
from vaglio_server.web.files import Cell

_NUMBERS = {"fit", "engagement"}
_INSTANTS = {"seen", "created"}
_SCORED = {"temperature", "buying_stage"}


@dataclass(frozen=True)
class Column:
    """A column: its name in addresses and what it is called."""

    name: str
    title: str
    is_number: bool
    is_day: bool = False

    @property
    def title_in_book(self) -> str:
        """What it is called in a workbook, where instants have no zone of their own."""
        return f"{self.title} ({timezone.get_current_timezone_name()})" if self.name in _INSTANTS else self.title


@dataclass(frozen=True)
class Beside:
    """What is read beside some leads: when each last did something, what the driving model says of it, and at which stage it is."""

    seen: dict[int, datetime] = field(default_factory=dict)
    scores: dict[int, Score] = field(default_factory=dict)
    stages: dict[int, Stage] = field(default_factory=dict)


def columns(names: Iterable[str], offer: Offer) -> list[Column]:
    """Return columns by their names; names of fields that are no more are called as they are."""
    known = {choice.name: choice for group in offer.columns.values() for choice in group}
    found = []
    for name in names:
        choice = known.get(name)
        title = choice.title if choice else name.partition(".")[2].replace("_", " ") or name
        about = f"{_('Company')}: {title}" if name.startswith("account.") else title
        kind = choice.kind if choice else ""
        found.append(Column(name, about, name in _NUMBERS or kind == "number", kind == "date"))
    return found


def beside(leads: list[Lead], shown: list[Column], offer: Offer) -> Beside:
    """Read what the columns show beside the leads themselves."""
    names = {column.name for column in shown}
    return Beside(
        seen=last_activity(leads) if "seen" in names else {},
        scores=newest_scores(leads, offer.driving) if names & _SCORED and offer.driving else {},
        stages=stages_of(lead.pk for lead in leads) if "stage" in names else {},
    )


def cell(lead: Lead, column: Column, read: Beside) -> Cell:
    """Return what stands in a column of a lead's row."""
    subject, _dot, name = column.name.partition(".")
    if name:
        holder = lead.fields if subject == "lead" else lead.account.fields if lead.account else {}
        value = holder.get(name)
        return value if isinstance(value, str | int | float | bool | None) else str(value)
    return _OWN[column.name](lead, read)


def in_file(column: Column, value: Cell) -> Cell:
    """Return what stands in a column as a file holds it: days are days there, and what is spelled otherwise stays as it is."""
    if not column.is_day or not isinstance(value, str):
        return value
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    return day if day.isoformat() == value else value


def _points(millipoints: int | None) -> float | None:
    return None if millipoints is None else millipoints / 1000


def _scored(name: str) -> Callable[[Lead, Beside], Cell]:
    def of(lead: Lead, read: Beside) -> Cell:
        value: str | None = getattr(read.scores.get(lead.pk), name, None)
        return value

    return of


_OWN: dict[str, Callable[[Lead, Beside], Cell]] = {
    "company": lambda lead, _read: lead.works_at or None,
    "fit": lambda lead, _read: _points(lead.profile_millipoints),
    "engagement": lambda lead, _read: _points(lead.engagement_millipoints),
    "owner": lambda lead, _read: lead.owner.called if lead.owner else None,
    "seen": lambda lead, read: read.seen.get(lead.pk),
    "created": lambda lead, _read: lead.created_at,
    "temperature": _scored("temperature"),
    "buying_stage": _scored("buying_stage"),
    "stage": lambda lead, read: str(read.stages[lead.pk].label),
}
