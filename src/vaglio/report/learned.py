"""The report of what was learned: how well it tells leads apart, and the shape of each input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any

from vaglio.document import ModelDocument, fingerprint
from vaglio.learning.intervals import BandPoints
from vaglio.learning.learn import Learned
from vaglio.learning.suggest import Proposal
from vaglio.report.bands import test_words
from vaglio.report.study import Block, Column, Fact, Row, Section, Study, Table
from vaglio.report.words import _, number, percent, plain

SHAPES = 24  # inputs whose shape is drawn, those with the widest points first


def learned_study(learned: Learned, looked_at: str, notes: Sequence[str] = (), in_full: float | None = None) -> Study:
    """Return the report of a learned model. ``in_full``: the AUC of one learned without limits, to show what being readable costs."""
    document = learned.document
    return Study(
        title=document.title or plain(document.name),
        headline=_headline(learned),
        lead_in=_("Learned from {leads} leads, of whom {good} came out well ({share}).").format(
            leads=number(learned.leads), good=number(learned.outcomes), share=percent(learned.outcomes / learned.leads)
        ) + " " + looked_at,
        facts=_facts(learned, in_full),
        sections=[_shapes(document, learned.unshrunk), *_groups(learned)],
        notes=notes,
        made=[(plain(document.name), fingerprint(document))],
    )  # fmt: skip


def _headline(learned: Learned) -> str:
    if not learned.is_usable:
        return _("There is no usable signal in these inputs.")
    return _("A lead that came out well stands above one that did not {share} of the time.").format(share=percent(learned.auc))


def _facts(learned: Learned, in_full: float | None) -> list[Fact]:
    facts = [
        Fact(_("Told apart (AUC)"), f"{learned.auc:.3f}", _("on leads that were not learned from")),
        Fact(_("Calibration error"), f"{learned.calibration_error:.3f}", _("mean distance of stated from found shares")),
        Fact(_("Rules"), number(sum(1 for _rule in learned.document.rules())), _("ten points double the odds")),
    ]
    if in_full is not None:
        cost = in_full - learned.auc
        facts.append(Fact(_("What being readable costs"), f"{cost:+.3f}".replace("-", "\u2212"), _("AUC without limits, less this one")))
    return facts


@dataclass(frozen=True)
class _Shape:
    """A rule as a table: its name, how far its points reach from one another, and the table."""

    name: str
    width: float
    table: Table


def _shapes(document: ModelDocument, unshrunk: Sequence[BandPoints]) -> Section:
    alone: dict[str, dict[int, BandPoints]] = {}
    for each in unshrunk:
        alone.setdefault(each.input, {})[each.band] = each
    shapes = sorted(
        (_shape(rule.model_dump(by_alias=True, exclude_none=True), alone.get(rule.id, {})) for _axis, rule in document.rules()),
        key=lambda each: -each.width,
    )
    left = len(shapes) - SHAPES
    words = _("Points of each band, the inputs that matter most first; a bar to its full length is the widest of all.")
    if left > 0:
        words += " " + _("{n} narrower ones are in the document.").format(n=left)
    if alone:
        words += " " + _("Below a band stands what outcomes alone would give it, with 95 %, where the commonest band keeps its points.")
    widest = max((each.width for each in shapes), default=1.0) or 1.0
    blocks: list[Block] = [_scaled(each, widest) for each in shapes[:SHAPES]]
    return Section("shapes", _("What counts, and how much"), words, blocks)


def _alone(found: BandPoints | None, base: float) -> str:
    """Return what outcomes alone say of a band; nothing of the commonest, which has ``base``, and of one of which they say nothing."""
    if found is None or not found.low < found.high or isinf(found.high - found.low):
        return ""
    points, low, high = (_signed(base + each) for each in (found.points, found.low, found.high))
    return _("outcomes alone: {points} ({low} to {high})").format(points=points, low=low, high=high)


def _shape(rule: Mapping[str, Any], alone: Mapping[int, BandPoints]) -> _Shape:
    name = plain(str(rule["id"]))
    if rule["kind"] == "bands_2d":
        return _grid(name, rule)
    points = [float(band.get("points", 0)) for band in rule["bands"]]
    base = points[max(alone.values(), key=lambda each: each.leads).band] if alone else 0.0
    rows = [
        Row((test_words(band), _signed(each)), note=_alone(alone.get(place), base), bar=each)
        for place, (band, each) in enumerate(zip(rule["bands"], points, strict=True))
    ]  # fmt: skip
    return _Shape(name, max(points) - min(points) if points else 0.0, Table([Column(_("Band")), Column(_("Points"), True)], rows, name))


def _grid(name: str, rule: Mapping[str, Any]) -> _Shape:
    """Return the points of a pair of inputs, a row for each band of the first."""
    first, second = rule["first"], rule["second"]
    heads = [Column(plain(_source(first["input"]))), *(Column(test_words(each), True) for each in second["bands"])]
    points = [[float(each) for each in row] for row in rule["points"]]
    rows = [Row((test_words(test), *map(_signed, row))) for test, row in zip(first["bands"], points, strict=True)]
    flat = [each for row in points for each in row]
    return _Shape(name, max(flat) - min(flat), Table(heads, rows, name))


def _source(source: Mapping[str, Any]) -> str:
    return str(source.get("field") or source.get("activity") or "")


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "\u2212") if value else "0"


def _scaled(shape: _Shape, widest: float) -> Table:
    rows = [Row(row.texts, row.note, None if row.bar is None else row.bar / widest) for row in shape.table.rows]
    return Table(shape.table.columns, rows, shape.table.title)


def _groups(learned: Learned) -> list[Section]:
    if not learned.groups:
        return []
    columns = [
        Column(_("Group")), Column(_("Leads"), True), Column(_("Told by the inputs (AUC)"), True), Column(_("Most by"), is_wide=True),
        Column(_("Points beside others"), True), Column(_("In the best fifth"), True),
    ]  # fmt: skip
    rows = [
        Row(
            (f"{plain(each.field)}: {test_words(each.test)}", number(each.leads), "–" if each.auc is None else f"{each.auc:.2f}",
             ", ".join(f"{name} {auc:.2f}" for name, auc in each.proxies),
             f"{_signed(each.gap)} ({_signed(each.low)} to {_signed(each.high)})",
             percent(each.best)),
            note=_("used") if each.is_used else _("not used"),
        )
        for each in learned.groups
    ]  # fmt: skip
    words = _("Inputs that tell a group can do its work although it is not used; 0.5 is chance.")
    return [Section("groups", _("Groups of people"), words, [Table(columns, rows)])]


def proposals_study(made: Sequence[Proposal], looked_at: str, notes: Sequence[str] = ()) -> Study:
    """Return the report of proposed points."""
    sure = [each for each in made if each.evidence.is_sure]
    columns = [Column(_("Field or action")), Column(_("Value")), Column(_("Points"), True)]
    most = max((abs(each.evidence.points) for each in sure), default=1) or 1
    rows = [
        Row(
            (plain(each.field), test_words(each.test), _signed(each.evidence.points)),
            bar=each.evidence.points / most, note=each.evidence.sentence(),
        )
        for each in sure
    ]  # fmt: skip
    words = _("Shares of few leads are drawn towards the average before they become points; ten points double the odds.")
    return Study(
        title=_("Proposed points"),
        headline=_("{n} values and actions surely come with the outcome, or without it.").format(n=len(sure)),
        lead_in=_("{n} more are not surely different from the average.").format(n=len(made) - len(sure)) + " " + looked_at,
        sections=[Section("proposals", _("What they are worth"), words, [Table(columns, rows)])],
        notes=notes,
    )
