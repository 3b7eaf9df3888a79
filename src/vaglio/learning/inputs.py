"""What a learned rule may read: fields and measures of activities, each cut into fine bands that a learner joins or drops."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaglio.dates import format_instant
from vaglio.document.names import name_apart
from vaglio.terms import Axis
from vaglio.text import fold

Test = dict[str, Any]  # operators of a band, as a document spells them

FINE, COARSE = 255, 24  # cuts of a number: for trees, which join bands by themselves, and for steps, each of which is a coefficient
MOST_VALUES = 60  # of a text: the commonest; the rest is one band
DAY = 86_400_000_000  # microseconds
RARE = 20  # leads: a value of fewer is one of the rest
# Where a measure is cut, in its own unit: activities, days, or activities faded.
COUNTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 32, 40, 50, 70, 100)
DAYS = (1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365)
FADED = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32)
# Of each type: how often lately and ever, on how many days, how long ago, and faded.
MEASURES: tuple[tuple[str, dict[str, Any]], ...] = (
    *((f"count_{within}", {"within": within, "count": True}) for within in ("1d", "3d", "7d", "30d", "90d")),
    ("count", {"count": True}),
    ("days", {"distinct_days": True}),
    ("days_30d", {"within": "30d", "distinct_days": True}),
    ("days_since", {"days_since": True}),
    ("faded_3d", {"faded": "3d"}),
    ("faded_14d", {"faded": "14d"}),
    ("faded_60d", {"faded": "60d"}),
)
ABOUT = ("count_7d", "count", "days_since", "faded_14d")  # the measures of what activities were about
TOGETHER = ("count_1d", "count_3d", "count_7d", "count", "days", "days_since", "faded_3d", "faded_14d")  # of all types as one


@dataclass(frozen=True)
class Input:
    """One input in bands. A lead falls into the first band that holds, so bands exclude each other as they stand.

    ``source`` is the input as a document spells it. The first ``ordered`` bands ascend; those after them have no order. ``none``: the
    last band is *no value*.
    """

    name: str
    axis: Axis
    source: dict[str, Any]
    bands: tuple[Test, ...]
    ordered: int = 0
    none: bool = False

    def __post_init__(self) -> None:
        if self.ordered + self.none > len(self.bands):
            raise ValueError(f"{self.name} has fewer bands than it orders")

    @property
    def values(self) -> int:
        """How many bands there are beside *no value*."""
        return len(self.bands) - self.none


def of_numbers(name: str, values: NDArray[Any], edges: int = FINE) -> Input | None:
    """Return a field of numbers (NaN: no value) cut at its quantiles; None where it never differs."""
    known = values[~np.isnan(values)]
    distinct = np.unique(known)
    if len(distinct) < 2:
        return None if len(known) == len(values) or not len(known) else _field(name, ({"known": True},), none=True)
    cuts = distinct
    if len(distinct) > edges:
        cuts = np.unique(np.quantile(known, np.linspace(0, 1, edges + 2)[1:-1], method="inverted_cdf"))
    places = [plain(each) for each in cuts if each > distinct[0]]
    return _field(name, ranges(places), ordered=len(places) + 1, none=len(known) < len(values))


def of_texts(name: str, values: Sequence[str | None]) -> Input | None:
    """Return a field of texts by its commonest values, as they came; those that fold alike are one. None where there is no choice."""
    counted: dict[str, int] = {}
    spelled: dict[str, str] = {}
    for value in values:
        if value is not None and value.strip():
            key = fold(value.strip())
            counted[key] = counted.get(key, 0) + 1
            spelled.setdefault(key, value.strip())
    common = sorted((key for key, leads in counted.items() if leads >= RARE), key=lambda key: (-counted[key], key))[:MOST_VALUES]
    missing = sum(counted.values()) < len(values)
    if not common or (len(counted) == 1 and not missing):
        return None
    bands: list[Test] = [{"in": [spelled[key]]} for key in common]
    if len(common) < len(counted):
        bands.append({"known": True})
    return _field(name, tuple(bands), none=missing)


def of_booleans(name: str, values: Sequence[Any]) -> Input | None:
    """Return a field of yes and no; None where it never differs."""
    seen = {None if value is None else bool(value) for value in values}
    if len(seen) < 2:
        return None
    bands = [{"equals": value} for value in (True, False) if value in seen]
    return _field(name, tuple(bands), none=None in seen)


def of_dates(name: str, values: Sequence[int | None], edges: int) -> Input | None:
    """Return a field of dates [microseconds UTC] cut at quantiles, each at the beginning of its day; None where all are of one day."""
    days = [each // DAY for each in values if each is not None]
    if not days or min(days) == max(days):
        return None
    cuts = np.unique(np.quantile(days, np.linspace(0, 1, edges + 2)[1:-1], method="inverted_cdf"))
    places = [format_instant(int(each) * DAY)[:10] for each in cuts if each > min(days)] or [format_instant(max(days) * DAY)[:10]]
    return _field(name, ranges(places), ordered=len(places) + 1, none=len(days) < len(values))


def may_rise(each: Input) -> bool:
    """Whether an input has an order, or is a yes or no, which has one if somebody says so."""
    return each.ordered > 1 or _is_yes_or_no(each)


def in_order(found: Sequence[Input], names: Collection[str]) -> list[Input]:
    """Return inputs, of those with some names each yes or no in order: no, then yes."""
    return [
        replace(each, bands=(*reversed(each.bands[: each.values]), *each.bands[each.values :]), ordered=each.values)
        if each.name in names and _is_yes_or_no(each)
        else each
        for each in found
    ]


def _is_yes_or_no(each: Input) -> bool:
    return each.values == 2 and all(isinstance(band.get("equals"), bool) for band in each.bands[:2])


def of_activities(types: Sequence[str]) -> list[Input]:
    """Return the measures of each activity type, and of all of them together."""
    found = [_measure(f"{kind}_{name}", {"activity": kind, **measure}) for kind in types for name, measure in MEASURES]
    if len(types) > 1:
        everything = {"activities": list(types)}
        found += [_measure(f"any_activity_{name}", everything | dict(measure)) for name, measure in MEASURES if name in TOGETHER]
    return found


def of_what_they_were_about(kind: str, called: str, where: Mapping[str, Any]) -> list[Input]:
    """Return the measures of the activities of a type that a property says something of."""
    source = {"activity": kind, "where": dict(where)}
    return [_measure(f"{called}_{name}", source | dict(measure)) for name, measure in MEASURES if name in ABOUT]


def _measure(name: str, source: dict[str, Any]) -> Input:
    is_since = "days_since" in source
    bands = ranges(FADED if "faded" in source else DAYS if is_since else COUNTS)
    ends = ({"known": False},) if is_since else ()
    return Input(name, "engagement", source, (*bands, *ends), len(bands), is_since)


def ranges(edges: Sequence[float] | Sequence[str]) -> tuple[Test, ...]:
    """Return the bands between ascending cuts."""
    return ({"below": edges[0]}, *({"from": low, "below": high} for low, high in pairwise(edges)), {"from": edges[-1]})


def named_apart(found: Sequence[Input]) -> list[Input]:
    """Return inputs with names that rules may have: each its own, none of an axis or the intercept, none too long.

    Fields of companies, activities and what these were about are named after what they are of, and so may come to the same name.
    """
    taken: set[str] = set()
    named = []
    for each in found:
        name = name_apart(each.name, taken)
        taken.add(name)
        named.append(each if name == each.name else replace(each, name=name))
    return named


def plain(value: Any) -> float | int:
    """Return a number as a document spells it: whole where it is whole, else with the fewest digits that say exactly it."""
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _field(name: str, bands: tuple[Test, ...], *, ordered: int = 0, none: bool = False) -> Input:
    return Input(name.replace(".", "_"), "profile", {"field": name}, (*bands, {"known": False}) if none else bands, ordered, none)
