"""Rows of a file as what people did: who, what, when, and what else is said of it; or why they cannot be taken."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vaglio_server.imports.logic.days import DAY_FIRST, instant
from vaglio_server.imports.logic.headings import ACTIVITY_ID, ACTIVITY_TYPE, OCCURRED_AT
from vaglio_server.imports.logic.people import Unfit, texts, who
from vaglio_server.tracking.logic.calls import LONGEST_ID, snake
from vaglio_server.tracking.logic.moments import AHEAD, EARLIEST


@dataclass(frozen=True)
class Doing:
    """What a row says that somebody did."""

    external_id: str | None
    email: str | None
    activity_type: str
    occurred_at: datetime
    activity_id: str | None
    properties: dict[str, str]

    @property
    def values(self) -> dict[str, str | None]:
        """What a preview shows of it."""
        return {"email": self.email, ACTIVITY_TYPE: self.activity_type.replace("_", " "), OCCURRED_AT: f"{self.occurred_at:%Y-%m-%d %H:%M}",
                **self.properties}  # fmt: skip

    def message_id(self, system: str) -> str:
        """Return by what it is known, so that it is taken once, in however many files it comes: its id, else all it says."""
        if self.activity_id:
            return f"file {system}:{self.activity_id}"
        said = [system, self.external_id, self.email, self.activity_type, self.occurred_at.isoformat(), self.properties]
        return "file " + hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def doing(cells: Sequence[str], columns: Sequence[str | None], orders: Mapping[str, str], now: datetime) -> Doing:
    """Return what a row says that somebody did.

    Raises
    ------
    Unfit
        It names nobody, or does not say what was done or when; every fault is named.
    """
    said = texts(cells, columns)
    faults: list[str] = []
    external_id, email = who(said, faults)
    kind, when, number = (said.pop(name, "") for name in (ACTIVITY_TYPE, OCCURRED_AT, ACTIVITY_ID))
    if len(number) > LONGEST_ID - 50:
        faults.append(f"an id is longer than {LONGEST_ID - 50} characters")
    named = snake(kind)
    if not named or len(named) > LONGEST_ID:
        faults.append("it does not say what was done" if not named else "what was done is too long for a name")
    at = instant(when, orders.get(OCCURRED_AT, DAY_FIRST))
    faults += _when_faults(when, at, now)
    if faults or at is None:
        raise Unfit("; ".join(faults))
    return Doing(external_id, email, named, at, number or None, said)


def _when_faults(text: str, at: datetime | None, now: datetime) -> list[str]:
    if not text:
        return ["it does not say when"]
    if at is None:
        return [f'"{text}" is no time; use one such as 2026-10-01 09:30']
    if at < EARLIEST or at > now + AHEAD:
        return [f'"{text}" lies {"in the future" if at > now else "before 1990"}; an activity is what was done']
    return []
