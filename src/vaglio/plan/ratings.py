"""From totals to a rating: letter, digit, temperature, probability and rank."""

from decimal import Decimal
from itertools import pairwise

import ibis
import pyarrow as pa
from ibis import _

from vaglio.document import ModelDocument
from vaglio.plan.joins import left_join
from vaglio.plan.session import Session
from vaglio.terms import to_millipoints


def ratings(session: Session, document: ModelDocument, table: ibis.Table) -> ibis.Table:
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
    return _ranked(document, left_join(table, _cells(session, document), "rating", "cell"))


def _cells(session: Session, document: ModelDocument) -> ibis.Table:
    """Return each rating's temperature and place in the order of ranks as a mapping ``cell, temperature, place``."""
    order = document.rank_order()
    return session.upload("cells", pa.table({
        "cell": pa.array(order, pa.string()),
        "temperature": pa.array([document.temperature.of(rating) if document.temperature else None for rating in order], pa.string()),
        "place": pa.array(range(len(order)), pa.int64()),
    }))  # fmt: skip


def _first_reached(score: ibis.Value, thresholds: dict[str, Decimal], last: str) -> ibis.Value:
    ordered = sorted(thresholds)
    return ibis.cases(*((score >= to_millipoints(thresholds[name]), name) for name in ordered), else_=last)


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
    table = table.drop("cell").mutate(place=table.place.fill_null(len(document.rank_order())))
    sizes = table.group_by("place").aggregate(leads=_.count())
    ends = sizes.leads.sum().over(ibis.window(order_by="place", preceding=None, following=0))
    table = left_join(table, sizes.select(its_place="place", before=ends - sizes.leads), "place", "its_place")
    order = [ibis.desc(table.profile_millipoints + table.engagement_millipoints), table.lead_id]
    if document.potential:
        # Null order differs between engines, so no potential is put last by a column of its own.
        order[:0] = [table.potential.isnull(), ibis.desc(table.potential.fill_null(0))]
    within = ibis.row_number().over(ibis.window(group_by="place", order_by=order))
    return table.mutate(rank=(within + 1 + table.before).cast("int64"))
