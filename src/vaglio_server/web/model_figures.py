"""What a version says of all leads, as its page shows it: how scores spread, and what each rule does, in figures and in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vaglio.rule import Rule
from vaglio.terms import AXES, Axis, format_duration, to_millipoints
from vaglio_server.lifecycle.queries import Responses
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.studies.actions import horizon_seconds
from vaglio_server.studies.models import Study
from vaglio_server.web.sentences import said
from vaglio_server.web.words import count, least_points, percent, stated

NOBODY = {"fires": 0, "median": None, "least": None, "most": None, "sum": 0, "lifts": 0, "drags": 0, "into_sales": 0}


@dataclass(frozen=True)
class RuleShown:
    """A rule: its sentence, where it stands in the text, and what it does; ``figures`` is none until somebody counted.

    ``group_at_most``: what all rules of its group give together at most.
    """

    rule: Rule
    line: int | None
    figures: Mapping[str, Any] | None
    share: float
    remarks: list[str]
    sentence: str
    group_at_most: Any

    @property
    def moved(self) -> int:
        """How many leads' ratings would be others without it."""
        return self.figures["lifts"] + self.figures["drags"] if self.figures else 0


@dataclass(frozen=True)
class Bar:
    """A bar of a drawing [per cent of its width and height], and what it stands for."""

    x: float
    width: float
    y: float
    height: float
    words: str


@dataclass(frozen=True)
class Spread:
    """How scores of an axis spread: bars, where thresholds lie [per cent of the width], and the points at both ends."""

    bars: list[Bar]
    marks: list[tuple[str, float]]
    first: int
    last: int


@dataclass(frozen=True)
class SideShown:
    """One axis of a version."""

    axis: Axis
    title: str
    thresholds: list[tuple[str, str]]
    at_most: Any
    rules: list[RuleShown]
    spread: Spread | None


@dataclass(frozen=True)
class Promise:
    """A promise, and what is so far true of it; ``mark``: good, bad or neither."""

    rating: str
    words: str
    found: str
    mark: str = ""


def sides_shown(document: ModelDocument, text: str, study: Study | None) -> list[SideShown]:
    """Return both axes with what is known of them."""
    return [_side(document, axis, text, study.told if study else None) for axis in AXES]


def title_of(axis: str) -> str:
    """Return an axis in words."""
    return _("Fit: who they are") if axis == "profile" else _("Engagement: what they do")


def _side(document: ModelDocument, axis: Axis, text: str, told: Mapping[str, Any] | None) -> SideShown:
    its = document.axis(axis)
    lines = text.splitlines()
    scored = told["scored"] if told else 0
    return SideShown(
        axis,
        title_of(axis),
        list(least_points(its.thresholds()).items()),
        its.at_most,
        [
            _rule(rule, document, its.groups, lines, (told["rules"][axis].get(rule.id, NOBODY) if told else None, scored))
            for rule in its.rules
        ],
        _spread(document, axis, told["bars"][axis]) if told and scored else None,
    )


def _rule(
    rule: Rule, document: ModelDocument, groups: Mapping[str, Any], lines: list[str], counted: tuple[Mapping[str, Any] | None, int]
) -> RuleShown:
    figures, scored = counted
    named = re.compile(rf"\bid:\s*[\"']?{re.escape(rule.id)}[\"']?\s*(,|\}}|#|$)")
    line = next((number for number, text in enumerate(lines, 1) if named.search(text)), None)
    share = figures["fires"] / scored if figures and scored else 0.0
    group = groups.get(rule.group) if rule.group else None
    return RuleShown(rule, line, figures, share, remarks(figures, scored) if figures and scored else [], said(rule.sentence(), document),
                     group.at_most if group else None)  # fmt: skip


def remarks(figures: Mapping[str, Any], scored: int) -> list[str]:
    """Return what stands out about a rule, in words."""
    if figures["fires"] == 0:
        return [
            _("Never fires: not for one of {n} leads. What it asks for may never come, or come under another name.").format(n=count(scored))
        ]
    found = []
    if figures["fires"] == scored and figures["least"] == figures["most"]:
        found.append(_("Gives everybody the same: it tells nobody apart."))
    elif figures["fires"] == scored:
        found.append(_("Fires for everybody: only how much it gives tells leads apart."))
    if not figures["lifts"] + figures["drags"]:
        found.append(_("Moves nobody: without it every lead would have the rating it has."))
    return found


def _spread(document: ModelDocument, axis: Axis, bars: Mapping[str, Any]) -> Spread:
    start, width, leads = bars["start"], bars["width"], bars["leads"]
    end, most = start + width * len(leads), max(leads, default=1)
    each = 100 / max(1, len(leads))
    drawn = [
        Bar(place * each, each * 0.86, 100 - 100 * number / most, 100 * number / most, _words(start + place * width, width, number))
        for place, number in enumerate(leads)
        if number
    ]
    thresholds = [(name, to_millipoints(least) / 1000) for name, least in document.axis(axis).thresholds().items()]
    marks = [(name, 100 * (least - start) / (end - start)) for name, least in thresholds if start <= least < end]
    return Spread(drawn, marks, start, end)


def _words(first: int, width: int, leads: int) -> str:
    return _("{first} to {last} points: {n} leads").format(first=first, last=first + width, n=count(leads))


def promises_shown(document: ModelDocument, study: Study | None, responses: Mapping[tuple[str, int], Responses]) -> list[Promise]:
    """Return what a document promises, each with what is so far true of it; ``responses``: see :func:`first_responses`."""
    promises, told = document.promises, study.told if study else None
    if promises is None:
        return []
    horizon = format_duration(horizon_seconds(document))
    found = [_share(rating, float(each.at_most), told) for rating, each in promises.share.items()]
    for rating, expected in promises.expect.items():
        kept = told.get("kept", {}).get(rating) if told else None
        for name, words, share in (
            ("accepted", _("at least {share} accepted by sales"), expected.accepted),
            ("won", _("at least {share} won"), expected.won),
        ):
            if share is not None:
                found.append(_outcome(rating, words, float(share), (kept["leads"], kept[name], horizon) if kept else None))
    found += [
        _response(rating, seconds, responses.get((rating, seconds)), horizon if document.drives else None)
        for rating, seconds in promises.first_response.items()
    ]
    order = document.rank_order()
    return sorted(found, key=lambda each: order.index(each.rating))


def _share(rating: str, at_most: float, told: Mapping[str, Any] | None) -> Promise:
    words = _("at most {share} of all leads").format(share=stated(at_most))
    if not told or not told["scored"]:
        return Promise(rating, words, _("nobody has counted yet"))
    share = told["cells"].get(rating, 0) / told["scored"]
    now = _("now {share}: {n} of {all}").format(share=percent(share), n=count(told["cells"].get(rating, 0)), all=count(told["scored"]))
    return Promise(rating, words, now, "good" if share <= at_most else "bad")


def _response(rating: str, seconds: int, found: Responses | None, length: str | None) -> Promise:
    """Return a promised first response; ``length``: how far back it is looked, None where no clock runs by the document."""
    words = _("first response within {length}").format(length=format_duration(seconds))
    if length is None:
        return Promise(rating, words, _("no clock runs by this model: another one says where leads go"))
    if found is None or not found.judged + found.have_time:
        return Promise(rating, words, _("no lead was promised it in the last {length}").format(length=length))
    waiting = _("{n} still have time").format(n=count(found.have_time)) if found.have_time else ""
    if not found.judged:
        return Promise(rating, words, waiting)
    now = _("so far {share}: {n} of {all} were answered in time in the last {length}").format(
        share=percent(found.in_time / found.judged), n=count(found.in_time), all=count(found.judged), length=length
    )
    return Promise(rating, words, f"{now}; {waiting}" if waiting else now, "bad" if found.late else "good")


def _outcome(rating: str, words: str, least: float, kept: tuple[int, int, str] | None) -> Promise:
    said = words.format(share=stated(least))
    if kept is None:
        return Promise(rating, said, _("nobody has counted yet"))
    if not kept[0]:  # a version that went live just now is counted before leads move
        return Promise(rating, said, _("no lead had got this rating in the last {length} when it was counted").format(length=kept[2]))
    share = kept[1] / kept[0]
    # So far: who got it yesterday still has time, so less than promised is no breach yet.
    now = _(
        "so far {share}: {n} of all {all} that got it in the last {length}, whether they came to sales and were answered or not; "
        "what files tell counts, too"
    ).format(share=percent(share), n=count(kept[1]), all=count(kept[0]), length=kept[2])
    return Promise(rating, said, now, "good" if share >= least else "")
