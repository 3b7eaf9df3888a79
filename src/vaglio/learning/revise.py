"""A model that somebody wrote, with what outcomes say of it: other points where they surely say so, and rules of what it does not read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from ruamel.yaml.error import YAMLError

from vaglio.document import ModelDocument, loads
from vaglio.document.dump import dump
from vaglio.document.edit import without_section
from vaglio.document.insert import NoSuchPlace, with_item, with_value
from vaglio.document.names import name_apart
from vaglio.errors import DocumentError, Issue
from vaglio.learning.candidates import fields
from vaglio.learning.evidence import Evidence
from vaglio.learning.origin import Made
from vaglio.learning.reads import of_any_activity, read_by, shared
from vaglio.learning.suggest import Proposal, RuleEvidence, SamePoints, as_rule
from vaglio.learning.touched import bands_of
from vaglio.learning.write import used
from vaglio.rule import Rule
from vaglio.terms import AXES, Axis
from vaglio.text import fold

LEFT = {
    "dead": "it touches nobody",
    "harmful": "it gives points for what surely converts less, or takes them for what surely converts more",
    "everybody": "it touches everybody, so there is nobody to compare them with",
}
# What was written of points that changed before.
BEFORE = re.compile(r"(?:^|\s*)Before, \S+ points: converts [^)]*\)(?:; \S+ points: converts [^)]*\))*")
Change = Literal["changed", "added", "left"]
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Revision:
    """What became of a rule: points of it ``changed``, it was ``added``, or it is doubtful and was ``left`` as it is; ``why`` in words.

    ``before`` and ``after``: the points that changed, in the order of the bands; of a rule that was left, what it gives on average; of one
    that was added, all.
    """

    change: Change
    axis: Axis
    rule: str
    before: tuple[float, ...]
    after: tuple[float, ...]
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
    beside = shared(document)
    for place, rule, said in _with_evidence(document, judged):
        told, own = _of_rule(place, rule, said, scales[said.axis], beside.get(rule.id))
        revisions += told
        edits += own
    for proposal in _added(document, found, declared, scales):
        axis: Axis = "profile" if "field" in proposal else "engagement"
        if disturbed := _disturbed(document, proposal):
            why = f"not added: to declare {proposal['activity']} would change {', '.join(disturbed)}, for which any declared one counts"
            revisions.append(Revision("left", axis, proposal["id"], (), (), why))
            continue
        edits.append(((axis, "rules"), proposal))
        revisions.append(Revision("added", axis, proposal["id"], (), _points(proposal), proposal["description"]))
    read = used([edit for place, edit in edits if len(place) == 2], declared)
    edits += list(_declared(document, read))
    edits.append((("learned",), made.plain()))
    for original in (text, dump(document)):  # where the text has parts that stand for others, its canonical form has none
        try:
            changed = _edited(original, edits)
            return Revised(changed, loads(changed), tuple(revisions))
        except (NoSuchPlace, YAMLError, DocumentError) as error:
            refused = error
    if isinstance(refused, DocumentError):
        raise refused
    issue = Issue("not_writable", f"this text cannot be changed by a program ({refused})", "change it by hand")
    raise DocumentError((issue,))


def _edited(text: str, edits: Sequence[tuple[Path, Any]]) -> str:
    text = without_section(text, "learned")  # it says where other points came from
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
    pairs = [pair for each in judged for pair in each.by_points or (SamePoints(each.points, each.touched),)]
    sure = [(each.points, each.evidence.points) for each in pairs if each.evidence.is_sure and each.points * each.evidence.points > 0]
    return sum(abs(given) for given, _told in sure) / sum(abs(told) for _given, told in sure) if sure else 0.0


def _with_evidence(document: ModelDocument, judged: Sequence[RuleEvidence]) -> Iterator[tuple[Path, Rule, RuleEvidence]]:
    told = {(each.axis, each.rule): each for each in judged}
    for axis in AXES:
        for place, rule in enumerate(document.axis(axis).rules):
            yield (axis, "rules", place), rule, told[axis, rule.id]


def _of_rule(
    place: Path, rule: Rule, said: RuleEvidence, scale: float, beside: str | None
) -> tuple[list[Revision], list[tuple[Path, Any]]]:  # fmt: skip
    """Return what is to be said of a rule, and the edits that say it. ``beside``: another rule that reads the same."""
    if said.verdict in LEFT:
        return [_left(said, f"{said.verdict}: {LEFT[said.verdict]}")], []
    if said.verdict == "unread":
        return [], []
    judged = [each for each in _judged_points(place, rule, said) if each.evidence.is_sure]
    turned = [each for each in judged if each.is_turned()]
    wrong = [each for each in judged if not each.is_turned() and not each.is_allowed(scale) and each.new(scale) != each.written]
    found = [_left(said, f"{_told(turned)}; harmful: {LEFT['harmful']}")] if turned else []
    if not wrong:
        return found, []
    if beside or any(each.place is None for each in wrong):
        stays = f"{beside} reads the same, and leads get both" if beside else "its bands are shares of what it or all weights are worth"
        return [_left(said, f"{_told([*wrong, *turned])}; it stays, for {stays}")], []
    told = _told(wrong)
    edits: list[tuple[Path, Any]] = [(each.place, each.new(scale)) for each in wrong if each.place]
    edits.append(((*place, "description"), _described(rule.description, told)))
    axis: Any = said.axis
    before, after = tuple(float(each.written) for each in wrong), tuple(float(each.new(scale)) for each in wrong)
    return [Revision("changed", axis, rule.id, before, after, told), *found], edits


def _left(said: RuleEvidence, why: str) -> Revision:
    axis: Any = said.axis
    return Revision("left", axis, said.rule, (said.points,), (said.points,), why)


def _told(judged: "Sequence[_Judged]") -> str:
    return "; ".join(f"{each.given:+g} points: {each.evidence.sentence()}" for each in judged)


def _described(description: str | None, told: str) -> str:
    """Return a description with what changed the points said in it, instead of what did so before."""
    others = BEFORE.sub("", description or "").strip()
    between = " " if others.endswith((".", "!", "?")) else ". "
    return f"{others}{between}Before, {told}" if others else f"Before, {told}"


@dataclass(frozen=True)
class _Judged:
    """Points that a rule gives, on average; as they are ``written`` and where, None where they cannot be changed by themselves."""

    place: Path | None
    written: Decimal
    given: float
    evidence: Evidence

    def is_turned(self) -> bool:
        """Whether outcomes surely speak for the other sign."""
        return (self.given > 0) != (self.evidence.low > 1)

    def is_allowed(self, scale: float) -> bool:
        """Whether outcomes allow so many points: they lie within what the interval makes, shrunk as points are."""
        return self.evidence.least <= self.given / scale <= self.evidence.most

    def new(self, scale: float) -> Decimal:
        """Return what to write instead, in whole points, and never none: what is surely worth something is worth one, the way it goes."""
        times = Decimal(repr(self.evidence.points * scale / self.given))
        found = (self.written * times).quantize(Decimal(1), ROUND_HALF_UP)
        return found if found * self.written > 0 else Decimal(1).copy_sign(self.written)


def _judged_points(place: Path, rule: Rule, said: RuleEvidence) -> Iterator[_Judged]:
    """Yield the points of a rule with what outcomes say of them: of each band, or, of a rule without bands, of all that it gives."""
    bands = bands_of(rule)
    if not bands:
        is_one = isinstance(rule.points, Decimal)  # a grid has many, and none by itself
        yield _Judged((*place, "points") if is_one else None, rule.worth() if is_one else Decimal(0), said.points, said.touched)
        return
    for each in said.by_points:
        band: Any = bands[each.band or 0]
        if getattr(band, "points", None) is not None:
            yield _Judged((*place, "bands", each.band or 0, "points"), band.points, each.points, each.evidence)
        elif len(bands) == 1 and rule.points is not None and getattr(band, "award", None) in (None, 1):
            yield _Judged((*place, "points"), rule.points, each.points, each.evidence)
        else:
            yield _Judged(None, rule.worth(), each.points, each.evidence)


def _added(
    document: ModelDocument, found: Sequence[Proposal], declared: Mapping[str, Any], scales: Mapping[str, float]
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield rules of fields and actions that a model does not read, most telling first."""
    taken = {rule.id for _axis, rule in document.rules()} | {*document.profile.groups, *document.engagement.groups}
    read = read_by(document)
    for field in dict.fromkeys(each.field for each in found):
        own = [each for each in found if each.field == field]
        if own[0].source.get("field", own[0].source.get("activity")) in read:
            continue
        rule = as_rule(field, own)
        if rule is None:
            continue
        bands = _scaled(rule["bands"], scales["profile" if "field" in own[0].source else "engagement"])
        if bands:
            name = name_apart(field, taken)
            taken.add(name)
            yield rule | {"id": name, "bands": _without_no_value(bands, _new_no_value(document, declared, rule.get("field", "")))}


def _disturbed(document: ModelDocument, proposal: Mapping[str, Any]) -> list[str]:
    """Return the rules that would give other points if a model declared what a new rule reads."""
    is_new = "activity" in proposal and proposal["activity"] not in document.inputs.activities
    return of_any_activity(document) if is_new else []


def _scaled(bands: Sequence[dict[str, Any]], scale: float) -> list[dict[str, Any]]:
    """Return bands with points in a model's scale; those of none only where they keep leads from the points of the rest."""
    found = [band | {"points": round(band["points"] * scale)} for band in bands]
    some = [band for band in found if band["points"]]
    return found if any(band.get("known") for band in some) else some


def _new_no_value(document: ModelDocument, declared: Mapping[str, Any], field: str) -> list[str]:
    """Return the texts of a field that were taken for no value when it was looked at, and that the model takes for one."""
    if fields(declared).get(field) != "string":
        return []
    known = {fold(text.strip()) for text in document.inputs.no_value}
    return [text for text in declared.get("no_value", ()) if fold(text.strip()) not in known]


def _without_no_value(bands: list[dict[str, Any]], texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return bands that take some texts for no value; the model cannot, or rules that are there would mean something else."""
    if not texts or not any("known" in band for band in bands):
        return bands
    empty: dict[str, Any] = next((band for band in bands if band.get("known") is False), {"points": 0})
    first = {"any": [{"known": False}, {"in": list(texts)}], "points": empty["points"]}
    return [first, *(band for band in bands if band is not empty)]


def _points(rule: Mapping[str, Any]) -> tuple[float, ...]:
    return tuple(float(band["points"]) for band in rule["bands"] if band["points"])


def _declared(document: ModelDocument, read: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Yield what a model must declare to read what is added."""
    inputs = document.inputs
    for section, there in (("fields", inputs.fields), ("account_fields", inputs.account_fields)):
        yield from ((("inputs", section, name), kind) for name, kind in read.get(section, {}).items() if name not in there)
    for kind, its in read.get("activities", {}).items():
        yield ("inputs", "activities", kind), its
