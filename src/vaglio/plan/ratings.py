"""From totals to a rating: letter, digit, temperature, probability and rank."""

from decimal import Decimal
from itertools import pairwise

import ibis
import pyarrow as pa

from vaglio.document import ModelDocument
from vaglio.plan.arithmetic import whole
from vaglio.plan.joins import left_join
from vaglio.plan.shown import coverage
from vaglio.plan.steps import Order, Steps
from vaglio.plan.values import Answers
from vaglio.results import SCORES
from vaglio.terms import to_millipoints


def ratings(answers: Answers, table: ibis.Table) -> ibis.Table:
    """Return one row per lead of the audience with everything a result shows that differs between leads, ranked.

    What is kept and sorted is narrow: a place in the matrix is its number and coverage is whole points, spelled out when read.
    """
    steps, document = answers.steps, answers.document
    letters, digits = document.profile.thresholds(), document.engagement.thresholds()
    cell = _steps_below(table.score_profile, letters) * (len(digits) + 1) + _steps_below(table.score_engagement, digits)
    if "excluded_by" in table.columns:
        cell = ibis.ifelse(table.excluded_by.isnull(), cell, ibis.null("int64"))
    cells = _cells(steps, document)
    joined = left_join(table.mutate(cell=cell), cells.select("place", cell_number="cell"), "cell", "cell_number")
    total = joined.score_profile + joined.score_engagement
    rows = joined.select(
        *(name for name in (*SCORES, "covered") if name in joined.columns),
        **({"probability": _probability(document, total)} if document.calibration else {}),
        profile_millipoints=joined.score_profile,
        engagement_millipoints=joined.score_engagement,
        place=joined.place.fill_null(len(document.rank_order())),
        total=total,
    )  # fmt: skip
    order = [Order("place"), Order("total", down=True), Order("lead_id")]
    if document.potential:
        # Null order differs between engines, so no potential is put last by a column of its own.
        rows = rows.mutate(unknown=rows.potential.isnull(), worth=rows.potential.fill_null(0))
        order[1:1] = [Order("unknown"), Order("worth", down=True)]
    found = left_join(steps.ranked("scores", rows, order), cells.rename(its_place="place"), "place", "its_place")
    return found.mutate(**coverage(answers, found))


def _cells(steps: Steps, document: ModelDocument) -> ibis.Table:
    """Return what a place in the matrix is called as a mapping ``cell, letter, digit, rating, place``, with temperatures also
    ``temperature``.

    ``cell`` counts the places row by row, the best first; ``place`` is the rating's place in the order of ranks.
    """
    letters = [*sorted(document.profile.thresholds()), "D"]
    digits = [*sorted(document.engagement.thresholds()), "4"]
    order = document.rank_order()
    names = [(letter, digit) for letter in letters for digit in digits]
    ratings = [letter + digit for letter, digit in names]
    temperatures = {"temperature": [document.temperature.of(rating) for rating in ratings]} if document.temperature else {}
    table = pa.table({
        "cell": pa.array(range(len(names)), pa.int64()),
        "letter": pa.array([letter for letter, _digit in names], pa.string()),
        "digit": pa.array([digit for _letter, digit in names], pa.string()),
        "rating": pa.array(ratings, pa.string()),
        **{name: pa.array(texts, pa.string()) for name, texts in temperatures.items()},
        "place": pa.array([order.index(rating) for rating in ratings], pa.int64()),
    })  # fmt: skip
    return steps.mapping("cells", table.schema, lambda _found: table)


def _steps_below(score: ibis.Value, thresholds: dict[str, Decimal]) -> ibis.Value:
    """Return how many names of thresholds come before the first that a score reaches."""
    branches = [(score >= to_millipoints(thresholds[name]), whole(place)) for place, name in enumerate(sorted(thresholds))]
    return ibis.cases(*branches, else_=whole(len(branches)))


def _probability(document: ModelDocument, total: ibis.Value) -> ibis.Value:
    rows = [(to_millipoints(row.points), float(row.probability)) for row in document.calibration]
    branches = [(total <= rows[0][0], ibis.literal(rows[0][1], "float64"))]
    for (low, start), (high, end) in pairwise(rows):
        share = (total - low).cast("float64") / float(high - low)
        branches.append((total <= high, share * (end - start) + start))
    return ibis.cases(*branches, else_=ibis.literal(rows[-1][1], "float64"))
