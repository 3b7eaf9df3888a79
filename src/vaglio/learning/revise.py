"""A model that somebody wrote, with what outcomes say of it: other points where they surely say so, and rules of what it does not read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

import numpy as np

from vaglio.ask import Banded
from vaglio.condition import leaves
from vaglio.document import ModelDocument, loads
from vaglio.document.dump import dump
from vaglio.document.insert import NoSuchPlace, with_item, with_value
from vaglio.errors import DocumentError
from vaglio.learning.evidence import Evidence
from vaglio.learning.origin import Made
from vaglio.learning.suggest import Proposal, RuleEvidence, as_rule
from vaglio.learning.terms import DOUBLING
from vaglio.learning.write import used
from vaglio.rule import Rule
from vaglio.terms import AXES, Axis

LEFT = {
    "dead": "it touches nobody",
    "harmful": "it gives points for what surely converts less, or takes them for what surely converts more",
    "everybody": "it touches everybody, so there is nobody to compare them with",
}
Change = Literal["changed", "added", "left"]
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Revision:
    """What became of a rule: its points ``changed``, it was ``added``, or it is doubtful and was ``left`` as it is; ``why`` in words."""

    change: Change
    axis: Axis
    rule: str
    before: float | None
    after: float | None
    why: str


@dataclass(frozen=True)
class Revised:
    """The text of the model, the document it makes, and what is different."""

    text: str
    document: ModelDocument
    revisions: tuple[Revision, ...]


def revised(text: str, judged: Sequence[RuleEvidence], found: Sequence[Proposal], declared: Mapping[str, Any], made: Made) -> Revised:
    """Return a model's text with what outcomes say of it. ``judged``: of its rules; ``found``: of the values and actions of its leads.

    Points are in the model's own scale, on each axis: one of evidence is worth what the axis gives now, on average, where outcomes surely
    speak for it. Points are changed where they are surely others, band by band. What cannot be changed by itself stays and is said: a
    weight, an award and a field that two rules read. Rules are added for fields and actions that the model does not read. Letters and
    digits stay, and so do rules that are dead or harmful: what to do with them is for people to say.
    """
    document = loads(text)
    scales = _scales(judged)
    edits, revisions = [], []
    shared = _shared(document)
    for place, rule, said in _with_evidence(document, judged):
        revision, own = _of_rule(place, rule, said, scales[said.axis], shared.get(rule.id))
        revisions += [revision] if revision else []
        edits += own
    for proposal in _added(document, found, scales):
        axis: Axis = "profile" if "field" in proposal else "engagement"
        edits.append(((axis, "rules"), proposal))
        revisions.append(Revision("added", axis, proposal["id"], None, _most(proposal), proposal["description"]))
    read = used([edit for place, edit in edits if len(place) == 2], declared)
    edits += list(_declared(document, read))
    edits.append((("learned",), made.plain()))
    for original in (text, dump(document)):  # where the text has parts that stand for others, its canonical form has none
        try:
            changed = _edited(original, edits)
            return Revised(changed, loads(changed), tuple(revisions))
        except (NoSuchPlace, DocumentError):
            if original is not text:
                raise
    raise AssertionError("a canonical text takes every change")


def _edited(text: str, edits: Sequence[tuple[Path, Any]]) -> str:
    for place, value in edits:
        text = with_item(text, place, value) if place[-1] == "rules" else with_value(text, place, value)
    return text


def _scales(judged: Sequence[RuleEvidence]) -> dict[str, float]:
    """Return what a point of evidence is worth in a model's own points, by axis; of one where nothing is sure, as on the other."""
    found = {axis: _scale([each for each in judged if each.axis == axis]) for axis in AXES}
    usual = _scale(judged) or 1.0
    return {axis: scale or usual for axis, scale in found.items()}


def _scale(judged: Sequence[RuleEvidence]) -> float:
    """Return how many points are given, on average, for one that outcomes surely speak for; 0 where they speak for none."""
    pairs = [pair for each in judged for pair in each.by_points or ((each.points, each.touched),)]
    sure = [(given, told.points) for given, told in pairs if told.is_sure and given * told.points > 0]
    return sum(abs(given) for given, _told in sure) / sum(abs(told) for _given, told in sure) if sure else 0.0


def _with_evidence(document: ModelDocument, judged: Sequence[RuleEvidence]) -> Iterator[tuple[Path, Rule, RuleEvidence]]:
    told = {(each.axis, each.rule): each for each in judged}
    for axis in AXES:
        for place, rule in enumerate(document.axis(axis).rules):
            yield (axis, "rules", place), rule, told[axis, rule.id]


def _shared(document: ModelDocument) -> dict[str, str]:
    """Return, of rules whose fields another one reads too, the name of that: what both give, outcomes do not say of either."""
    reads: dict[str, set[str]] = {}
    for _axis, rule in document.rules():
        ask = rule.ask()
        if isinstance(ask, Banded):
            reads[rule.id] = {str(leaf.input) for expr, _points in ask.cases for leaf in leaves(expr)}
    return {one: other for one in reads for other in reads if one != other and reads[one] & reads[other]}


def _of_rule(
    place: Path, rule: Rule, said: RuleEvidence, scale: float, beside: str | None
) -> tuple[Revision | None, list[tuple[Path, Any]]]:  # fmt: skip
    """Return what is to be said of a rule, and the edits that say it. ``beside``: another rule that reads the same."""
    axis: Any = said.axis
    if said.verdict in LEFT:
        return Revision("left", axis, rule.id, said.points, said.points, f"{said.verdict}: {LEFT[said.verdict]}"), []
    if said.verdict == "unread":
        return None, []
    wrong = [each for each in _judged_points(place, rule, said) if each.evidence.is_sure and not _allows(each.evidence, each.given / scale)]
    if not wrong:
        return None, []
    told = "; ".join(f"{each.given:+g} points: {each.evidence.sentence()}" for each in wrong)
    stays = f"{beside} reads the same, and leads get both" if beside else "its bands are shares of what it or all weights are worth"
    if beside or any(each.place is None for each in wrong):
        return Revision("left", axis, rule.id, said.points, said.points, f"{told}; it stays, for {stays}"), []
    edits: list[tuple[Path, Any]] = [
        (each.place, _times(each.written, each.evidence.points * scale / each.given)) for each in wrong if each.place
    ]
    first = edits[0][1] if len(wrong) == 1 else None
    edits.append(((*place, "description"), f"{rule.description}. Before, {told}" if rule.description else f"Before, {told}"))
    return Revision("changed", axis, rule.id, float(wrong[0].written) if first is not None else None, first, told), edits


@dataclass(frozen=True)
class _Judged:
    """Points that a rule gives, on average; as they are ``written`` and where, None where they cannot be changed by themselves."""

    place: Path | None
    written: Decimal
    given: float
    evidence: Evidence


def _judged_points(place: Path, rule: Rule, said: RuleEvidence) -> Iterator[_Judged]:
    """Yield the points of a rule with what outcomes say of them: of each band, or, of a rule without bands, of all that it gives."""
    bands = getattr(rule, "bands", ())
    if not bands:
        own = (*place, "points") if rule.points is not None else None
        yield _Judged(own, rule.worth(), said.points, said.touched)
        return
    of = dict(said.by_points)
    for number, band in enumerate(bands):
        given = rule.band_millipoints(band) / 1000
        if given not in of:
            continue
        if getattr(band, "points", None) is not None:
            yield _Judged((*place, "bands", number, "points"), band.points, given, of[given])
        elif len(bands) == 1 and rule.points is not None and getattr(band, "award", None) in (None, 1):
            yield _Judged((*place, "points"), rule.points, given, of[given])
        else:
            yield _Judged(None, rule.worth(), given, of[given])


def _allows(found: Evidence, points: float) -> bool:
    """Return whether outcomes allow so many points: they lie within what the interval of the lift makes."""
    usual = found.rate / found.lift if found.lift else 0.0
    if not 0 < usual < 1:
        return True
    low, high = (_points_of(each * usual, usual) for each in (found.low, found.high))
    return low <= points <= high


def _points_of(rate: float, usual: float) -> float:
    inside = min(max(rate, 1e-6), 1 - 1e-6)
    return float(DOUBLING * (np.log2(inside / (1 - inside)) - np.log2(usual / (1 - usual))))


def _times(points: Decimal, factor: float) -> int:
    """Return so many times as many points, in whole ones, and never none: what is surely worth something is worth one."""
    found = int((points * Decimal(repr(factor))).quantize(Decimal(1), ROUND_HALF_UP))
    return found or (1 if points * Decimal(repr(factor)) > 0 else -1)


def _added(document: ModelDocument, found: Sequence[Proposal], scales: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    """Yield rules of fields and actions that a model does not read, most telling first."""
    inputs = document.inputs
    taken = {rule.id for _axis, rule in document.rules()} | {*document.profile.groups, *document.engagement.groups}
    read = {*inputs.fields, *(f"account.{name}" for name in inputs.account_fields), *inputs.activities}
    for field in dict.fromkeys(each.field for each in found):
        own = [each for each in found if each.field == field]
        if own[0].source.get("field", own[0].source.get("activity")) in read:
            continue
        rule = as_rule(field, own)
        if rule is None:
            continue
        scale = scales["profile" if "field" in own[0].source else "engagement"]
        bands = [band | {"points": round(band["points"] * scale)} for band in rule["bands"]]
        if all(not band["points"] for band in bands):
            continue
        name = field if field not in taken else f"{field}_by_outcomes"
        yield rule | {"id": name, "bands": [band for band in bands if band["points"]]}


def _most(rule: Mapping[str, Any]) -> float:
    return float(max((band["points"] for band in rule["bands"]), key=abs))


def _declared(document: ModelDocument, read: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Yield what a model must declare to read what is added."""
    inputs = document.inputs
    for section, there in (("fields", inputs.fields), ("account_fields", inputs.account_fields)):
        yield from ((("inputs", section, name), kind) for name, kind in read.get(section, {}).items() if name not in there)
    for kind, its in read.get("activities", {}).items():
        yield ("inputs", "activities", kind), its
