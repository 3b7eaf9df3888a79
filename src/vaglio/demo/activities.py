"""The log of activities, made from sessions in pieces of any length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vaglio.demo.columns import (
    NONE,
    Bytes,
    fixed_text_column,
    instants_column,
    integers_column,
    take_texts,
    uuid_bytes,
    words_column,
)
from vaglio.demo.leads import lead_bytes
from vaglio.demo.randomness import Bits, Ints, mix
from vaglio.demo.recipe import DAY, WINDOW, Recipe
from vaglio.demo.sessions import CAMPAIGN_DAYS, Sessions, sizes, unpack
from vaglio.demo.site import PLACES, Kind, Site

_WINDOW_MS = WINDOW * 1_000
_QUANTILES = (np.arange(1_024) + 0.5) / 1_024
# Exponential waiting times with a mean of 1, by ten random bits.
_WAITING = -np.log1p(-_QUANTILES)
# Mean time between two activities of a session, in milliseconds, by kind; mail scanners follow links at once.
_GAP_MS = np.array([70_000, 110_000, 45_000, 350, 400_000, 90_000, 40_000, 15_000], dtype=np.float64)
_GAPS = np.rint(_GAP_MS[:, None] * _WAITING[None, :]).astype(np.int32).ravel()
_LATE_MARK_SHARE = 0.25


def _delays() -> NDArray[np.int32]:
    """Give the milliseconds from happening to arriving: most within seconds, some after hours or days."""
    delay = 150.0 + 2_500.0 * _WAITING
    delay[1_002:] = np.geomspace(60_000, 3 * DAY * 1_000, 22)
    return np.rint(delay).astype(np.int32)


_DELAYS = _delays()


@dataclass(frozen=True)
class _Rows:
    """Activities as numbers; arrays have shape (n,).

    Attributes
    ----------
    number : place in the log, without re-sent rows
    lead : number of the lead
    signature : code into the site's signatures
    occurred, received : milliseconds from the start of the window
    marked : milliseconds at which the machine mark was made, -1 where there is none or it came at once
    is_machine : whether a machine did it
    minutes : minutes attended, -1 for none
    """

    number: Ints
    lead: Ints
    signature: Ints
    occurred: Ints
    received: Ints
    marked: Ints
    is_machine: NDArray[np.bool_]
    minutes: NDArray[np.int16]


def activity_tables(recipe: Recipe, site: Site, packed: Bits) -> Iterator[pa.Table]:
    """Yield all activities in the order of time, about ``recipe.chunk_rows`` at once.

    Parameters
    ----------
    recipe : Recipe
    site : Site
    packed : array of uint64, shape (sessions,)
        From ``make_sessions``.
    """
    step = max(1, recipe.chunk_rows // 4)
    lead_texts = lead_bytes(recipe, np.arange(recipe.leads))
    done = 0
    for first in range(0, max(len(packed), 1), step):
        part = packed[first : first + step]
        rows = _make_rows(recipe, site, unpack(part), done)
        yield _spell(recipe, site, _resend(recipe, rows), lead_texts)
        done += int(sizes(part).sum(dtype=np.int64))


def _make_rows(recipe: Recipe, site: Site, sessions: Sessions, done: int) -> _Rows:
    """Make the activities of some sessions; ``done`` activities went before."""
    size = sessions.size
    number = done + np.arange(int(size.sum()))
    drawn = recipe.source.bits("activity", number)
    kind = np.repeat(sessions.kind, size)
    first = np.cumsum(size) - size
    occurred = _occurrences(drawn, sessions, kind, first)
    # Small numbers, but wide: they index arrays many times, which narrow ones do slowly.
    signature = site.tables[kind * PLACES + _field(drawn, 0, 14)].astype(np.int64)
    received = np.minimum(occurred + _DELAYS[_field(drawn, 24, 10)], _WINDOW_MS - 1_000)
    is_machine = kind == Kind.SCANNER
    minutes = np.where(site.codes[0][signature] == site.webinar, 5 + _field(drawn, 34, 6), NONE)
    return _Rows(
        number=number,
        lead=np.repeat(sessions.lead, size),
        signature=signature,
        occurred=occurred,
        received=received,
        marked=_marks(recipe, (number, np.repeat(number[first], size)), received, is_machine),
        is_machine=is_machine,
        minutes=minutes.astype(np.int16),
    )


def _field(drawn: Bits, shift: int, width: int) -> Ints:
    """Take ``width`` of the 64 random bits as a number."""
    return np.asarray((drawn >> np.uint64(shift)) & np.uint64(2**width - 1), dtype=np.int64)


def _occurrences(drawn: Bits, sessions: Sessions, kind: Ints, first: Ints) -> Ints:
    """Give the milliseconds of activities: the session's start plus all gaps since."""
    gap = _GAPS[kind * 1_024 + _field(drawn, 14, 10)].astype(np.int64)
    gap[first] = _field(drawn[first], 40, 10) % 1_000
    elapsed = np.cumsum(gap)
    base = sessions.start * 1_000 - elapsed[first] + gap[first]
    occurred = elapsed + np.repeat(base, sessions.size)
    return np.asarray(np.minimum(occurred, _WINDOW_MS - 2_000), dtype=np.int64)


def _marks(recipe: Recipe, numbers: tuple[Ints, Ints], received: Ints, is_machine: NDArray[np.bool_]) -> Ints:
    """Find some bursts to be a machine's only days later; a burst is marked as a whole."""
    marked = np.full(len(received), NONE, dtype=np.int64)
    machine = np.flatnonzero(is_machine)
    session = numbers[1][machine]
    late = recipe.source.uniform("late mark", session) < _LATE_MARK_SHARE
    wait = DAY * 1_000 * (1.0 + 19.0 * recipe.source.uniform("mark wait", session[late]))
    marked[machine[late]] = np.minimum(received[machine[late]] + wait.astype(np.int64), _WINDOW_MS)
    return marked


def _resend(recipe: Recipe, rows: _Rows) -> _Rows:
    """Repeat the re-sent activities, each right after itself, the second time received later."""
    resent = _resent_numbers(recipe, rows.number)
    if not len(resent):
        return rows
    times = np.ones(len(rows.number), dtype=np.int64)
    times[resent] = 2
    place = np.repeat(np.arange(len(times)), times)
    second = resent + np.arange(1, len(resent) + 1)
    received = rows.received[place]
    wait = 1 + recipe.source.below("resent", rows.number[resent], 6 * 3_600 * 1_000)
    received[second] = np.minimum(received[second] + wait, _WINDOW_MS)
    return _Rows(
        number=rows.number[place],
        lead=rows.lead[place],
        signature=rows.signature[place],
        occurred=rows.occurred[place],
        received=received,
        marked=rows.marked[place],
        is_machine=rows.is_machine[place],
        minutes=rows.minutes[place],
    )


def _resent_numbers(recipe: Recipe, number: Ints) -> Ints:
    """Tell which activities are sent again, as places in ``number``: one of each stretch."""
    resent, total = recipe.resent, recipe.activities - recipe.resent
    if resent == 0 or not len(number):
        return np.empty(0, dtype=np.int64)
    first, last = int(number[0]), int(number[-1])
    stretch = np.arange(first * resent // total, min(resent, last * resent // total + 1))
    low = -(-stretch * total // resent)
    high = -(-(stretch + 1) * total // resent)
    chosen = low + recipe.source.below("resent place", stretch, high - low)
    return chosen[(chosen >= first) & (chosen <= last)] - first


def _spell(recipe: Recipe, site: Site, rows: _Rows, lead_texts: Bytes) -> pa.Table:
    """Turn numbers into the columns of ``activities.csv``."""
    codes = site.codes
    signature = rows.signature
    columns = {
        "lead_id": fixed_text_column(take_texts(lead_texts, rows.lead)),
        "activity_type": words_column(codes[0][signature], site.types),
        "occurred_at": _instants(recipe, rows.occurred),
        "received_at": _instants(recipe, rows.received),
    }
    if recipe.message_ids:
        salt = recipe.source.key("message salt")
        # A scrambled counter: it looks like chance and never repeats.
        scrambled = mix(rows.number.astype(np.uint64) ^ np.uint64(recipe.source.key("message counter")))
        columns["message_id"] = fixed_text_column(uuid_bytes(scrambled, salt))
    mail = site.mail_types[codes[0]]
    week = (rows.occurred // (CAMPAIGN_DAYS * DAY * 1_000)).astype(np.int32)
    columns |= {
        "is_machine": pa.array(rows.is_machine),
        "machine_known_at": _instants(recipe, rows.marked, rows.marked < 0),
        "path": words_column(codes[1][signature], site.paths),
        "form": words_column(codes[2][signature], site.forms),
        "content_type": words_column(codes[3][signature], site.content_types),
        "minutes": integers_column(rows.minutes, rows.minutes < 0),
        "campaign": words_column(np.where(mail[signature], week, NONE), _CAMPAIGNS),
        "url": words_column(codes[4][signature], site.urls),
    }
    return pa.table(columns)


def _instants(recipe: Recipe, milliseconds: Ints, missing: NDArray[np.bool_] | None = None) -> pa.Array:
    return instants_column(milliseconds * 1_000 + recipe.start_us, missing)


_CAMPAIGNS = pa.array([f"newsletter-{week + 1:02d}" for week in range(WINDOW // (CAMPAIGN_DAYS * DAY) + 2)])
