"""Visits and mails: when each lead does something, for how many activities, and what it is about.

All sessions are held at once, packed into eight bytes each and sorted by time, so that activities can be
written in the order of a log, in pieces, for any number of leads: 100 million activities are about 30 million
sessions.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vaglio.demo.columns import NEVER
from vaglio.demo.people import SPAM, STUDENT, People
from vaglio.demo.randomness import Bits, Floats, Ints, Source, logistic
from vaglio.demo.recipe import DAY, WINDOW, Recipe
from vaglio.demo.site import Kind

# Bits of a packed session, from the highest: start second, lead, size, kind.
_LEAD_BITS, _SIZE_BITS, _KIND_BITS = 27, 7, 4
# A power of two, below 2 ** _SIZE_BITS.
_LONGEST = 64
_NEW_SESSION_SHARE = 0.28
_NEW_SESSION_BELOW = np.uint64(_NEW_SESSION_SHARE * 2.0**64)
# Sessions are made for about so many activities at a time.
_BATCH_ACTIVITIES = 200_000

CAMPAIGN_DAYS = 7
_CAMPAIGN_SECOND = 2 * DAY + 9 * 3_600
# How long a wave of interest lasts; a buying moment is the end of one.
WAVE_DAYS = 40

# How active an hour of the day is, UTC, from midnight.
_HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 14, 16, 16, 14, 10, 13, 15, 14, 11, 8, 6, 5, 5, 4, 3, 2)


@dataclass(frozen=True)
class Sessions:
    """Unpacked sessions; arrays have shape (n,).

    Attributes
    ----------
    start : seconds from the start of the window
    lead : number of the lead
    size : number of activities
    kind : code of ``Kind``
    """

    start: Ints
    lead: Ints
    size: Ints
    kind: Ints


def make_sessions(recipe: Recipe, people: People) -> Bits:
    """Make all sessions, in the order of time.

    Returns
    -------
    array of uint64, shape (sessions,)
        Packed; their sizes sum to the activities wanted, without the re-sent ones.
    """
    counts = _activity_counts(recipe, people)
    edges = _batch_edges(counts)
    # Grown in place: a list of parts joined at the end would need twice the memory.
    packed = np.empty(int(counts.sum() * (_NEW_SESSION_SHARE + 0.02)) + len(people) + 1_024, dtype=np.uint64)
    filled = 0
    done = 0
    for first, last in pairwise(edges):
        batch = _make_batch(recipe, people, np.arange(first, last), counts[first:last], done)
        packed[filled : filled + len(batch)] = batch
        filled += len(batch)
        done += int(counts[first:last].sum())
    packed = packed[:filled]
    packed.sort()
    return packed


def unpack(packed: Bits) -> Sessions:
    """Take packed sessions apart."""
    rest = packed.astype(np.int64)
    kind = rest & (2**_KIND_BITS - 1)
    rest >>= _KIND_BITS
    size = rest & (2**_SIZE_BITS - 1)
    rest >>= _SIZE_BITS
    return Sessions(start=rest >> _LEAD_BITS, lead=rest & (2**_LEAD_BITS - 1), size=size, kind=kind)


def sizes(packed: Bits) -> NDArray[np.uint8]:
    """Give the number of activities of packed sessions, without unpacking the rest."""
    return ((packed >> np.uint64(_KIND_BITS)) & np.uint64(2**_SIZE_BITS - 1)).astype(np.uint8)


def _activity_counts(recipe: Recipe, people: People) -> Ints:
    """Share the activities among the leads, in proportion to how active each is."""
    source, rows = recipe.source, np.arange(len(people))
    present = (WINDOW - np.maximum(people.created, 0)) / WINDOW
    weight = np.sqrt(present) * np.exp(0.6 * people.interest + 0.5 * source.normal("busy", rows))
    weight[people.blocked == STUDENT] *= 3.0
    weight[people.blocked == SPAM] *= 0.3
    in_moment = (people.buys > 0) & (people.buys < WINDOW + WAVE_DAYS * DAY)
    weight[in_moment] = weight[in_moment] * 1.3 + 0.5
    # Some never do anything after they are created.
    weight[(source.uniform("silent", rows) < 0.12) & ~in_moment] = 0.0
    total = np.cumsum(weight)
    if total[-1] == 0.0:
        total = np.arange(1, len(people) + 1, dtype=np.float64)
    wanted = recipe.activities - recipe.resent
    # Rounding the running total, not the parts, gives exactly the sum wanted.
    reached = np.floor(total / total[-1] * wanted + 0.5).astype(np.int64)
    reached[-1] = wanted
    return np.asarray(np.diff(reached, prepend=0), dtype=np.int64)


def _batch_edges(counts: Ints) -> list[int]:
    """Cut the leads into batches of about ``_BATCH_ACTIVITIES`` activities."""
    batch = np.cumsum(counts) // _BATCH_ACTIVITIES
    # Leads with no activity at all would make a single long batch of millions; they cost little each.
    return [0, *(np.flatnonzero(np.diff(batch)) + 1).tolist(), len(counts)]


def _make_batch(recipe: Recipe, people: People, leads: Ints, counts: Ints, done: int) -> Bits:
    """Cut the activities of some leads into sessions; ``done`` activities went before."""
    source = recipe.source
    activity = done + np.arange(int(counts.sum()))
    first_of_lead = np.repeat(np.cumsum(counts) - counts, counts)
    place = np.arange(len(activity)) - first_of_lead
    is_start = (source.bits("new session", activity) < _NEW_SESSION_BELOW) | (place & (_LONGEST - 1) == 0)
    starts = np.flatnonzero(is_start)
    size = np.diff(starts, append=len(activity))
    lead = np.repeat(leads, counts)[starts]
    first = activity[starts]
    in_wave, low, high = _wave_span(source, people, lead, first)
    kind = _draw_kind(source, people, (lead, first), in_wave)
    start = _draw_start(source, first, low, high)
    mailed = (kind == Kind.EMAIL) | (kind == Kind.SCANNER)
    scanned = kind[mailed] == Kind.SCANNER
    start[mailed] = _after_mail(source, (start[mailed], low[mailed]), first[mailed], scanned)
    start = np.clip(start, low, WINDOW - 2)
    return _pack(start, lead, size, kind)


def _pack(start: Ints, lead: Ints, size: Ints, kind: Ints) -> Bits:
    packed = (start << _LEAD_BITS) | lead
    packed = (packed << _SIZE_BITS) | size
    return ((packed << _KIND_BITS) | kind).astype(np.uint64)


def _wave_span(source: Source, people: People, lead: Ints, first: Ints) -> tuple[NDArray[np.bool_], Ints, Ints]:
    """Tell which sessions belong to their lead's wave, and between which seconds each session lies.

    Interest comes in waves: to some at their buying moment, to others when they appear or at any time, for
    nothing. So not everybody who is busy buys.
    """
    created = people.created[lead]
    low = np.maximum(created, 0)
    buys = people.buys[lead]
    last = WINDOW + WAVE_DAYS * DAY
    sometime = last - (source.uniform("wave", lead) ** 1.5 * (last - low)).astype(np.int64)
    at_once = (source.uniform("wave at once", lead) < 0.5) & (created >= 0)
    ends = np.where(at_once, created + (WAVE_DAYS - 10) * DAY, sometime)
    ends = np.where(buys != NEVER, buys, ends)
    opens = np.maximum(ends - WAVE_DAYS * DAY, low)
    closes = np.minimum(ends, WINDOW)
    in_wave = (opens < closes) & (source.uniform("in wave", first) < 0.75)
    return in_wave, np.where(in_wave, opens, low), np.where(in_wave, closes, WINDOW)


def _draw_kind(source: Source, people: People, which: tuple[Ints, Ints], in_wave: NDArray[np.bool_]) -> Ints:
    """Draw what sessions are about; who is about to buy compares prices, some others do too, students study.

    ``which`` holds the sessions' leads and the numbers of their first activities.
    """
    lead, first = which
    curious = logistic(1.2 * people.interest[lead] - 1.0)
    buying = in_wave & (people.buys[lead] != NEVER)
    evaluate = np.where(buying, 0.65, np.where(in_wave, 0.05 + 0.55 * curious, 0.02 + 0.20 * curious))
    shares: list[tuple[Kind, float | Floats]] = [
        (Kind.EVALUATE, evaluate),
        (Kind.SCANNER, 0.06),
        (Kind.EMAIL, 0.24),
        (Kind.LEARN, 0.05 + 0.10 * curious),
        (Kind.SOCIAL, 0.04),
    ]
    drawn = source.uniform("kind", first)
    kind = np.full(len(lead), int(Kind.BROWSE))
    edge: Floats = np.zeros(len(lead))
    for choice, share in shares:
        kind[(drawn >= edge) & (drawn < edge + share)] = choice
        edge = edge + share
    human = kind != Kind.SCANNER
    kind[human & (people.blocked[lead] == STUDENT)] = Kind.STUDY
    kind[people.blocked[lead] == SPAM] = Kind.SPAM
    return kind


def _draw_start(source: Source, first: Ints, low: Ints, high: Ints) -> Ints:
    """Draw starts between ``low`` and ``high``, more of them late, mostly in working hours."""
    drawn = high - (source.uniform("start", first) ** 1.3 * (high - low)).astype(np.int64)
    day = drawn // DAY
    # 1 October 2025 was a Wednesday; the weekday of the first day only shifts which days are quiet.
    weekend = (day + 2) % 7 >= 5
    day[weekend & (source.uniform("weekend", first) < 0.75)] -= 2
    hour = source.choose("hour", first, _HOURS)
    second = hour * 3_600 + source.below("second", first, 3_600)
    return np.asarray(day * DAY + second, dtype=np.int64)


def _after_mail(source: Source, span: tuple[Ints, Ints], first: Ints, scanned: NDArray[np.bool_]) -> Ints:
    """Move sessions to shortly after a week's mail: scanners within the minute, people within days.

    ``span`` holds when the sessions were to start, and the first second they may.
    """
    start, low = span
    week = CAMPAIGN_DAYS * DAY
    sent = (start - _CAMPAIGN_SECOND) // week * week + _CAMPAIGN_SECOND
    sent = np.where(sent < low, sent + week, sent)
    waited = -np.log1p(-source.uniform("mail read", first))
    delay = np.where(scanned, 2 + 12 * waited, 5 * 3_600 * waited)
    moved = sent + np.minimum(delay, 4 * DAY).astype(np.int64)
    # After the last mail of the year there is none to wait for.
    return np.where(moved < WINDOW, moved, start)
