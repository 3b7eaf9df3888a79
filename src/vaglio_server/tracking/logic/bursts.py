"""What only a machine does: every link of a mail at once, a click the moment it was sent, a wave of clicks over many people."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LINKS = ("url", "link", "href", "link_url", "path")
MAIL = "mail|newsletter"  # in the name of what is done with one; then the first kind of which a word is in it
DONE = {"clicked": "click", "opened": "open|view|read", "sent": "sent|deliver|send"}
MAILS = ("campaign", "email_id", "mail", "campaign_id", "broadcast_id", "newsletter", "subject")
# So many different links within so many seconds; people open three of a list in six, and two in one.
CLICKS = ((3, 3.0), (5, 10.0))
PAGES = ((6, 3.0), (8, 10.0))
AT_ONCE = 5.0  # seconds after sending in which nobody has read anything
NEAR, NEXT = 3.0, 1.0  # seconds to what else of a mail, or of the site, belongs to a burst
WAVE, AFTER = 60.0, 600.0  # seconds of a wave, and of the time before and after that it is compared with
WAVE_LEADS, WAVE_TIMES = 5, 10  # people in a wave, at least, and how much denser it is
SETTLED = WAVE + AFTER  # seconds until what happened can be judged


@dataclass(frozen=True)
class Act:
    """Something that was done: by whose lead, when [seconds], what, and of which mail."""

    key: Hashable
    lead: Hashable
    at: float
    kind: str  # sent, opened, clicked, page or other
    link: str = ""
    mail: str = ""


@dataclass(frozen=True)
class Burst:
    """Activities of one lead that a machine did, and what they were seen by."""

    lead: Hashable
    reason: str
    keys: tuple[Hashable, ...]


def kind_of(activity_type: str) -> str:
    """Return what an activity is to a mail scanner, by its name."""
    if activity_type in ("page_viewed", "screen_viewed"):
        return "page"
    if re.search(MAIL, activity_type):
        for kind, words in DONE.items():
            if re.search(words, activity_type):
                return kind
    return "clicked" if re.search("link_click|clicked_link", activity_type) else "other"


def act(key: Hashable, lead: Hashable, at: float, activity_type: str, properties: dict[str, Any]) -> Act:
    """Return an activity as it is judged."""
    link = next((str(properties[name]) for name in LINKS if properties.get(name)), "")
    mail = next((str(properties[name]) for name in MAILS if properties.get(name)), "")
    return Act(key, lead, at, kind_of(activity_type), link, mail)


def find(acts: Iterable[Act], swept: Mapping[str, list[float]]) -> list[Burst]:
    """Return every burst among what some leads did, ``swept`` being the waves; each activity is in one at most."""
    of_lead: dict[Hashable, list[Act]] = defaultdict(list)
    for each in acts:
        of_lead[each.lead].append(each)
    found: list[Burst] = []
    for lead, mine in of_lead.items():
        mine.sort(key=lambda each: each.at)
        taken: set[Hashable] = set()
        for reason, cores in (("links", _links(mine)), ("sent", _at_once(mine)), ("pages", _pages(mine)), ("wave", _swept(mine, swept))):
            found += [Burst(lead, reason, keys) for keys in _grown(mine, cores, taken)]
    return found


def _links(mine: Sequence[Act]) -> set[int]:
    return _dense(mine, "clicked", CLICKS)


def _pages(mine: Sequence[Act]) -> set[int]:
    return _dense(mine, "page", PAGES)


def _dense(mine: Sequence[Act], kind: str, limits: Iterable[tuple[int, float]]) -> set[int]:
    """Return the places of many different activities of a kind within few seconds; what names no link is another each time."""
    places = [place for place, each in enumerate(mine) if each.kind == kind]
    found: set[int] = set()
    for least, seconds in limits:
        for index, start in enumerate(places):
            # As far as the window goes: the same link again is no further one, and belongs to it.
            inside = [place for place in places[index : index + 4 * least] if mine[place].at - mine[start].at <= seconds]
            if len({mine[place].link or place for place in inside}) >= least:
                found.update(inside)
    return found


def _at_once(mine: Sequence[Act]) -> set[int]:
    """Return the places of clicks that came too soon after their mail was sent."""
    found: set[int] = set()
    sent: dict[str, float] = {}
    for place, each in enumerate(mine):
        if each.kind == "sent":
            sent[each.mail] = each.at
        elif each.kind == "clicked" and each.at - sent.get(each.mail, each.at - AT_ONCE - 1) <= AT_ONCE:
            found.add(place)
    return found


def _swept(mine: Sequence[Act], swept: Mapping[str, list[float]]) -> set[int]:
    return {
        place for place, each in enumerate(mine)
        if each.kind in ("clicked", "opened") and any(start <= each.at < start + WAVE for start in swept.get(each.mail, ()))
    }  # fmt: skip


def _grown(mine: Sequence[Act], cores: set[int], taken: set[Hashable]) -> list[tuple[Hashable, ...]]:
    """Return bursts grown from their cores by what belongs to them, in parts that lie apart; ``taken`` learns of them."""
    inside = {place for place in cores if mine[place].key not in taken}
    for step in (1, -1):
        for place in range(len(mine))[::step]:
            before = place - step
            if before in inside and 0 <= before < len(mine) and _belongs(mine[place], mine[before], taken):
                inside.add(place)
    parts: list[list[int]] = []
    for place in sorted(inside):
        if parts and mine[place].at - mine[parts[-1][-1]].at <= CLICKS[-1][1]:
            parts[-1].append(place)
        else:
            parts.append([place])
    taken.update(mine[place].key for place in inside)
    return [tuple(mine[place].key for place in part) for part in parts]


def _belongs(each: Act, neighbour: Act, taken: set[Hashable]) -> bool:
    if each.key in taken or each.kind in ("sent", "other"):
        return False
    return abs(each.at - neighbour.at) <= (NEXT if each.kind == "page" else NEAR)


def waves(acts: Iterable[Act]) -> dict[str, list[float]]:
    """Return when, of each mail, many people at once did something, out of nowhere and never again: its delivery, scanned."""
    of_mail: dict[str, list[tuple[float, Hashable]]] = defaultdict(list)
    for each in acts:
        if each.mail and each.kind in ("clicked", "opened"):
            of_mail[each.mail].append((each.at, each.lead))
    return {mail: found for mail, rows in of_mail.items() if (found := _waves(sorted(rows, key=lambda row: row[0])))}


def _waves(rows: Sequence[tuple[float, Hashable]]) -> list[float]:
    times = [at for at, _lead in rows]
    found: list[float] = []
    for first, start in enumerate(times):
        if found and start < found[-1] + WAVE:
            continue
        end = bisect_left(times, start + WAVE)
        if len({lead for _at, lead in rows[first:end]}) < WAVE_LEADS:
            continue
        around = max(bisect_left(times, start + WAVE + AFTER) - end, first - bisect_left(times, start - AFTER))
        if (end - first) * AFTER / WAVE >= WAVE_TIMES * around:
            found.append(start)
    return found
