"""The sheet of a sample to print, and the report of what a committee marked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from vaglio.counted import counted
from vaglio.document import ModelDocument, fingerprint
from vaglio.evaluation.agreement import Agreement
from vaglio.evaluation.review import Disputed, Review, RuleToDiscuss
from vaglio.report.lines import Explainer
from vaglio.report.promises import of_words
from vaglio.report.study import Column, Fact, Row, Section, Study, Table, write_study
from vaglio.report.words import _, day, minus, ngettext, number, percent, plain, points

# Of kappa, after Landis and Koch (1977): up to the figure, the word.
WORDS = ((0.0, "none"), (0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "strong"), (1.01, "nearly full"))
RULES = 8
BLANK = "__________"


class Person(Protocol):
    """What a reader is shown of a lead."""

    @property
    def lead(self) -> str:
        """Return the lead's id."""

    @property
    def name(self) -> str:
        """Return the name, empty if there is none."""

    @property
    def fields(self) -> dict[str, str]:
        """Return the fields that the model reads."""

    @property
    def lately(self) -> str:
        """Return what the lead did, in words."""


def write_sheet_report(
    path: Path, document: ModelDocument, people: Sequence[Person], said: Mapping[str, tuple[str, str]], at: int
) -> None:  # fmt: skip
    """Write the sheet to print and mark by hand; ``said``: rating and part of each lead, if readers may see them.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    words = _("Read each line as if the lead had just come to you. Would you call? Write a rating from A1 to D4, or yes or no.")
    columns = [Column(_("Lead")), Column(_("What they did lately")), *([Column(_("Model"))] if said else []), Column(_("Mark"))]
    rows = [
        Row((each.name or each.lead, each.lately, *(_opened(said, each.lead) if said else ()), BLANK), note=person_words(each))
        for each in people
    ]  # fmt: skip
    write_study(path, Study(
        title=_("Sample to mark"),
        headline=ngettext("{n} lead to read and mark.", "{n} leads to read and mark.", len(people)).format(n=number(len(people))),
        lead_in=_("As they were known on {day}.").format(day=day(at)),
        sections=[Section("leads", _("Leads"), words, [Table(columns, rows)])],
        made=[(plain(document.name), fingerprint(document))],
    ))  # fmt: skip


def _opened(said: Mapping[str, tuple[str, str]], lead: str) -> tuple[str]:
    rating, drawn_from = said[lead]
    return (rating if rating == drawn_from else f"{rating}, {plain(drawn_from)}",)


def person_words(person: Person) -> str:
    """Return a lead's id, where it has a name, and its fields, in a line."""
    fields = [f"{plain(name)}: {value}" for name, value in person.fields.items() if value]
    missing = [plain(name) for name, value in person.fields.items() if not value]
    parts = [*([person.lead] if person.name else []), *fields]
    if missing:
        parts.append(_("not known: {fields}").format(fields=", ".join(missing)))
    return " · ".join(parts)


def write_review(
    path: Path, document: ModelDocument, found: Review, people: Mapping[str, Person], notes: Sequence[str] = ()
) -> None:  # fmt: skip
    """Write what a committee marked, beside the model, as one HTML file.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    write_study(path, review_study(document, found, people, notes))


def review_study(document: ModelDocument, found: Review, people: Mapping[str, Person], notes: Sequence[str] = ()) -> Study:
    """Return the report of a committee's reading."""
    lead_in = ngettext("{n} lead was read by {who}.", "{n} leads were read by {who}.", found.leads)
    sections = [_agreements(found, document), _disputed(document, found, people), _rules(document, found)]
    return Study(
        title=_("Sample, marked"), headline=headline(found),
        lead_in=lead_in.format(n=number(found.leads), who=_and([plain(name) for name in found.reviewers])),
        facts=_facts(found), sections=[each for each in sections if each is not None], notes=notes,
        made=[(plain(document.name), fingerprint(document))],
    )  # fmt: skip


def headline(found: Review) -> str:
    """Return in a sentence what came out."""
    if not found.disputed:
        return _("No lead of {leads} is disputed.").format(leads=number(found.leads))
    return ngettext("{n} of {leads} leads is disputed.", "{n} of {leads} leads are disputed.", len(found.disputed)).format(
        n=number(len(found.disputed)), leads=number(found.leads)
    )  # fmt: skip


def agreement_words(each: Agreement) -> str:
    """Return how far two readers agree, in a sentence."""
    names = {"first": plain(each.first), "second": plain(each.second)}
    if not each.same.total:
        return _("{first} and {second} marked no lead in common").format(**names)
    same = _("{first} and {second}: the same mark on {same} leads").format(same=of_words(each.same), **names)
    if each.kappa is None:
        return _("{same}; they gave one mark only, so chance alone would agree").format(same=same)
    return _("{same}; agreement beyond chance is {word} (kappa {kappa}, 95%: {low} to {high})").format(
        same=same, word=word_of(each.kappa.value), kappa=_two(each.kappa.value), low=_two(each.kappa.low), high=_two(each.kappa.high)
    )  # fmt: skip


def word_of(kappa: float) -> str:
    """Return what people call so much agreement."""
    word = next(word for least, word in WORDS if kappa <= least)
    said = {"none": _("none"), "slight": _("slight"), "fair": _("fair"), "moderate": _("moderate"), "strong": _("strong"),
            "nearly full": _("nearly full")}  # fmt: skip
    return said[word]


def reasons(document: ModelDocument, lead: Disputed) -> list[tuple[str, str]]:
    """Return why the model rates a lead so: title and points of each rule after its caps, the most points first."""
    explainer = Explainer(document)
    gave = counted(document, {(line.axis, line.rule, line.part): line.millipoints for line in lead.lines})
    ordered = sorted(gave.items(), key=lambda reason: (-abs(reason[1]), reason[0][1]))
    return [(plain(explainer.title(*name)), points(millipoints).removesuffix(".000")) for name, millipoints in ordered]


def _two(value: float) -> str:
    return minus(f"{value:.2f}")


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else _("{names} and {last}").format(names=", ".join(names[:-1]), last=names[-1])


def _facts(found: Review) -> list[Fact]:
    high = sum(each.too_high for each in found.disputed)
    facts = [
        Fact(_("Disputed"), number(len(found.disputed)), _("of {leads} leads").format(leads=number(found.leads))),
        Fact(_("Rated too high by the model"), number(high)),
        Fact(_("Rated too low"), number(len(found.disputed) - high)),
    ]  # fmt: skip
    told = [each for each in found.with_model() if each.kappa is not None]
    if told:
        worst = min(told, key=lambda each: each.kappa.value if each.kappa else 0.0)
        facts.append(Fact(_("Least agreement with the model"), word_of(worst.kappa.value) if worst.kappa else "", plain(worst.second)))
    return facts


def _agreements(found: Review, document: ModelDocument) -> Section:
    words = _(
        "Kappa is how far two readers agree beyond what chance would give: 0 is chance, 1 always. {scale} Where reviewers agree less "
        "with each other than with the model, talk about what a good lead is first."
    )  # fmt: skip
    scale = (
        _("Of ratings, a step of one letter or digit counts little, three count much.") if found.scale == "ratings"
        else _("Held against each other is whether sales should call.")
    )  # fmt: skip
    columns = [
        Column(_("Who")),
        Column(_("Same mark"), True),
        Column(_("Kappa"), True),
        Column(_("95%"), True, True),
        Column(_("In words")),
    ]
    tables = [
        Table(columns, [_agreement_row(each, document) for each in group], title)
        for title, group in ((_("With the model"), found.with_model()), (_("With each other"), found.among())) if group
    ]  # fmt: skip
    return Section("agreement", _("How far they agree"), words.format(scale=scale), tables)


def _agreement_row(each: Agreement, document: ModelDocument) -> Row:
    name = plain(each.second) if each.first == document.name else _("{first} and {second}").format(
        first=plain(each.first), second=plain(each.second))  # fmt: skip
    if each.kappa is None:
        return Row((name, of_words(each.same), "–", "", _("cannot be told")))
    between = _("{low} to {high}").format(low=_two(each.kappa.low), high=_two(each.kappa.high))
    return Row((name, of_words(each.same), _two(each.kappa.value), between, word_of(each.kappa.value)))


def _disputed(document: ModelDocument, found: Review, people: Mapping[str, Person]) -> Section | None:
    if not found.disputed:
        return None
    words = _("Reviewers differ from the model by two steps of letter and digit on average or more.") if found.scale == "ratings" else _(
        "At least half of the reviewers would decide otherwise than the model.")  # fmt: skip
    columns = [Column(_("Lead")), Column(_("Model")), Column(_("Marks")), Column(_("Why the model says so"), False, True)]
    rows = []
    for each in found.disputed:
        person = people.get(each.lead)
        why = "; ".join(f"{title} {gave}" for title, gave in reasons(document, each)[:5])
        marks = ", ".join(f"{plain(who)} {mark}" for who, mark in each.marks.items())
        note = " · ".join(part for part in (person_words(person), person.lately) if part) if person else ""
        rows.append(Row((person.name or each.lead if person else each.lead, each.model or _("excluded"), marks, why), note=note))
    return Section("disputed", _("Disputed leads"), words, [Table(columns, rows)])


def _rules(document: ModelDocument, found: Review) -> Section | None:
    if not found.rules:
        return None
    words = _(
        "Rules that touch disputed leads more often, or less, than those on which all agree. Where nothing is sure, it may be chance: "
        "talk about it all the same, it is what a committee is for."
    )  # fmt: skip
    columns = [Column(_("Rule")), Column(_("Disputed"), True), Column(_("Agreed"), True), Column(_("Too high"), True, True),
               Column(_("Too low"), True, True), Column(_("Verdict"))]  # fmt: skip
    return Section("rules", _("Rules to discuss"), words, [Table(columns, [_rule_row(document, each) for each in found.rules[:RULES]])])


def _rule_row(document: ModelDocument, each: RuleToDiscuss) -> Row:
    sentence = Explainer(document).sentence(each.axis, each.rule, "rule")
    texts = (plain(each.rule), percent(each.disputed.share), percent(each.agreed.share), number(each.too_high), number(each.too_low),
             _("sure") if each.is_sure else _("may be chance"))  # fmt: skip
    return Row(texts, note=sentence, verdict="broken" if each.is_sure else "unknown")
