"""Calls: what a delivery holds, each taken or refused by itself."""

import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from vaglio.countries import codes
from vaglio.text import event_name
from vaglio_server.crm.logic.countries import COUNTRY, country
from vaglio_server.tracking.logic.batches import elements
from vaglio_server.tracking.logic.moments import occurred

KINDS = ("identify", "track", "page", "screen", "group", "alias")
LONGEST_ID = 255  # characters
LONGEST_NAME = 100  # characters; inside objects names are joined
LARGEST = 32 * 1024  # bytes of one event
MOST_CONTEXT = 16 * 1024**2  # bytes of a batch's context, times its calls
DEEPEST = 16  # objects and lists inside each other
# Segment's reserved traits by the names that fields have here.
STANDARD = {
    "title": "job_title",
    "account_id": "account_reference",  # account_id is ours: which account a lead belongs to
    "owner_id": "owner_reference",  # ours too: whose a lead is
    "company_employee_count": "employees",
    "company_industry": "industry",
    "address_country": "country",
    "address_city": "city",
    "firstname": "first_name",
    "lastname": "last_name",
}

ERASED = {"erased": True}  # what stands in the place of a call whose sender was erased
OF_ERASED = "it was of somebody who was erased; what it said was not kept"

# What programs send for want of an id. Taken as one, all of a site's visitors would be one person.
_NOBODY = """
0 -1 anonymous anonymousid anonymous_id distinct_id false guest id n/a na nan nil none not_authenticated null true unauthenticated
undefined unknown user userid user_id visitor 00000000-0000-0000-0000-000000000000
"""
NOBODY = frozenset(_NOBODY.split()) | {"[object object]"}

Value = str | int | float | bool


@dataclass(frozen=True)
class Given:
    """To which user a row of a file gives a lead; ``replaces``: also one that somebody gave to another."""

    user: int
    replaces: bool


@dataclass(frozen=True)
class Call:
    """One call that was taken: who (``user_id``, ``anonymous_id``, ``email``), what, when; of a group call, which company.

    ``owner`` is listened to in rows of files alone: senders of events do not say whose leads are.
    """

    place: int
    kind: str
    message_id: str | None
    occurred_at: datetime
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    email: str | None = None
    traits: dict[str, Value] = field(default_factory=dict)
    activity_type: str | None = None
    properties: dict[str, Value] = field(default_factory=dict)
    user_agent: str = ""
    address: str = ""
    group_id: str | None = None
    group_traits: dict[str, Value] = field(default_factory=dict)
    owner: Given | None = None


@dataclass(frozen=True)
class Refusal:
    """One call that was not taken, and why; ``named``: whom it says to be of, as far as that can be read."""

    place: int
    reason: str
    named: tuple[tuple[str, str], ...] = ()


# What no database holds inside a text.
_UNFIT = re.compile("[\x00\ud800-\udfff]")


# Properties that say how long something took, by the end of their names.
_LASTS = re.compile("(?:^|_)(?:duration|milliseconds|ms|seconds|minutes|hours|time_on_page|time_spent|watched)$")


class _Unfit(Exception):
    """Why a call cannot be taken."""


@dataclass(frozen=True)
class _Around:
    """What the request around a call says of it."""

    kind: str
    received_at: datetime
    sent_at: Any = None
    context: dict[str, Any] = field(default_factory=dict)
    is_small: bool = True


class LongNumber(float):
    """A whole number of more digits than a double holds, as which everybody works with it; an id is what its ``digits`` say."""

    digits = ""


def _long_number(digits: str) -> LongNumber:
    number = LongNumber(digits)
    number.digits = digits
    return number


def parse_json(text: str, *, exact: bool = False) -> Any:
    """Return JSON as Python values; whole numbers beyond 18 digits are doubles that know their digits, so that no number can take long.

    With ``exact`` they are whole numbers, as for whoever writes them down again.

    Raises
    ------
    ValueError
        It is no JSON.
    RecursionError
        It is nested too deeply to be read in one go.
    """
    return json.loads(text, parse_int=lambda digits: int(digits) if exact or len(digits) < 19 else _long_number(digits))


def calls(body: bytes, kind: str, received_at: datetime) -> Iterator[Call | Refusal]:
    """Return every call of a delivery, in order; one that cannot be read does not touch its neighbours."""
    text = body.decode("utf-8", "surrogatepass")
    around = _Around(kind, received_at, is_small=len(body) <= LARGEST)
    raws: list[Any]
    try:
        whole = parse_json(text)
        raws = [whole]
        if isinstance(whole, dict) and (kind == "batch" or "batch" in whole):
            batch = whole.get("batch")
            raws = batch if isinstance(batch, list) else [_Unfit("batch is no list")]
            around = replace(around, sent_at=whole.get("sentAt"), context=_object(whole, "context"))
        elif isinstance(whole, list):
            raws = whole
    except RecursionError:
        raws = [_alone(part) for part in (elements(text) if kind == "batch" else [text])]
    fault = _context_fault(around.context, len(raws))
    for place, raw in enumerate(raws):
        try:
            yield _call(fault or raw, place, around)
        except _Unfit as error:
            yield Refusal(place, str(error), tuple(_named(raw, around)))


def _context_fault(context: dict[str, Any], count: int) -> _Unfit | None:
    try:
        _check(context, 1)
    except _Unfit as fault:
        return _Unfit(f"in the context of the batch {fault}")
    if context and len(json.dumps(context)) * count > MOST_CONTEXT:  # it is read with every call
        return _Unfit("the context of the batch is too large for so many calls; send it with fewer, or leave out what is not needed")
    return None


def _with_context(shared: dict[str, Any], raw: dict[str, Any]) -> dict[str, Any]:
    """Return the context of a call: what its batch says, where it says nothing of its own, and so in each of the objects in it."""
    own = _object(raw, "context")
    if not shared:
        return own
    both = {name: {**_object(shared, name), **value} if isinstance(value, dict) else value for name, value in own.items()}
    return {**shared, **both}


def _alone(text: str) -> Any:
    try:
        return parse_json(text)
    except RecursionError:
        return _Unfit(f"it is nested more than {DEEPEST} deep")
    except ValueError:
        return _Unfit("it is no JSON")


def _call(raw: Any, place: int, around: _Around) -> Call:
    if isinstance(raw, _Unfit):
        raise raw
    if not isinstance(raw, dict):
        raise _Unfit("it is no object")
    if raw == ERASED:
        raise _Unfit(OF_ERASED)
    _check(raw, 0)
    if not around.is_small and len(json.dumps(raw, ensure_ascii=False).encode()) > LARGEST:
        raise _Unfit(f"it is larger than {LARGEST // 1024} KB")
    own = raw.get("type") if around.kind == "batch" or raw.get("type") in KINDS else around.kind
    if own not in KINDS:
        raise _Unfit(f"its type {own!r} is none of {', '.join(KINDS)}")
    context = _with_context(around.context, raw)
    meant = _meant(_object(raw, "countries"))
    traits = _traits(_object(context, "traits"), meant)
    if own == "identify":
        traits |= _traits(_object(raw, "traits"), meant)
    user_id, anonymous_id = _somebody(raw, "userId"), _somebody(raw, "anonymousId")
    email = email_of(traits.get("email")) or email_of(user_id)
    if email and own == "identify":
        traits.setdefault("email", email)
    if not (user_id or anonymous_id or email):
        raise _Unfit("it names nobody: neither userId, anonymousId nor a mail address among the traits")
    properties = _object(raw, "properties")
    group_id = _somebody(raw, "groupId") if own == "group" else None
    if own == "group" and group_id is None:
        raise _Unfit("a group call names no group: groupId is missing or nothing")
    return Call(
        place=place,
        kind=own,
        message_id=_identifier(raw, "messageId"),
        occurred_at=occurred(raw.get("originalTimestamp") or raw.get("timestamp"), raw.get("sentAt") or around.sent_at, around.received_at),
        user_id=user_id,
        anonymous_id=anonymous_id,
        previous_id=_somebody(raw, "previousId"),
        email=email,
        traits=traits,
        activity_type=_activity_type(raw, own),
        properties=_properties(own, raw, properties, context),
        user_agent=str(context.get("userAgent") or ""),
        address=str(context.get("ip") or ""),
        group_id=group_id,
        group_traits=_traits(_object(raw, "traits"), meant) if group_id else {},
        owner=_given(_object(raw, "owner")),
    )


def _named(raw: Any, around: _Around) -> Iterator[tuple[str, str]]:
    """Return by which keys a call that was refused names somebody, where each can be read."""
    if not isinstance(raw, dict):
        return
    for name, kind in (("userId", "user_id"), ("anonymousId", "anonymous_id"), ("previousId", "user_id")):
        with suppress(_Unfit):
            if (said := _somebody(raw, name)) is not None:
                yield kind, said
    for holder in (raw, _with_context(around.context, raw)):
        for said in (_object(holder, "traits").get("email"), raw.get("userId")):
            if email := email_of(str(said or "").replace("\x00", "")):
                yield "email", email


def _given(found: dict[str, Any]) -> Given | None:
    user = found.get("user")
    return Given(user, found.get("replaces") is True) if isinstance(user, int) and not isinstance(user, bool) else None


def _object(holder: dict[str, Any], name: str) -> dict[str, Any]:
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def _check(value: Any, depth: int) -> None:
    """Refuse what no database holds: nulls inside texts, halves of characters, numbers that are none."""
    if isinstance(value, str):
        if found := _UNFIT.search(value):
            raise _Unfit("a text holds the character NUL" if found[0] == "\x00" else "a text holds half a character (a lone surrogate)")
    elif isinstance(value, float) and not math.isfinite(value):
        raise _Unfit("a number is not finite or has too many digits")
    elif isinstance(value, dict | list):
        if depth >= DEEPEST:
            raise _Unfit(f"it is nested more than {DEEPEST} deep")
        if isinstance(value, dict):
            for key in value:
                _check(key, depth)
        for part in value.values() if isinstance(value, dict) else value:
            _check(part, depth + 1)


def _identifier(raw: dict[str, Any], name: str) -> str | None:
    found = raw.get(name)
    if found is None or found == "":
        return None
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise _Unfit(f"{name} is neither text nor number")
    text = _spelled(found).strip()
    if len(text) > LONGEST_ID:
        raise _Unfit(f"{name} is longer than {LONGEST_ID} characters")
    return text or None


def _spelled(found: str | float) -> str:
    """Return an id as a text: the same person is 7 to one sender and 7.0 to another."""
    if isinstance(found, LongNumber):
        return found.digits
    return str(int(found)) if isinstance(found, float) and found.is_integer() and abs(found) < 2**53 else str(found)


def _somebody(raw: dict[str, Any], name: str) -> str | None:
    found = _identifier(raw, name)
    return None if found is None or found.casefold() in NOBODY else found


def email_of(found: object) -> str | None:
    """Return a mail address in small letters, without the ``mailto:`` of a link; None where it is none."""
    text = str(found or "").strip().lower().removeprefix("mailto:")
    return text if len(text) <= LONGEST_ID and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) else None


def snake(name: str) -> str:
    """Return a name as documents spell it: ``Content Type``, ``contentType`` and ``content-type`` are ``content_type``."""
    return _kept_snake(name) if len(name) <= LONGEST_NAME else event_name(name)  # so that what is kept stays small, whatever is sent


_kept_snake = lru_cache(maxsize=4096)(event_name)  # the same few names come again and again


def _flat(found: dict[str, Any]) -> dict[str, Value]:
    """Return plain values by their names in snake case; those inside objects are named ``company_name``, ``address_city``."""
    values: dict[str, Value] = {}
    for key, value in found.items():
        if isinstance(value, dict):
            values |= {f"{snake(key)}_{name}": part for name, part in _flat(value).items()}
        elif isinstance(value, str | int | float | bool):
            values[snake(key)] = value
    if any(len(name) > LONGEST_NAME for name in values):
        raise _Unfit(f"a name is longer than {LONGEST_NAME} characters")
    return {name: value for name, value in values.items() if name}


def _traits(found: dict[str, Any], meant: dict[str, str]) -> dict[str, Value]:
    traits = {STANDARD.get(name, name): value for name, value in _flat(found).items()}
    if isinstance(said := traits.get(COUNTRY), str):
        traits[COUNTRY] = country(said, meant)
    return traits


def _meant(found: dict[str, Any]) -> dict[str, str]:
    """Return the countries that unknown texts mean, as somebody said of the rows of a file."""
    return {text: code for text, code in found.items() if code in codes()}


def _activity_type(raw: dict[str, Any], kind: str) -> str | None:
    if kind in {"page", "screen"}:
        return f"{kind}_viewed"
    if kind != "track":
        return None
    name = snake(str(raw.get("event") or ""))
    if not name:
        raise _Unfit("a track call names no event")
    if len(name) > LONGEST_ID:
        raise _Unfit(f"the name of the event is longer than {LONGEST_ID} characters")
    return name


def _properties(kind: str, raw: dict[str, Any], properties: dict[str, Any], context: dict[str, Any]) -> dict[str, Value]:
    if kind not in {"track", "page", "screen"}:
        return {}
    page = _flat(_object(context, "page")) if kind == "page" else {}
    named = {"name": str(raw["name"])} if raw.get("name") and kind != "track" else {}
    found = page | named | _flat(properties)
    for name, value in found.items():
        if isinstance(value, int | float) and value < 0 and _LASTS.search(name):
            raise _Unfit(f"{name} is {value:g}, and nothing lasts less than no time; mend the clock of the sender, or leave it out")
    return found


def call_text(body: bytes, place: int) -> str:
    """Return one call of a delivery as text for people, as it is read, without the write key; what cannot be read, as it came."""
    text = body.decode("utf-8", "replace")
    try:
        whole = parse_json(text, exact=True)
    except (ValueError, RecursionError):
        return text
    batch = whole.get("batch") if isinstance(whole, dict) else whole
    if isinstance(batch, list) and place < len(batch):
        return json.dumps(_whole_call(whole, batch[place]))
    return json.dumps({name: value for name, value in whole.items() if name != "writeKey"}) if isinstance(whole, dict) else text


def _whole_call(whole: Any, raw: Any) -> Any:
    shared = _object(whole, "context") if isinstance(whole, dict) else {}
    return {**raw, "context": _with_context(shared, raw)} if shared and isinstance(raw, dict) else raw
