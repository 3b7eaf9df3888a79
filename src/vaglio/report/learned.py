"""The report of what was learned: how well it tells leads apart, and the shape of each input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any

from vaglio.document import ModelDocument, fingerprint
from vaglio.evaluation.measured import measured
from vaglio.evaluation.reading import measure_words
from vaglio.learned import Input
from vaglio.learning.candidates import fields
from vaglio.learning.intervals import BandPoints
from vaglio.learning.learn import Learned
from vaglio.report.bands import test_words
from vaglio.report.curves import gain_chart, honesty_chart, lift_chart, roc_chart
from vaglio.report.study import Block, Charts, Column, Fact, Row, Section, Study, Table
from vaglio.report.words import _, minus, number, percent, plain, signed

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
        sections=[_shapes(document, learned.unshrunk), _measured(learned), *_groups(learned)],
        notes=notes,
        made=[(plain(document.name), fingerprint(document))],
    )  # fmt: skip


def _headline(learned: Learned) -> str:
    if not learned.is_usable:
        return _("There is no usable signal in these inputs.")
    return _("A lead that came out well stands above one that did not {share} of the time.").format(share=percent(learned.auc))


def _facts(learned: Learned, in_full: float | None) -> list[Fact]:
    low, high = learned.held_out.auc_interval
    facts = [
        Fact(
            _("Told apart (AUC)"),
            f"{learned.auc:.3f}",
            _("on leads that were not learned from (95%: {low} to {high})").format(low=f"{low:.3f}", high=f"{high:.3f}"),
        ),
        Fact(_("Calibration error"), f"{learned.calibration_error:.3f}", _("mean distance of stated from found shares")),
        Fact(_("Rules"), number(sum(1 for _rule in learned.document.rules())), _("ten points double the odds")),
    ]
    if in_full is not None:
        cost = in_full - learned.auc
        facts.append(Fact(_("What being readable costs"), minus(f"{cost:+.3f}"), _("AUC without limits, less this one")))
    return facts


def _measured(learned: Learned) -> Section:
    """Return how leads held out are ranked, and how honest their probabilities are."""
    name, found = plain(learned.document.name), measured(learned.held_out)
    words = _("All of it on {leads} leads that were not learned from. Intervals are of these leads; learning anew would move them further.")
    blocks: list[Block] = [Charts([gain_chart([(name, found.gain)]), roc_chart([(name, found.roc)])])]
    honest = [honesty_chart(_("Reliability"), found.calibration)] if found.calibration is not None else []
    blocks.append(Charts([lift_chart(name, found.tenths), *honest]))
    return Section("held_out", _("How well it does"), words.format(leads=number(len(learned.held_out.outcomes))), blocks)


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
    types = fields(document.inputs.model_dump())
    shapes = sorted(
        (_shape(rule.model_dump(by_alias=True, exclude_none=True), alone.get(rule.id, {}), types) for _axis, rule in document.rules()),
        key=lambda each: -each.width,
    )
    left = len(shapes) - SHAPES
    words = _("Points of each band, the inputs that matter most first; a bar to its full length is the widest of all.")
    if left > 0:
        words += " " + _("{n} narrower ones are in the document.").format(n=left)
    if alone:
        words += " " + _("Below a band stands what outcomes alone would give it, with 95%, where the commonest band keeps its points.")
    widest = max((each.width for each in shapes), default=1.0) or 1.0
    blocks: list[Block] = [_scaled(each, widest) for each in shapes[:SHAPES]]
    return Section("shapes", _("What counts, and how much"), words, blocks)


def _alone(found: BandPoints | None, base: float) -> str:
    """Return what outcomes alone say of a band; nothing of the commonest, which has ``base``, and of one of which they say nothing."""
    if found is None or not found.low < found.high or isinf(found.high - found.low):
        return ""
    points, low, high = (signed(base + each) for each in (found.points, found.low, found.high))
    return _("outcomes alone: {points} ({low} to {high})").format(points=points, low=low, high=high)


def _shape(rule: Mapping[str, Any], alone: Mapping[int, BandPoints], types: Mapping[str, str]) -> _Shape:
    name = plain(str(rule["id"]))
    if rule["kind"] == "bands_2d":
        return _grid(name, rule, types)
    points = [float(band.get("points", 0)) for band in rule["bands"]]
    base = points[max(alone.values(), key=lambda each: each.leads).band] if alone else 0.0
    rows = [
        Row((test_words(band, is_whole=_is_whole(rule["input"], types)), signed(each)), note=_alone(alone.get(place), base), bar=each)
        for place, (band, each) in enumerate(zip(rule["bands"], points, strict=True))
    ]  # fmt: skip
    return _Shape(name, max(points) - min(points) if points else 0.0, Table([Column(_("Band")), Column(_("Points"), True)], rows, name))


def _is_whole(source: Mapping[str, Any], types: Mapping[str, str]) -> bool:
    """Return whether an input has whole numbers only, so that ``3 to below 4`` is 3."""
    return "faded" not in source and types.get(source.get("field", "")) != "number"


def _grid(name: str, rule: Mapping[str, Any], types: Mapping[str, str]) -> _Shape:
    """Return the points of a pair of inputs, a row for each band of the first."""
    first, second = rule["first"], rule["second"]
    whole = [_is_whole(each["input"], types) for each in (first, second)]
    head = _("{one}, by {other}").format(one=_source(first["input"]), other=_source(second["input"]))
    heads = [Column(head), *(Column(test_words(each, is_whole=whole[1]), True) for each in second["bands"])]
    points = [[float(each) for each in row] for row in rule["points"]]
    rows = [Row((test_words(test, is_whole=whole[0]), *map(signed, row))) for test, row in zip(first["bands"], points, strict=True)]
    flat = [each for row in points for each in row]
    return _Shape(name, max(flat) - min(flat), Table(heads, rows, name))


def _source(source: Mapping[str, Any]) -> str:
    """Return a field, or what is measured of which activities."""
    told = Input.model_validate(source)
    return plain(told.field) if told.field else plain(measure_words(told, told.within))


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
             f"{signed(each.gap)} ({signed(each.low)} to {signed(each.high)})",
             percent(each.best)),
            note=_("used") if each.is_used else _("not used"),
        )
        for each in learned.groups
    ]  # fmt: skip
    words = _("Inputs that tell a group can do its work although it is not used; 0.5 is chance.")
    return [Section("groups", _("Groups of people"), words, [Table(columns, rows)])]
