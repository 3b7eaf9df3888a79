"""How likely a contact is the person of a lead, and a company the one they work at: a score with its reasons.

Scores are shares from 0 to 1, ours: how sure one may be, worked out from what agrees. They order what is offered, and what is nearly
sure is chosen before anybody looks; who converts has the last word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from vaglio_server.duplicates.logic.cleaning import Cleaned, cleaned
from vaglio_server.texts import gettext_noop

SURE = 0.9  # from here on it is chosen unless somebody says otherwise
OFFERED = 0.6
_LIKE = 85  # of 100: names that differ by a slip

IS_THE_LEAD = gettext_noop("was said to be this lead")
SAME_MAIL = gettext_noop("same mail address")
SAME_MOBILE = gettext_noop("same mobile number")
SAME_NUMBER = gettext_noop("same telephone number")
SAME_NAME = gettext_noop("same name")
SHORT_NAME = gettext_noop("same name, once in its short form")
LIKE_NAME = gettext_noop("name with a slip")
SAME_COMPANY = gettext_noop("works there too")
OTHER_MAIL = gettext_noop("another mail address")
WORKS_THERE = gettext_noop("the lead works there")
MAIL_OF = gettext_noop("the mail address is of its domain")
CALLED_SO = gettext_noop("is called as the lead says")
CALLED_LIKE = gettext_noop("is called nearly as the lead says")
OF_CONTACT = gettext_noop("the contact works there")


@dataclass(frozen=True)
class Likely:
    """How sure it is (0-1), and why."""

    share: float
    reasons: tuple[str, ...]


def person(lead: Mapping[str, Any], other: Mapping[str, Any], *, one_company: bool) -> Likely:
    """Return how likely two are one person, by their fields; ``one_company``: they are known to work at one."""
    one, two = cleaned(lead), cleaned(other)
    name, said = _names(one, two)
    reasons = [said] if said else []
    share = name * (0.92 if one_company else 0.65)
    if one.mail and one.mail == two.mail:
        reasons.insert(0, SAME_MAIL)
        share = 0.99 if name or not (one.last and two.last) else 0.9
    elif one.mail and two.mail and one.domain == two.domain and one.domain:
        reasons.append(OTHER_MAIL)  # a company gives one person one address
        share -= 0.2
    if one.mobile and one.mobile in {two.mobile, *two.numbers}:
        reasons.append(SAME_MOBILE)
        share = max(share, 0.95 if name else 0.7)
    elif name and set(one.numbers) & set(two.numbers):
        reasons.append(SAME_NUMBER)
        share = max(share, 0.9)
    if one_company and share:
        reasons.append(SAME_COMPANY)
    return Likely(round(max(share, 0.0), 2), tuple(reasons))


def _names(one: Cleaned, two: Cleaned) -> tuple[float, str]:
    """Return how alike two names are (0-1), and in which way; 0: they are not, or one of them is not known."""
    if not (one.first and two.first and one.last and two.last) or one.suffix != two.suffix:
        return 0.0, ""
    if {(one.first, one.last)} & {(two.first, two.last), (two.last, two.first)}:
        return 1.0, SAME_NAME
    if one.last == two.last and set(one.groups) & set(two.groups):
        return 0.95, SHORT_NAME
    whole = fuzz.token_sort_ratio(f"{one.first} {one.last}", f"{two.first} {two.last}")
    return (whole / 100, LIKE_NAME) if whole >= _LIKE and one.first[0] == two.first[0] else (0.0, "")
