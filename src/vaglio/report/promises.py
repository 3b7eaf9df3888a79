"""What the document promises, held against what happened."""

from dataclasses import dataclass

from vaglio.document import ModelDocument
from vaglio.evaluation.kept import Verdict, of_outcome, of_share
from vaglio.proportion import Proportion
from vaglio.report.matrix import Cell
from vaglio.report.words import _, length, number, percent, stated


@dataclass(frozen=True)
class Promise:
    """One promise: the ratings it is about, its words, what was found, and the verdict."""

    ratings: tuple[str, ...]
    promise: str
    found: str
    note: str
    verdict: Verdict


def promises(document: ModelDocument, cells: dict[str, Cell], total: int) -> tuple[Promise, ...]:
    """Return every promise about shares, outcomes and first responses."""
    if document.promises is None:
        return ()
    made = [_share(rating, float(limit.at_most), cells[rating].leads, total) for rating, limit in document.promises.share.items()]
    for rating, expected in document.promises.expect.items():
        cell = cells[rating]
        if expected.accepted is not None:
            made.append(_outcome(rating, _("accepted by sales"), float(expected.accepted), cell.accepted))
        if expected.won is not None:
            made.append(_outcome(rating, _("won"), float(expected.won), cell.won))
    if document.promises.first_response:
        made.append(_first_response(document.promises.first_response))
    return tuple(made)


def _first_response(promised: dict[str, int]) -> Promise:
    times = ", ".join(_("{time} ({rating})").format(time=length(seconds), rating=rating) for rating, seconds in promised.items())
    words = _("first answer within {times}, in working time").format(times=times)
    return Promise(tuple(promised), words, "", _("first answers are not part of these data"), "unknown")


def _share(rating: str, at_most: float, leads: int, total: int) -> Promise:
    share = Proportion(leads, total)
    words = _("at most {share} of all leads").format(share=stated(at_most))
    return Promise((rating,), words, percent(share.share) if total else "", of_words(share), of_share(at_most, share))


def _outcome(rating: str, outcome: str, expected: float, found: Proportion | None) -> Promise:
    words = _("at least {share} {outcome}").format(share=stated(expected), outcome=outcome)
    if found is None:
        return Promise((rating,), words, "", _("no outcomes were given"), "unknown")
    note = of_words(found)
    if not found.is_enough:
        return Promise((rating,), words, "", note, "too_few")
    low, high = found.interval()
    interval = _("95% interval {low} to {high}").format(low=percent(low), high=percent(high))
    return Promise((rating,), words, percent(found.share), f"{note} · {interval}", of_outcome(expected, found))


def of_words(found: Proportion) -> str:
    """Return the numbers behind a share."""
    return _("{hits} of {total}").format(hits=number(found.hits), total=number(found.total))
