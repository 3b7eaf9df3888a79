"""Why sales are lost: the reasons that a new installation has, and what is wrong with reasons that somebody wants."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vaglio_server.crm.logic.search import fold
from vaglio_server.texts import gettext_noop

LONGEST_REASON = 60
LONGEST_WORD = 40
MOST_REASONS = 40
OTHER = "other"  # it asks for words of one's own, and always stays

USUAL_REASONS = {
    "price": gettext_noop("Price"),
    "competitor": gettext_noop("Went to a competitor"),
    "no_budget": gettext_noop("No budget"),
    "no_decision": gettext_noop("They did not decide"),
    "no_need": gettext_noop("No need any more"),
    "missing": gettext_noop("Something was missing in what we offer"),
    "timing": gettext_noop("Not now"),
    "unreachable": gettext_noop("Cannot be reached any more"),
    OTHER: gettext_noop("Something else"),
}


@dataclass(frozen=True)
class ReasonSaid:
    """A reason as somebody wants it: ``word`` is that of one that is there; a retired one is not offered any more."""

    label: str
    word: str | None = None
    is_retired: bool = False


def reason_faults(reasons: Sequence[ReasonSaid]) -> list[str]:
    """Return what is wrong with reasons, a sentence each."""
    found, seen = [], set[str]()
    for each in reasons:
        if not each.label or len(each.label) > LONGEST_REASON or not each.label.isprintable():
            found.append(f"{each.label[:LONGEST_REASON]!r}: a reason has a name of at most {LONGEST_REASON} characters")
        if fold(each.label) in seen:
            found.append(f"{each.label[:LONGEST_REASON]}: there are two reasons called so; call one of them otherwise")
        seen.add(fold(each.label))
        if each.word == OTHER and each.is_retired:
            found.append(f"{each.label[:LONGEST_REASON]}: stays, for what no other reason says")
    if len(reasons) > MOST_REASONS:
        found.append(f"{len(reasons)} reasons are too many; {MOST_REASONS} fit")
    return found


def word_of(label: str, taken: Collection[str]) -> str:
    """Return the word by which a new reason is kept and programs name it: like its first name, and no other's."""
    word = re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")[: LONGEST_WORD - 3].strip("_") or "reason"
    return next(each for each in (word, *(f"{word}_{number}" for number in range(2, MOST_REASONS + 3))) if each not in taken)
