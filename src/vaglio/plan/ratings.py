"""From totals to a rating: letter, digit, temperature, probability and rank."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import ibis
from ibis import _

from vaglio.document import ModelDocument
from vaglio.plan.joins import left_join
from vaglio.terms import RATINGS, to_millipoints


def ratings(document: ModelDocument, table: ibis.Table) -> ibis.Table:
    """Return one row per lead of the audience with everything a result shows but model, instants and fingerprint."""
    letter = _first_reached(table.score_profile, document.profile.thresholds(), "D")
    digit = _first_reached(table.score_engagement, document.engagement.thresholds(), "4")
    rated = table.excluded_by.isnull()
    table = table.select(
        "lead_id", "excluded_by", "potential", "buying_stage", "coverage", "enough_evidence", "flags", "roles", "answers",
        profile_millipoints=table.score_profile,
        engagement_millipoints=table.score_engagement,
        probability=_probability(document, table.score_profile + table.score_engagement),
        letter=ibis.ifelse(rated, letter, ibis.null("string")),
        digit=ibis.ifelse(rated, digit, ibis.null("string")),
    )  # fmt: skip
    table = table.mutate(rating=table.letter + table.digit)
    temperature = {rating: document.temperature.of(rating) for rating in RATINGS} if document.temperature else {}
    places = {rating: place for place, rating in enumerate(document.rank_order())}
    place = _by_rating(table.rating, places, "int64").fill_null(len(places))
    return _ranked(document, table.mutate(temperature=_by_rating(table.rating, temperature), place=place))


def _first_reached(score: ibis.Value, thresholds: dict[str, Decimal], last: str) -> ibis.Value:
    ordered = sorted(thresholds)
    return ibis.cases(*((score >= to_millipoints(thresholds[name]), name) for name in ordered), else_=last)


def _by_rating(rating: ibis.Value, values: dict[str, Any], kind: str = "string") -> ibis.Value:
    branches = [(rating == name, ibis.literal(value, kind)) for name, value in values.items() if value is not None]
    return ibis.cases(*branches) if branches else ibis.null(kind)


def _probability(document: ModelDocument, total: ibis.Value) -> ibis.Value:
    rows = [(to_millipoints(row.points), float(row.probability)) for row in document.calibration]
    if not rows:
        return ibis.null("float64")
    branches = [(total <= rows[0][0], ibis.literal(rows[0][1], "float64"))]
    for (low, start), (high, end) in pairwise(rows):
        share = (total - low).cast("float64") / float(high - low)
        branches.append((total <= high, share * (end - start) + start))
    return ibis.cases(*branches, else_=ibis.literal(rows[-1][1], "float64"))


def _ranked(document: ModelDocument, table: ibis.Table) -> ibis.Table:
    """Add ``rank``. Each rating is ordered by itself, which engines do side by side, and starts where those before it end."""
    sizes = table.group_by("place").aggregate(leads=_.count())
    ends = sizes.leads.sum().over(ibis.window(order_by="place", preceding=None, following=0))
    table = left_join(table, sizes.select(its_place="place", before=ends - sizes.leads), "place", "its_place")
    order = [ibis.desc(table.profile_millipoints + table.engagement_millipoints), table.lead_id]
    if document.potential:
        # Null order differs between engines, so no potential is put last by a column of its own.
        order[:0] = [table.potential.isnull(), ibis.desc(table.potential.fill_null(0))]
    within = ibis.row_number().over(ibis.window(group_by="place", order_by=order))
    return table.mutate(rank=(within + 1 + table.before).cast("int64"))
