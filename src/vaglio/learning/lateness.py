"""Evidence that a field is written, or a date lies, after the outcome."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from vaglio.learning.history import History, value_text
from vaglio.learning.terms import Codes

Evidence = list[tuple[bool, str]]  # whether it is sure, and the words
DAY = 86_400_000_000  # microseconds
LATER = 0.2  # of leads with the outcome: so many got their value, or another one, after it
AFTER = 0.05  # of leads: so many have a date that had not come yet
ONLY = 0.97  # of leads with a value: so many have the outcome
OFTENER = 2.0  # times as often changed after the outcome, as it is for the others at all
LEAST = 20  # leads
BANDS = 10


def by_history(name: str, values: Sequence[Any], lead_ids: Sequence[str], good: Any, history: History) -> Evidence:
    """Return what is to be said of when a field was filled and changed; ``good``: which leads have the outcome."""
    changes = history.changes.get(name, {})
    had = [lead for lead, is_good in zip(lead_ids, good, strict=True) if is_good and lead in changes and lead in history.outcome_at]
    if len(had) < LEAST:
        return []
    late = sum(changes[lead][0][0] > history.outcome_at[lead] for lead in had) / len(had)
    if late >= LATER:
        return [(True, f"its history says that {late:.0%} of leads with the outcome got their first value after it")]
    became = [after for lead in had if (after := _changed(changes[lead], history.outcome_at[lead])) is not None]
    share = len(became) / len(had)
    if share < LATER:
        return []
    said = f"its history says that {share:.0%} of leads with the outcome got another value after it"
    others = [(lead, value_text(value)) for lead, value, is_good in zip(lead_ids, values, good, strict=True) if not is_good]
    theirs = Counter(changes[lead][-1][1] if lead in changes else value for lead, value in others)
    telling = sum(many for value, many in Counter(became).items() if many >= LEAST and many >= ONLY * (many + theirs[value]))
    if telling >= len(became) / 2:
        return [(True, f"{said}, most of them one that hardly any other lead has")]
    usual = float(np.mean([len({value for _at, value in changes.get(lead, ())}) > 1 for lead, _value in others] or [False]))
    return [(False, f"{said}, and only {usual:.0%} of the others ever")] if share >= OFTENER * usual else []


def _changed(told: Sequence[tuple[int, str]], outcome_at: int) -> str | None:
    """Return the last value, where it came after the outcome and is another than the one before it."""
    before = [value for at, value in told if at <= outcome_at]
    return told[-1][1] if before and before[-1] != told[-1][1] else None


def by_dates(values: Sequence[Any], lead_ids: Sequence[str], good: Any, at: int | None, history: History | None) -> Evidence:
    """Return what is to be said of a field of dates: that they had not come, or came with or after the outcome."""
    found: Evidence = []
    if at is not None:
        after = float(np.mean([value is not None and value > at for value in values]))
        if after >= AFTER:
            found.append((True, f"{after:.0%} of leads have a date in it that had not come when they are looked at"))
    if history is None:
        return found
    dated = [
        history.date(lead, value) // DAY >= history.outcome_at[lead] // DAY
        for lead, value, is_good in zip(lead_ids, values, good, strict=True)
        if is_good and value is not None and lead in history.outcome_at
    ]  # fmt: skip
    if len(dated) >= LEAST and np.mean(dated) >= LATER:
        found.append((True, f"in {np.mean(dated):.0%} of leads with the outcome its date is the day of the outcome, or later"))
    return found


def date_bands(values: Sequence[Any], lead_ids: Sequence[str], history: History | None) -> Codes:
    """Return in which of ten bands each lead's date is: by how long after its creation it lies, where that is known; -1 without one."""
    created = history.created if history is not None else {}
    since = np.array([
        np.nan if value is None else float(history.date(lead, value) - created.get(lead, 0) if history is not None else value)
        for lead, value in zip(lead_ids, values, strict=True)
    ])  # fmt: skip
    known = ~np.isnan(since)
    codes = np.full(len(since), -1, np.int16)
    if known.any():
        edges = np.unique(np.quantile(since[known], np.linspace(0, 1, BANDS + 1)[1:-1]))
        codes[known] = np.searchsorted(edges, since[known], side="right")
    return codes
