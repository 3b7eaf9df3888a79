"""What rules are worth and which fields know the outcome, as sections of a report."""

from collections.abc import Sequence

from vaglio.document import ModelDocument, fingerprint
from vaglio.learning.evidence import Evidence, factor
from vaglio.learning.leakage import Finding
from vaglio.learning.suggest import RuleEvidence
from vaglio.report.study import Column, Row, Section, Study, Table
from vaglio.report.words import _, minus, number, percent, plain

SIGNS = {"works": "kept", "harmful": "broken", "drop": "broken", "fine": "kept"}


def rules_section(found: Sequence[RuleEvidence]) -> Section:
    """Return what came of the leads that each rule touches, beside the others."""
    columns = [
        Column(_("Rule")), Column(_("Leads"), True), Column(_("Points"), True, True), Column(_("Come out well"), True),
        Column(_("The others"), True, True), Column(_("Times the average"), True), Column(_("Verdict")),
    ]  # fmt: skip
    rows = [
        Row(
            (plain(each.rule), number(each.touched.leads), minus(f"{each.points:+.1f}"),
             _rate(each.touched), _rate(each.others),
             _lift(each.touched), _verdict(each.verdict)),
            note=_like(each), verdict=SIGNS.get(each.verdict, "unknown"),
        )
        for each in found
    ]  # fmt: skip
    words = _(
        "A rule works if the leads it touches surely come out well more often, or less often, than the others; it harms if its points go "
        "the other way. Leads are as they were at the last look."
    )
    return Section("rules", _("What each rule is worth"), words, [Table(columns, rows)])


def _rate(found: Evidence) -> str:
    return percent(found.rate) if found.leads else "–"


def _lift(found: Evidence) -> str:
    if not found.leads:
        return "–"
    return _("{lift} ({low} to {high})").format(lift=factor(found.lift), low=factor(found.low), high=factor(found.high))


def _like(found: RuleEvidence) -> str:
    return _("touches nearly the same leads as {rules}").format(rules=", ".join(map(plain, found.like))) if found.like else ""


def _verdict(verdict: str) -> str:
    words = {
        "works": _("works"), "harmful": _("harms"), "dead": _("touches nobody"), "everybody": _("touches everybody"),
        "unsure": _("not sure"), "unread": _("list not given"),
    }  # fmt: skip
    return words[verdict]


def leaks_section(found: Sequence[Finding]) -> Section:
    """Return the fields that know, or may know, the outcome."""
    suspected = [each for each in found if each.verdict != "fine"]
    words = (
        _(
            "A field that is filled in after the outcome, or because of it, tells a model what nobody knows beforehand. {fine} other "
            "fields are fine."
        ).format(fine=number(len(found) - len(suspected)))
        if suspected
        else _(
            "A field that is filled in after the outcome, or because of it, tells a model what nobody knows beforehand. None of "
            "{fine} fields is suspected."
        ).format(fine=number(len(found)))
    )
    columns = [Column(_("Field")), Column(_("Alone (AUC)"), True), Column(_("Verdict"))]
    rows = [
        Row(
            (plain(each.field), f"{each.auc:.2f}" if each.auc is not None else "–", _("drop") if each.verdict == "drop" else _("doubtful")),
            note="; ".join(each.evidence), verdict=SIGNS.get(each.verdict, "unknown"),
        )
        for each in suspected
    ]  # fmt: skip
    return Section("leaks", _("Fields that know the outcome"), words, [Table(columns, rows)] if rows else [])


def rules_study(document: ModelDocument, found: Sequence[RuleEvidence], looked_at: str, notes: Sequence[str] = ()) -> Study:
    """Return the report of what the rules of a model are worth."""
    works = sum(each.verdict == "works" for each in found)
    return Study(
        title=document.title or plain(document.name),
        headline=_("{works} of {all} rules surely work.").format(works=works, all=len(found)),
        lead_in=looked_at,
        sections=[rules_section(found)],
        notes=notes,
        made=[(plain(document.name), fingerprint(document))],
    )


def leaks_study(found: Sequence[Finding], looked_at: str, notes: Sequence[str] = ()) -> Study:
    """Return the report of the fields that know the outcome."""
    drop = sum(each.verdict == "drop" for each in found)
    return Study(
        title=_("Fields that know the outcome"),
        headline=_("{drop} of {all} fields know the outcome.").format(drop=drop, all=len(found)),
        lead_in=looked_at,
        sections=[leaks_section(found)],
        notes=notes,
    )
