"""Whether outcomes are enough to say anything."""

from vaglio.errors import DataError
from vaglio.learning.terms import Floats

LEAST = 10  # leads of either outcome: of fewer nothing is said of fields, values and rules


def need_both(labels: Floats, least: int = LEAST, hint: str = "come back with more outcomes", whose: str = "") -> None:
    """Refuse outcomes of which there are none, or one kind alone, or fewer than so many of either. ``whose``: said after *outcome*.

    Raises
    ------
    DataError
        ``no_leads_in_time``, ``one_outcome``, ``too_few_outcomes``.
    """
    good, bad = int(labels.sum()), int((1 - labels).sum())
    if not len(labels):
        raise DataError("no_leads_in_time", f"no lead with a known outcome{whose} was there on the day that leads are looked at",
                        "check created_at and the outcomes, or choose another --as-of")  # fmt: skip
    if not good or not bad:
        which = "good" if good else "other"
        raise DataError("one_outcome", f"all {good + bad} leads with a known outcome{whose} had the {which} one",
                        "give leads of both kinds")  # fmt: skip
    if min(good, bad) < least:
        raise DataError("too_few_outcomes", f"{good} leads came out well and {bad} did not; {least} of each are the least", hint)
