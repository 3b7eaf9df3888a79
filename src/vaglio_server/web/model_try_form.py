"""The form on which a model is tried: drawn from what the document reads, and read into the facts of one lead."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from vaglio.terms import InputType
from vaglio_server.crm.logic.countries import COUNTRY, country
from vaglio_server.crm.models import Lead
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.scoring.logic.given import Given, GivenActivity
from vaglio_server.tracking.queries import activities_of
from vaglio_server.web.words import plain

MOST_ACTS, MOST_TIMES = 40, 50
TAKEN_OVER = 12  # of what a lead did
_PARTS = {"fields": "fields", "account_fields": "account"}
_KEY = re.compile(r"act\.([0-9a-z]{1,12})\.type", re.ASCII)


@dataclass(frozen=True)
class Box:
    """A place for a value: its name, what it is called, its type, what stands in it and what is wrong with that."""

    name: str
    title: str
    kind: InputType
    value: str = ""
    fault: str = ""


@dataclass(frozen=True)
class ActBox:
    """An activity of the form: a day, how many times, and its properties."""

    key: str
    activity_type: str
    title: str
    day: Box
    times: Box
    properties: list[Box]


@dataclass(frozen=True)
class Tick:
    """A list that the lead or its company may be on."""

    name: str
    title: str
    is_on: bool


@dataclass(frozen=True)
class TryForm:
    """All places of the form. ``faults``: what is wrong and belongs to none of them."""

    fields: list[Box]
    account: list[Box]
    acts: list[ActBox]
    lists: list[tuple[str, list[Tick]]]
    created: Box
    faults: list[str] = field(default_factory=list)

    @property
    def is_wrong(self) -> bool:
        """Whether anything in it is wrong."""
        own = [*self.fields, *self.account, self.created]
        acts = [box for act in self.acts for box in (act.day, act.times, *act.properties)]
        return bool(self.faults) or any(box.fault for box in (*own, *acts))


def filled(document: ModelDocument, given: Mapping[str, str]) -> TryForm:
    """Return the form as it was filled in; of what the document does not read, nothing stays."""
    inputs = document.inputs
    keys = [found[1] for name in given if (found := _KEY.fullmatch(name)) and given[name] in inputs.activities]
    return TryForm(
        [Box(f"fields.{name}", plain(name), kind, given.get(f"fields.{name}", "").strip()) for name, kind in inputs.fields.items()],
        [
            Box(f"account_fields.{name}", plain(name), kind, given.get(f"account_fields.{name}", "").strip())
            for name, kind in inputs.account_fields.items()
        ],
        [_act(document, given[f"act.{key}.type"], key, given) for key in keys[:MOST_ACTS]],
        [
            (title, [Tick(f"{whose}.{name}", plain(name), f"{whose}.{name}" in given) for name in document.lists()])
            for whose, title in (("lists", _("The lead is on")), ("account_lists", _("Its company is on")))
        ],
        Box("created", _("Known since"), "date", given.get("created", "")),
    )


def act_box(document: ModelDocument, activity_type: str, today: date) -> ActBox:
    """Return an empty activity of a type, of today."""
    key = secrets.token_hex(4)
    return _act(document, activity_type, key, {f"act.{key}.day": today.isoformat(), f"act.{key}.times": "1"})


def _act(document: ModelDocument, activity_type: str, key: str, given: Mapping[str, str]) -> ActBox:
    def box(name: str, title: str, kind: InputType) -> Box:
        return Box(f"act.{key}.{name}", title, kind, given.get(f"act.{key}.{name}", "").strip())

    properties = [box(f"p.{name}", plain(name), kind) for name, kind in document.inputs.activities[activity_type].items()]
    return ActBox(
        key, activity_type, plain(activity_type), box("day", _("on"), "date"), box("times", _("times"), "integer"), properties
    )  # fmt: skip


def of_lead(document: ModelDocument, lead: Lead, lists: set[str], account_lists: set[str]) -> TryForm:
    """Return the form filled in with what is known of a lead, and the newest of what it did."""
    given = {f"fields.{name}": _text(lead.fields.get(name)) for name in document.inputs.fields}
    if lead.account:
        given |= {f"account_fields.{name}": _text(lead.account.fields.get(name)) for name in document.inputs.account_fields}
    given |= {f"lists.{name}": "on" for name in lists} | {f"account_lists.{name}": "on" for name in account_lists}
    given["created"] = timezone.localdate(lead.created_at).isoformat()
    acts = activities_of(lead).filter(is_machine=False, activity_type__in=list(document.inputs.activities))
    for number, act in enumerate(islice(acts, TAKEN_OVER)):
        given |= {
            f"act.{number}.type": act.activity_type,
            f"act.{number}.day": timezone.localdate(act.occurred_at).isoformat(),
            f"act.{number}.times": "1",
        }
        given |= {f"act.{number}.p.{name}": _text(value) for name, value in act.properties.items()}
    return filled(document, given)


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def checked(form: TryForm, now: datetime) -> tuple[TryForm, Given]:
    """Return the form with what is wrong about days and numbers beside them, and the facts it holds; values are for the engine to check."""
    created, since = _day(form.created, now)
    acts, done = [], []
    for act in form.acts:
        day, at = _day(act.day, now)
        times, number = _times(act.times)
        acts.append(replace(act, day=day, times=times))
        properties = {box.name.split(".", 3)[3]: box.value or None for box in act.properties}
        done += [GivenActivity(act.activity_type, at or now, properties)] * number
    given = Given(
        fields=_values(form.fields),
        account_fields=_values(form.account),
        activities=done,
        lists=_on(form, "lists"),
        account_lists=_on(form, "account_lists"),
        created_at=since,
    )
    return replace(form, acts=acts, created=created), given


def _values(boxes: list[Box]) -> dict[str, str | None]:
    """Return what was typed, a country as one that comes in is kept: ``IT`` for Italy and Italia."""
    found = {box.name.partition(".")[2]: box.value or None for box in boxes}
    if typed := found.get(COUNTRY):
        found[COUNTRY] = str(country(typed))
    return found


def _on(form: TryForm, whose: str) -> list[str]:
    return [
        tick.name.partition(".")[2] for _title, ticks in form.lists for tick in ticks if tick.is_on and tick.name.startswith(f"{whose}.")
    ]


def _day(box: Box, now: datetime) -> tuple[Box, datetime | None]:
    """Return a day's box with what is wrong with it, and its instant: today is now, another day noon."""
    if not box.value:
        return box, None
    try:
        day = date.fromisoformat(box.value) if re.fullmatch(r"\d{4}-\d\d-\d\d", box.value, re.ASCII) else None
    except ValueError:
        day = None
    if day is None:
        return replace(box, fault=_("write a day such as 2026-01-31")), None
    return box, now if day == timezone.localdate(now) else datetime.combine(day, time(12), timezone.get_current_timezone())


def _times(box: Box) -> tuple[Box, int]:
    text = box.value or "1"
    if re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) and 1 <= int(text) <= MOST_TIMES:
        return box, int(text)
    return replace(box, fault=_("write a whole number from 1 to {most}").format(most=MOST_TIMES)), 1


def blamed(form: TryForm, faults: list[str]) -> TryForm:
    """Return the form with what the engine cannot read, each beside its value."""
    owners = [act.key for act in form.acts for _n in range(_times(act.times)[1])]
    told: dict[str, str] = {}
    rest = []
    for fault in faults:
        where, _colon, message = fault.partition(": ")
        act = re.fullmatch(r"activities\[(\d+)\]\.properties\.(\w+)", where)
        told.setdefault(f"act.{owners[int(act[1])]}.p.{act[2]}" if act else where, message)
    acts = [replace(act, properties=_with(act.properties, told)) for act in form.acts]
    named = {box.name for box in (*form.fields, *form.account, *(box for act in form.acts for box in act.properties))}
    rest = [f"{where}: {message}" for where, message in told.items() if where not in named]
    return replace(form, fields=_with(form.fields, told), account=_with(form.account, told), acts=acts, faults=rest)


def _with(boxes: list[Box], told: Mapping[str, str]) -> list[Box]:
    return [replace(box, fault=told.get(box.name, "")) for box in boxes]
