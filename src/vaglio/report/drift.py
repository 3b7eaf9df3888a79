"""The report of drift, and its sentences."""

from collections.abc import Sequence
from pathlib import Path

from vaglio.document import ModelDocument, fingerprint
from vaglio.evaluation.chance import LARGE, MODERATE
from vaglio.evaluation.cohort import EXCLUDED
from vaglio.evaluation.drift import BandShift, Drift, InputDrift, Shift
from vaglio.evaluation.kept import Kept
from vaglio.proportion import Proportion
from vaglio.report.bands import band_words
from vaglio.report.heat import HEATS
from vaglio.report.promises import of_words
from vaglio.report.study import Axis, Cell, Charts, Column, Fact, HeatMap, Line, Row, Section, Study, Table, chart, write_study
from vaglio.report.words import _, date_words, day, minus, ngettext, number, percent, plain, stated
from vaglio.terms import DAY_SECONDS, DIGITS, LETTERS, MICROSECONDS, RATINGS

CURVES = 3  # of the chart over time: the ratings, and the inputs that moved most
SHOWN = 6  # inputs whose bands are drawn, and rules in the table
OLDER = 0.1  # of the window: so much difference of age is worth a word


def write_drift(path: Path, found: Drift, document: ModelDocument, notes: Sequence[str] = ()) -> None:
    """Write what moved as one HTML file.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    write_study(path, drift_study(found, document, notes))


def drift_study(found: Drift, document: ModelDocument, notes: Sequence[str] = ()) -> Study:
    """Return the report of drift."""
    lead_in = _(
        "{then} leads created in the {days} days before {since}, as they were known then, beside {now} created in those before {at}."
    )
    sections = [_found(found), _inputs(found), _ratings(found), _outcomes(found), _promises(found), _time(found), _bands(found)]
    return Study(
        title=_("Drift"),
        headline=headline(found),
        lead_in=lead_in.format(
            then=number(found.then), now=number(found.now), days=number(round(found.asked.window / MICROSECONDS / DAY_SECONDS)),
            since=day(found.asked.since), at=day(found.asked.at),
        ),
        facts=_facts(found),
        sections=[each for each in sections if each is not None],
        notes=notes,
        made=[(plain(document.name), fingerprint(document))],
    )  # fmt: skip


def headline(found: Drift) -> str:
    """Return in a sentence what came out."""
    moved, broken = len(found.moved()) + len(found.emptied()) + len(found.shifted()), len(found.broken())
    if found.is_quiet:
        return _("Nothing moved since {day}.").format(day=day(found.asked.since))
    said = []
    if moved:
        said.append(ngettext("{n} thing moved since {day}", "{n} things moved since {day}", moved).format(
            n=number(moved), day=day(found.asked.since)))  # fmt: skip
    if broken:
        said.append(ngettext("{n} promise is broken", "{n} promises are broken", broken).format(n=number(broken)))
    return f"{'; '.join(said)}."


def drift_words(found: Drift) -> list[str]:
    """Return what moved and what is broken, a sentence each, the promises first."""
    return [
        *(kept_words(each) for each in found.broken()),
        *(_shift_words(each, found) for each in found.shifted()),
        *(_missing_words(each) for each in found.emptied()),
        *(_input_words(each) for each in found.moved()),
    ]


def age_note(found: Drift) -> tuple[str, ...]:
    """Return a note where the leads compared are not equally old, as activities gather with age."""
    then, now = found.ages
    days = found.asked.window / MICROSECONDS / DAY_SECONDS
    if abs(now - then) < OLDER * days:
        return ()
    said = _("the later leads are {now} days old on average, the earlier ones were {then}; counts of activities differ by that alone")
    return (said.format(now=f"{now:.0f}", then=f"{then:.0f}"),)


def kept_words(promise: Kept) -> str:
    """Return a promise in words, with what was found."""
    if promise.what == "review_by" or isinstance(promise.promised, str) or not isinstance(promise.promised, float):
        return _("the model was to be looked at again by {day}").format(day=date_words(promise.promised))  # type: ignore[arg-type]
    what = {
        "share": _("{rating}: at most {promised} of all leads promised"),
        "accepted": _("{rating}: at least {promised} accepted by sales promised"),
        "won": _("{rating}: at least {promised} won promised"),
    }[promise.what].format(rating=promise.rating, promised=stated(promise.promised))
    if promise.found is None:
        return _("{what}; no outcomes were given").format(what=what)
    return _("{what}, {found} found ({numbers})").format(what=what, found=percent(promise.found.share), numbers=of_words(promise.found))


def _shift_words(each: Shift, found: Drift) -> str:
    shares = {"now": percent(each.now.share), "then": percent(each.then.share)}
    if each is found.audience:
        return _("audience: {now} of new leads are in it, was {then}").format(**shares)
    if each in found.outcomes:
        return _("{rating}: {now} came out well, was {then}").format(rating=each.name, **shares)
    return _("{rating}: {now} of new leads, was {then}").format(rating=_named(each.name), **shares)


def _named(name: str) -> str:
    if name == EXCLUDED:
        return _("excluded")
    if name in RATINGS:
        return name
    return (_("letter {name}") if name in LETTERS else _("digit {name}")).format(name=name)


def _missing_words(each: InputDrift) -> str:
    shift = each.missing
    if shift is None:
        return ""
    return _("{field}: no value for {now} of new leads, was {then}").format(
        field=plain(each.field), now=percent(shift.now.share), then=percent(shift.then.share)
    )  # fmt: skip


def _input_words(each: InputDrift) -> str:
    most = max(each.bands, key=lambda band: abs(_change(band)))
    return _("{input}: {band} is {now} of new leads, was {then} (PSI {psi}, {verdict})").format(
        input=plain(each.label), band=_band_words(each, most), now=percent(most.now.share),
        then=percent(most.then.share), psi=f"{each.psi:.2f}", verdict=_verdict(each.verdict),
    )  # fmt: skip


def _band_words(each: InputDrift, band: BandShift) -> str:
    return band_words(band.band.kind, band.band.test, is_count=each.is_count)


def _change(band: BandShift) -> float:
    return band.now.share - band.then.share


def _verdict(verdict: str) -> str:
    return {"steady": _("steady"), "moved": _("moved"), "large": _("moved far")}[verdict]


def _facts(found: Drift) -> list[Fact]:
    first = found.inputs[0] if found.inputs else None
    broken = len(found.broken())
    facts = [
        Fact(_("Inputs that moved"), _("{n} of {total}").format(n=number(len(found.moved())), total=number(len(found.inputs)))),
        Fact(_("Ratings that moved"), number(sum(each.is_moved for each in found.ratings))),
        Fact(_("Promises broken"), _("{n} of {total}").format(n=number(broken), total=number(len(found.promises)))),
    ]  # fmt: skip
    if first is not None:
        facts.insert(1, Fact(_("Largest PSI"), f"{first.psi:.2f}", plain(first.label)))
    return facts


def _found(found: Drift) -> Section | None:
    words = drift_words(found)
    if not words:
        return None
    rows = []
    for text in words:
        what, _colon, how = text.partition(": ")
        rows.append(Row((what[:1].upper() + what[1:],), note=how))
    return Section("found", _("What moved"), "", [Table([Column(_("In words"))], rows)])


def _inputs(found: Drift) -> Section:
    words = _(
        "PSI says how differently leads are spread over the bands of an input: 0 is alike, {moderate} is worth a look, {large} is "
        "large. What chance alone gives samples of these sizes is worked out by shuffling the leads between then and now; an input has "
        "moved only where its PSI is above both."
    ).format(moderate=f"{MODERATE:g}", large=f"{LARGE:g}")
    columns = [Column(_("Input")), Column(_("PSI"), True), Column(_("By chance below"), True, True), Column(_("No value then"), True, True),
               Column(_("No value now"), True, True), Column(_("Verdict"))]  # fmt: skip
    rows = [_input_row(each) for each in found.inputs]
    return Section("inputs", _("What the model reads"), words, [Table(columns, rows)])


def _input_row(each: InputDrift) -> Row:
    missing = each.missing
    is_moved = each.verdict != "steady" or (missing is not None and missing.is_moved)
    shares = ("", "") if missing is None else (percent(missing.then.share), percent(missing.now.share))
    verdict = "moved" if is_moved and each.verdict == "steady" else each.verdict
    texts = (plain(each.label), f"{each.psi:.3f}", f"{each.by_chance:.3f}", *shares, _verdict(verdict))
    return Row(texts, verdict="broken" if is_moved else "kept")


def _ratings(found: Drift) -> Section:
    words = _(
        "The share of new leads in each cell now, and what it was. Cells are the darker, the more leads they hold; outlined cells hold "
        "surely more or fewer than they did, by at least a quarter."
    )
    shifts = {each.name: each for each in found.ratings}
    most = max((shifts[name].now.share for name in RATINGS if name in shifts), default=0.0)
    heat = HeatMap([[_cell(letter + digit, shifts.get(letter + digit), most) for digit in DIGITS] for letter in LETTERS])
    columns = [
        Column(_("Ratings")),
        Column(_("Then"), True),
        Column(_("Now"), True),
        Column(_("Now, 95%"), True, True),
        Column(_("Verdict")),
    ]
    rows = [_shift_row(_named(each.name), each) for each in found.ratings if each.name not in RATINGS]
    rows.append(_shift_row(_("in the audience"), found.audience))
    return Section("ratings", _("Inflation of ratings"), words, [heat, Table(columns, rows), *_rules(found)])


def _cell(rating: str, shift: Shift | None, most: float) -> Cell:
    if shift is None:
        return Cell(rating, "–", (_("no leads"),))
    low, high = shift.now.interval()
    between = _("{low} to {high}").format(low=percent(low), high=percent(high))
    heat = round(shift.now.share / most * HEATS) if most else 0
    was = _("was {share}").format(share=percent(shift.then.share))
    return Cell(rating, percent(shift.now.share), (was, between), heat, shift.is_moved)


def _shift_row(name: str, shift: Shift) -> Row:
    low, high = shift.now.interval()
    texts = (
        name, percent(shift.then.share), percent(shift.now.share), _("{low} to {high}").format(low=percent(low), high=percent(high)),
        _verdict("moved" if shift.is_moved else "steady"),
    )  # fmt: skip
    return Row(texts, verdict="broken" if shift.is_moved else "kept")


def _rules(found: Drift) -> list[Table]:
    rules = [each for each in found.rules if each.then.hits or each.now.hits][:SHOWN]
    if not rules:
        return []
    columns = [Column(_("Rule")), Column(_("Leads it touched then"), True, True), Column(_("Now"), True, True),
               Column(_("Points then"), True, True), Column(_("Points now"), True), Column(_("Change"), True)]  # fmt: skip
    rows = [
        Row((plain(each.rule), percent(each.then.share), percent(each.now.share), f"{each.mean_then:.1f}", f"{each.mean_now:.1f}",
             minus(f"{each.mean_now - each.mean_then:+.1f}")))
        for each in rules
    ]  # fmt: skip
    note = _("What each rule gave new leads on average, before caps and floors, the largest change first.")
    return [Table(columns, rows, _("Which rules moved the scores"), note)]


def _outcomes(found: Drift) -> Section | None:
    if not found.outcomes:
        return None
    words = _(
        "Of leads of each rating that had not come out well yet, how many did within the horizon: of those looked at a horizon before "
        "then, and of those a horizon before the last outcome. Ratings of fewer than twenty leads are left out."
    )
    columns = [
        Column(_("Rating")),
        Column(_("Then"), True),
        Column(_("Now"), True),
        Column(_("Now, 95%"), True, True),
        Column(_("Verdict")),
    ]
    names = [each.name for each in found.outcomes]
    lines = [
        Line(name, [(place + shift, getattr(each, side).share) for place, each in enumerate(found.outcomes)], "dots",
             [getattr(each, side).interval() for each in found.outcomes])
        for name, side, shift in ((_("then"), "then", -0.12), (_("now"), "now", 0.12))
    ]  # fmt: skip
    drawn = chart(_("What each rating brought"), _("The share of leads that came out well, with 95% intervals."),
                  Axis(_("rating"), places=names), Axis(_("came out well"), 0, None, "{:.0%}".format), lines)  # fmt: skip
    return Section("outcomes", _("What each rating brought"), words, [
        Charts([drawn]), Table(columns, [_shift_row(each.name, each) for each in found.outcomes])])  # fmt: skip


def _promises(found: Drift) -> Section | None:
    if not found.promises:
        return None
    verdicts = {"kept": _("Kept"), "broken": _("Broken"), "too_few": _("Too few to say"), "unknown": _("Not measured")}
    rows = [
        Row((kept_words(each)[:1].upper() + kept_words(each)[1:], _between(each.found), verdicts[each.verdict]), verdict=each.verdict)
        for each in found.promises
    ]  # fmt: skip
    words = _("Shares are of the whole audience as of the last day, outcomes of leads looked at a horizon before the last outcome.")
    return Section("promises", _("What the model promises"), words, [
        Table([Column(_("Promise")), Column(_("95%"), True, True), Column(_("Verdict"))], rows)])  # fmt: skip


def _between(found: Proportion | None) -> str:
    if found is None or not found.total:
        return ""
    low, high = found.interval()
    return _("{low} to {high}").format(low=percent(low), high=percent(high))


def _time(found: Drift) -> Section | None:
    if len(found.steps) < 2:
        return None
    days = [day(each.at).rsplit(" ", 1)[0] for each in found.steps]
    drawn = [(plain(each.label), [step.psi[each.name] for step in found.steps]) for each in found.inputs[:CURVES]]
    curves = [(_("the ratings"), [step.ratings for step in found.steps]), *drawn]
    last = len(days) - 0.5
    lines = [
        *(Line("", ((-0.5, at), (last, at)), "guide") for at in (MODERATE, LARGE)),
        *(Line(name, [(float(place), value) for place, value in enumerate(values)]) for name, values in curves),
    ]  # fmt: skip
    top = max(LARGE * 1.2, *(value for _name, values in curves for value in values))
    words = _("PSI of the leads of each window against those before {day}. The dashed lines are {moderate} and {large}.").format(
        day=day(found.asked.since), moderate=f"{MODERATE:g}", large=f"{LARGE:g}"
    )  # fmt: skip
    shown = chart(_("Drift over time"), words, Axis("", places=days), Axis(_("PSI"), 0, top, "{:.2f}".format), lines)
    return Section("time", _("Since when"), "", [Charts([shown])])


def _bands(found: Drift) -> Section | None:
    shown = [each for each in found.inputs if each.verdict != "steady"][:SHOWN] or list(found.inputs[:2])
    if not shown:
        return None
    columns = [Column(_("Band")), Column(_("Then"), True), Column(_("Now"), True)]
    tables = [
        Table(columns, [
            Row((_band_words(each, band), percent(band.then.share), percent(band.now.share)), bar=band.now.share) for band in each.bands
        ], plain(each.label), _("PSI {psi}").format(psi=f"{each.psi:.3f}"))
        for each in shown
    ]  # fmt: skip
    return Section("bands", _("Where leads are now"), _("The bands are cut so that each held about as many of the earlier leads."), tables)
