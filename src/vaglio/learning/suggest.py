"""Manual scoring from data, as the field does it by hand: what each value and each action is worth, and what the rules of a model are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vaglio import condition
from vaglio.condition import Leaf
from vaglio.document import ModelDocument
from vaglio.engine import Engine
from vaglio.learning.candidates import Choice, candidates
from vaglio.learning.coded import coded
from vaglio.learning.enough import need_both
from vaglio.learning.evidence import Evidence, evidence
from vaglio.learning.inputs import COUNTS, Input, Test, named_apart, ranges
from vaglio.learning.known import Labels, known
from vaglio.learning.terms import Floats
from vaglio.learning.touched import Touched, touched
from vaglio.learning.wheres import abouts
from vaglio.learning.write import cuts, used
from vaglio.plan import Facts, Instants
from vaglio.rule import Rule, leaf_words
from vaglio.scoring import score_rows

BANDS = 5  # of a number
LEAST = 20  # leads of a proposal
ALIKE = 0.9  # of leads that either of two rules touches: so many touched by both make them one
RECENT = "90d"
FEW = 12  # different points that a rule without bands gives: of more nothing is said
SAID = 6  # sentences of evidence with a rule


@dataclass(frozen=True)
class Proposal:
    """One value, band or action, as a document spells it, and what speaks for its points."""

    field: str
    source: Mapping[str, Any]
    test: Test
    evidence: Evidence


Proposed = tuple[list[Proposal], list[str]]


@dataclass(frozen=True)
class SamePoints:
    """Leads that a rule gives the same ``points``, and what came of them; by which ``band``, by its place, where the rule has bands."""

    points: float
    evidence: Evidence
    band: int | None = None


@dataclass(frozen=True)
class RuleEvidence:
    """A rule of a model: whom it touches, what came of them and of the others, and what is to be thought of it.

    ``verdict``: ``dead`` (it touches nobody), ``everybody`` (nobody is left to compare with), ``harmful`` (it gives points for what surely
    converts less, or takes them for what surely converts more), ``works``, ``unsure``, or ``unread`` (its list is not among the facts).
    ``like`` names rules that touch nearly the same leads; ``by_points`` parts the touched leads by the band that gives them points, or,
    where a rule has none, by what it gives them, where that is one of few.
    """

    axis: str
    rule: str
    points: float
    touched: Evidence
    others: Evidence
    verdict: str
    like: tuple[str, ...]
    by_points: tuple[SamePoints, ...] = ()


def proposals(engine: Engine, declared: Mapping[str, Any], facts: Facts, at: Instants, labels: Labels, choice: Choice) -> Proposed:
    """Return what each value of each field, and each action of late, is worth, the most telling first, and a note on what is left out.

    ``labels``: see :func:`learn`.
    """
    seen = known(engine, declared, facts, at, labels)
    found, notes = candidates({**declared, "activities": {}}, seen, replace(choice, edges=BANDS - 1))
    types = [kind for kind in seen.done if kind not in choice.drop]
    about, left_out = abouts(seen, types)
    actions = [*(_action(kind, {"activity": kind}) for kind in types),
               *(_action(each.name, {"activity": each.activity, "where": each.where}) for each in about)]  # fmt: skip
    bands = coded(engine, dict(declared), named_apart([*found, *actions]), facts, at).of(seen.lead_ids)
    told, codes = seen.labels, bands.codes
    made = [
        Proposal(each.name, each.source, test, evidence(told, codes[:, place] == band))
        for place, each in enumerate(bands.inputs)
        for band, test in enumerate(each.bands)
        if (codes[:, place] == band).sum() >= LEAST
    ]  # fmt: skip
    made.sort(key=lambda each: (not each.evidence.is_sure, -abs(each.evidence.points), each.field))
    return made, [*notes, *left_out]


def _action(name: str, source: dict[str, Any]) -> Input:
    """Return whether, and how often, somebody did something of late."""
    cuts = [each for each in COUNTS if each in (1, 2, 4, 8)]
    return Input(name, "engagement", source | {"within": RECENT, "count": True}, ranges(cuts), len(cuts) + 1)


def proposed(
    engine: Engine, declared: Mapping[str, Any], facts: Facts, at: Instants, labels: Labels, found: Sequence[Proposal], name: str
) -> ModelDocument:  # fmt: skip
    """Return a model of the proposals that are sure; its letters and digits are cut as those of learned models."""
    rules: dict[str, list[dict[str, Any]]] = {"profile": [], "engagement": []}
    for field in dict.fromkeys(each.field for each in found):
        own = [each for each in found if each.field == field]
        rule = as_rule(field, own)
        if rule is not None:
            rules["profile" if "field" in own[0].source else "engagement"].append(rule)
    plain = used([*rules["profile"], *rules["engagement"]], declared)

    def document(letters: Mapping[str, Any], digits: Mapping[str, Any]) -> ModelDocument:
        return ModelDocument.model_validate({
            "format": 1, "name": name, "title": "Proposed from outcomes", "inputs": plain,
            "profile": {"rules": rules["profile"], "letters": dict(letters)},
            "engagement": {"rules": rules["engagement"], "digits": dict(digits)},
        })  # fmt: skip

    first = document({"A": 3, "B": 2, "C": 1}, {"1": 3, "2": 2, "3": 1})
    rows = score_rows(engine, first, facts, at)
    is_told = ~np.isnan(labels([row["lead_id"] for row in rows]))
    points = [np.array([row[f"{axis}_millipoints"] / 1000 for row in rows])[is_told] for axis in ("profile", "engagement")]
    return document(cuts(points[0], "ABC"), cuts(points[1], "123"))


def as_rule(field: str, own: Sequence[Proposal]) -> dict[str, Any] | None:
    """Return a rule of what is sure of a field or an action, with the evidence as its description; None where nothing is."""
    sure = [each for each in own if each.evidence.is_sure and each.evidence.points]
    why = "; ".join(map(_words, sure[:SAID])) + (f"; and {len(sure) - SAID} more" if len(sure) > SAID else "")
    if not sure:
        return None
    if "field" in own[0].source:
        bands = _of_values(own, sure)
        return {"id": field, "kind": "fields", "description": why, "field": own[0].source["field"], "bands": bands} if bands else None
    nothing = next((each.evidence.points for each in own if "from" not in each.test), 0)
    often = sorted((each for each in sure if "from" in each.test), key=lambda each: each.test["from"])
    counts = [{"at_least": each.test["from"], "points": each.evidence.points - nothing} for each in often]
    if not counts:
        return None
    asked = {name: value for name, value in own[0].source.items() if name in ("activity", "where", "within")}
    return {"id": field, "kind": "activity_count", "description": why, **asked, "bands": counts}


def _of_values(own: Sequence[Proposal], sure: Sequence[Proposal]) -> list[dict[str, Any]]:
    """Return the bands of a field; where the rest has points, what is unsure has 0, or it would get those."""
    bands = [{**each.test, "points": each.evidence.points} for each in sure if each.test != {"known": True}]
    rest = [{**each.test, "points": each.evidence.points} for each in sure if each.test == {"known": True}]
    unsure = [value for each in own if each not in sure for value in each.test.get("in", ())]
    return bands + ([{"in": unsure, "points": 0}] if rest and unsure else []) + rest if bands else []


def _words(proposal: Proposal) -> str:
    """Return a value or how often something was done, with what speaks for its points."""
    if "field" in proposal.source:
        said = _value(proposal.test)
    else:
        said = f"done {proposal.test.get('from', 0)} times" + ("" if "below" in proposal.test else " or more")
    return f"{said}: {proposal.evidence.sentence()}"


def _value(test: Test) -> str:
    """Return what a band of a field holds: the one value, else the test in words."""
    (name, value), *more = test.items()
    if isinstance(value, bool) and name == "equals":
        return "yes" if value else "no"
    if name == "in" and not more and len(value) == 1:
        return str(value[0])
    return leaf_words(Leaf(None, condition.Test.model_validate(test)), bare=True)


def rule_evidence(engine: Engine, document: ModelDocument, facts: Facts, at: Instants, labels: Labels) -> list[RuleEvidence]:
    """Return what came of the leads that each rule of a model touches, and of the others.

    Raises
    ------
    DataError
        Nobody in the model's audience has a known outcome, or all have the same: ``no_leads_in_time``, ``one_outcome``.
    """
    ids, by_rule = touched(engine, document, facts, at)
    outcome = labels(ids)
    is_known = ~np.isnan(outcome)
    told = outcome[is_known]
    need_both(told, 1, whose=f" in the audience of {document.name}")
    given = {name: Touched(each.given[is_known], each.band[is_known]) for name, each in by_rule.items()}
    return [_of_rule(axis, rule, told, given, has_lists=facts.lists is not None) for axis, rule in document.rules()]


def _of_rule(axis: str, rule: Rule, told: Floats, given: Mapping[tuple[str, str], Touched], *, has_lists: bool) -> RuleEvidence:
    mine = given[axis, rule.id].given != 0
    points = float(given[axis, rule.id].given[mine].mean()) / 1000 if mine.any() else 0.0
    is_read = rule.kind != "list_member" or has_lists  # type: ignore[attr-defined]
    with_it, without = evidence(told, mine), evidence(told, ~mine)
    like = tuple(
        other for (on, other), each in given.items()
        if (on, other) != (axis, rule.id) and _overlap(mine, each.given != 0) >= ALIKE
    )  # fmt: skip
    verdict = _verdict(points, with_it, without) if is_read else "unread"
    return RuleEvidence(axis, rule.id, points, with_it, without, verdict, like, _by_points(told, given[axis, rule.id]))


def _by_points(told: Floats, found: Touched) -> tuple[SamePoints, ...]:
    """Return the evidence on the leads of each band, or, where a rule has none, of each of few numbers of points."""
    bands = [each for each in np.unique(found.band[found.given != 0]) if each >= 0]
    if bands:
        groups = [(int(each), found.band == each) for each in bands]
        return tuple(SamePoints(float(found.given[whom][0]) / 1000, evidence(told, whom), band) for band, whom in groups)
    values = [each for each in np.unique(found.given) if each]
    return tuple(SamePoints(float(each) / 1000, evidence(told, found.given == each)) for each in values) if len(values) <= FEW else ()


def _overlap(first: Any, second: Any) -> float:
    either = (first | second).sum()
    return float((first & second).sum() / either) if either else 0.0


def _verdict(points: float, with_it: Evidence, without: Evidence) -> str:
    if not with_it.leads or not without.leads:
        return "everybody" if with_it.leads else "dead"
    is_more, is_less = with_it.low > without.high, with_it.high < without.low
    if (points > 0 and is_less) or (points < 0 and is_more):
        return "harmful"
    return "works" if is_more or is_less else "unsure"
