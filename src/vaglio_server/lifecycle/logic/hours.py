"""Working hours as people write them: ``9:00-13:00, 14:00-18:00``."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vaglio_server.lifecycle.logic.working_time import MINUTES, Hours

_SPAN = re.compile(r"\s*(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|to)\s*(\d{1,2})(?:[:.](\d{2}))?\s*", re.ASCII)
DAYS = 7
MOST_HOLIDAYS = 1_000
LEAST_MINUTES = 60  # of work in a week


class UnclearHours(ValueError):
    """What somebody wrote is no working time; says what to write."""


def read_hours(text: str) -> Hours:
    """Return the working hours of a day, in minutes since its midnight; nothing where nobody works. Past midnight is written past 24.

    Raises
    ------
    UnclearHours
        It is no list of spans, or they overlap.
    """
    found: list[tuple[int, int]] = []
    for part in filter(str.strip, text.split(",")):
        match = _SPAN.fullmatch(part)
        if match is None:
            raise UnclearHours(f"“{part.strip()[:40]}” are no hours; write them as 9:00-13:00, 14:00-18:00")
        start, end = int(match[1]) * 60 + int(match[2] or 0), int(match[3]) * 60 + int(match[4] or 0)
        if int(match[2] or 0) > 59 or int(match[4] or 0) > 59 or start >= MINUTES or not start < end <= start + MINUTES:
            raise UnclearHours(f"“{part.strip()[:40]}” does not begin before it ends; a night shift is written as 22:00-30:00")
        if found and start < found[-1][1]:
            raise UnclearHours(f"“{part.strip()[:40]}” begins before the hours in front of it end")
        found.append((start, end))
    return tuple(found)


def read_week(texts: Sequence[str]) -> list[Hours]:
    """Return the working hours of Monday to Sunday.

    Raises
    ------
    UnclearHours
        A day is no list of spans, a night shift reaches into the hours of the next day, or nearly nothing is worked.
    """
    week = [read_hours(text) for text in texts]
    for day, hours in enumerate(week):
        after = week[(day + 1) % len(week)]
        if hours and after and hours[-1][1] - MINUTES > after[0][0]:
            raise UnclearHours(f"“{texts[day][:40]}” reaches into the hours of the day after; begin those later, or an hour counts twice")
    if len(week) != DAYS or sum(end - start for hours in week for start, end in hours) < LEAST_MINUTES:
        raise UnclearHours("a week of seven days has an hour of work at least; nobody could ever answer in time otherwise")
    return week


def written(hours: Iterable[Iterable[int]]) -> str:
    """Return working hours as people write them."""
    return ", ".join("-".join(f"{minute // 60}:{minute % 60:02}" for minute in span) for span in hours)


def read_holidays(text: str) -> list[str]:
    """Return days, one a line, each perhaps with its name after it, sorted; the name stays.

    Raises
    ------
    UnclearHours
        A line is no day.
    """
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        day, _space, name = line.partition(" ")
        try:
            found[date.fromisoformat(day).isoformat()] = " ".join(name.split())[:60]
        except ValueError as error:
            raise UnclearHours(f"“{line[:40]}” is no day; write one a line, such as 2026-12-25 Christmas") from error
    if len(found) > MOST_HOLIDAYS:
        raise UnclearHours(f"more than {MOST_HOLIDAYS:,} days off; leave out those that are past")
    return [f"{day} {name}".strip() for day, name in sorted(found.items())]


def known_zone(name: str) -> str:
    """Return the name of a time zone.

    Raises
    ------
    UnclearHours
        There is no such zone.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        raise UnclearHours(f"“{name[:40]}” is no time zone; choose one such as Europe/Rome") from error
    return name
