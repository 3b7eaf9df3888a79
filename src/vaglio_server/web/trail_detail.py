"""What else is known of an entry of the audit trail, in one line: numbers by what they are called, instants by the reader's clock."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format

from vaglio_server.campaigns.models import Campaign
from vaglio_server.connectors.models import Endpoint
from vaglio_server.crm.models import Account, Contact, FieldDefinition, Lead, Opportunity, Pipeline
from vaglio_server.forms.models import Form
from vaglio_server.imports.models import Import
from vaglio_server.lifecycle.models import BusinessCalendar, RoutingRule
from vaglio_server.scoring.models import ScoringModel
from vaglio_server.tracking.models import Source
from vaglio_server.users.models import ApiToken, Team, User
from vaglio_server.web.hours import week_words
from vaglio_server.web.words import plain, shown

LONGEST = 300
MOST = 6  # values of a list that are named
TABLES: dict[str, type[Model]] = {
    "account": Account, "calendar": BusinessCalendar, "campaign": Campaign, "contact": Contact, "endpoint": Endpoint,
    "field": FieldDefinition, "form": Form, "import": Import, "lead": Lead, "model": ScoringModel, "opportunity": Opportunity,
    "pipeline": Pipeline, "routing_rule": RoutingRule, "source": Source, "team": Team, "token": ApiToken, "user": User,
}  # fmt: skip
CALLED: dict[str, Callable[[Any], str]] = {
    "user": lambda user: str(user.called),
    "field": lambda field: str(field.label),
    "model": lambda model: plain(model.name),
}
# Whose number stands in a detail, or the numbers of many, by its name there.
_OF = {
    "account": "account", "calendar": "calendar", "companies": "account", "contact": "contact", "form": "form", "hands_over_to": "team",
    "lead": "lead", "leader": "user", "leads": "lead", "new_lead": "lead", "opportunity": "opportunity", "other": "lead", "owner": "user",
    "owners": "user", "seller": "user", "team": "team", "user": "user",
}  # fmt: skip
_MANY = {"companies", "leads", "owners"}  # numbers of several; a number alone is how many
_TO = "user"  # to whom each of several is given
_UNTOLD = {"conversion", "identity", "merge", "note"}  # numbers of rows that no page names
_WORDS = re.compile(r"[a-z]+(_[a-z]+)*")  # a name of ours, such as read_only
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MARK = re.compile(r"[0-9a-f]{64}")
Called = Mapping[tuple[str, int], str]


def called_in(details: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], str]:
    """Return how those are called whose numbers are told in details, with one question for each kind."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for known in details:
        for each in (known, known.get("before"), known.get("after")):
            for name, value in each.items() if isinstance(each, Mapping) else ():
                for kind, number in _numbers(name, value):
                    numbers[kind].add(number)
    rows = ((kind, row) for kind, some in numbers.items() for row in TABLES[kind]._default_manager.filter(pk__in=some))
    return {(kind, row.pk): CALLED.get(kind, str)(row) for kind, row in rows}


def _numbers(name: str, value: Any) -> Iterator[tuple[str, int]]:
    kind = _kind(name, value)
    if kind is None:
        return
    if isinstance(value, Mapping):
        for key, one in list(value.items())[:MOST]:
            if number := _number(key):
                yield kind, number
            if type(one) is int:
                yield _TO, one
        return
    for one in value[:MOST] if isinstance(value, list) else [value]:
        if type(one) is int:
            yield kind, one


def _kind(name: str, value: Any) -> str | None:
    """Return of what kind those are whose numbers a value holds; None where it holds none."""
    return None if name in _MANY and type(value) is int else _OF.get(name)


def detail(known: Mapping[str, Any], called: Called | None = None) -> str:
    """Return what else is known of an entry, in one line; ``called``: how those are called whose numbers stand there."""
    rest = {name: value for name, value in known.items() if value not in (None, "", [], {}) and name not in _UNTOLD}
    told = []
    if isinstance(rest.get("before"), str) and isinstance(rest.get("after"), str):
        told = [f"{_value(rest.pop('before'))} → {_value(rest.pop('after'))}"]
    told += [f"{plain(name)}: {_named(name, value, called or {})}" for name, value in rest.items()]
    text = " · ".join(told)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _named(name: str, value: Any, called: Called) -> str:
    """Return a value as what it is, by its name: the hours of a week, or somebody; else as it is."""
    if name == "week" and isinstance(value, list):
        return week_words(value)
    if name in ("before", "after") and isinstance(value, Mapping):
        return ", ".join(f"{plain(each)} {_named(each, one, called)}" for each, one in list(value.items())[:MOST])
    kind = _kind(name, value)
    numbers = list(value) if isinstance(value, Mapping) else value if isinstance(value, list) else [value]
    if kind is None or isinstance(value, str) or not any((kind, _number(each)) in called for each in numbers[:MOST]):
        return _value(value)
    words = [called.get((kind, _number(each)), f"no. {each}") for each in numbers[:MOST]]
    if isinstance(value, Mapping):
        words = [f"{whom} → {called.get((_TO, to), to)}" for whom, to in zip(words, value.values(), strict=False)]
    return ", ".join(words) + _more(numbers)


def _number(value: Any) -> int:
    return int(value) if type(value) is int or (isinstance(value, str) and value.isascii() and value.isdigit()) else 0


def _more(values: list[Any]) -> str:
    return f" +{len(values) - MOST}" if len(values) > MOST else ""


def _value(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"before", "after"}:
        return f"{_value(value['before']) or '–'} → {_value(value['after']) or '–'}"
    if isinstance(value, dict):
        return ", ".join(f"{plain(name)} {_value(each)}" for name, each in list(value.items())[:MOST])
    if isinstance(value, list):
        sign = "no. " if all(isinstance(each, int) for each in value) else ""
        return sign + ", ".join(_value(each) for each in value[:MOST]) + _more(value)
    return _text(value) if isinstance(value, str) else shown(value)


def _text(value: str) -> str:
    if _WORDS.fullmatch(value):
        return plain(value)
    if _MARK.fullmatch(value):
        return value[:12]  # as pages show a fingerprint
    try:
        if _INSTANT.fullmatch(value):
            return date_format(timezone.localtime(datetime.fromisoformat(value)), "j M Y, H:i")
        if _DAY.fullmatch(value):
            return date_format(date.fromisoformat(value), "j M Y")
    except ValueError:  # digits of something else
        pass
    return value
