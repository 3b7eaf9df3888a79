"""What ``vaglio score`` writes and prints, once facts are in an engine."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis

from vaglio.aside import need_place, together
from vaglio.cli.writer import Writer
from vaglio.dates import format_instant
from vaglio.document import ModelDocument
from vaglio.errors import DataError, DocumentError
from vaglio.incremental import with_digests
from vaglio.paths import rejected_path, table_name
from vaglio.plan import Instants
from vaglio.quantities import LONGEST_NAME, NAME
from vaglio.scoring import Scored, score
from vaglio.terms import MICROSECONDS, RATINGS
from vaglio.text import snake_case

STALE_DAYS = 30
LINES_ORDER = ("model", "lead_id", "axis", "rule_id", "part")
DETAIL_ORDER = ("model", "lead_id", "axis", "rule_id", "occurred_at", "activity_type", "message_id", "millipoints")


@dataclass(frozen=True)
class Wanted:
    """The files one call asks for."""

    out: Path
    contributions: Path | None = None
    detail: Path | None = None
    report: Path | None = None
    top: int = 0
    next_change: bool = False
    resumable: bool = False

    def files(self) -> list[Path]:
        """Return every file."""
        return [path for path in (self.out, self.contributions, self.detail, self.report) if path is not None]


@dataclass
class Summary:
    """What was read, what was set aside, and what came out."""

    as_of: str
    scored: dict[str, int] = field(default_factory=dict)
    carried_over: dict[str, int] = field(default_factory=dict)
    ratings: dict[str, dict[str, int]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the summary in words."""
        said = []
        for model, counts in self.ratings.items():
            shown = "  ".join(f"{rating} {counts.get(rating, 0):,}" for rating in ("A1", "A2", "B1"))
            carried = self.carried_over.get(model)
            over = "" if carried is None else f" ({carried:,} of them carried over)"
            said.append(f"{model}: {self.scored[model]:,} leads scored as of {self.as_of}{over}; {shown}")
        return [*said, *(f"wrote {name}" for name in self.files)]


def check_endings(wanted: Wanted, models: int) -> None:
    """Refuse outputs that cannot be written before any work is done."""
    for path in wanted.files():
        if path == wanted.report or table_name(path) is None:
            check_ending(path, {".html", ".htm"} if path == wanted.report else {".csv", ".tsv", ".parquet"})
    if wanted.report and models > 1:
        raise DataError("report_of_many", "a report shows one model", "score one model at a time with --report")


def check_ending(path: Path, allowed: set[str]) -> None:
    """Refuse a file that is to be written but has another ending, or no folder."""
    if path.suffix.lower() not in allowed:
        raise DataError("ending_unknown", f"{path} ends in {path.suffix or 'nothing'}", f"end it in {' or '.join(sorted(allowed))}")
    need_place(path)


def need_learned(path: Path | None) -> None:
    """Refuse a model to be learned where :func:`need_place` does, and over a file that is there and is no model that was learned."""
    need_place(path)
    if path is not None and path.is_file() and path.stat().st_size and not _is_learned(path):
        said = f"{path} exists already, and is no model that says it was learned"
        raise DataError("file_exists", said, "choose another name, or move it away first")


def _is_learned(path: Path) -> bool:
    """Return whether a document says that it was learned, also one that this version would find fault with."""
    from vaglio.document.load import read_text
    from vaglio.document.text import parse

    try:
        said = parse(read_text(path)).data
    except DocumentError:
        return False
    return isinstance(said, dict) and isinstance(said.get("learned"), dict)


def model_name(path: Path) -> str:
    """Return the name of a model that is written to a file: the file's, as a model may be called."""
    name = path.stem if re.fullmatch(NAME, path.stem) else snake_case(path.stem)
    return (name if re.fullmatch(NAME, name) else f"model_{name}".rstrip("_"))[:LONGEST_NAME]


def write_model(path: Path, text: str) -> None:
    """Write a model that was made, whole or not at all, and none that could not be read again; a link goes on pointing to it.

    Raises
    ------
    DocumentError
        The text has faults.
    """
    from vaglio.document import loads
    from vaglio.report.write import write_text

    loads(text, source=str(path))
    if path.exists() and not path.is_file():  # /dev/stdout is nothing to put another file in the place of
        path.write_text(text, encoding="utf-8")
    else:
        write_text(path.resolve(), text)


def need_names_apart(documents: Sequence[ModelDocument]) -> None:
    """Refuse models of which two have one name."""
    names = [document.name for document in documents]
    if len(set(names)) < len(names):
        raise DataError(
            "model_twice", f"two models are called {next(n for n in names if names.count(n) > 1)}", "change name: in one of the documents"
        )


def need_html(report: Path | None) -> None:
    """Refuse a report, if one is asked for, that would be no HTML file."""
    if report is not None:
        check_ending(report, {".html", ".htm"})


def run(
    engine: Any,
    documents: Sequence[ModelDocument],
    loaded: Any,
    at: Instants,
    wanted: Wanted,
    stage: Callable[[str], None],
    left_open: Sequence[str] = (),
) -> Summary:
    """Score, write every file asked for, and return the summary; ``stage`` is told what is under way.

    ``left_open``: what the files do not tell, for the summary and the report.
    """
    stage("scoring")
    need_names_apart(documents)
    deep = wanted.contributions or wanted.report or wanted.top
    scored = score(
        engine, documents, loaded.facts, at, contributions=bool(deep), detail=wanted.detail is not None,
        next_change=wanted.next_change or wanted.resumable,
    )  # fmt: skip
    if wanted.resumable:
        scored = with_digests(engine, documents, loaded.facts, at, scored)
    summary = summary_of(engine, documents, loaded, scored.scores, at, wanted.out)
    summary.warnings[:0] = left_open
    stage("writing")
    writer = Writer(engine, loaded.reader)
    with together(), writer.at_once():
        writer.write(scored.scores, wanted.out, ("model", "rank") if len(documents) > 1 else ("rank",))
        if wanted.contributions and scored.contributions is not None:
            writer.write(scored.contributions, wanted.contributions, LINES_ORDER)
        if wanted.detail and scored.detail is not None:
            writer.write(scored.detail, wanted.detail, DETAIL_ORDER)
        writer.write_rejected(loaded.rejected, wanted.out)
        if wanted.report or wanted.top:
            scored = writer.brought(scored)
            engine = loaded.reader
        if wanted.report:
            stage("writing the report")
            _report(engine, documents[0], loaded, scored, at, summary, wanted.report)
    summary.files = [str(path) for path in wanted.files()]
    stage("")
    if wanted.top:
        from vaglio.cli.top import print_top

        print_top(engine, documents[0], scored, loaded, wanted.top)
    return summary


def _report(engine: Any, document: ModelDocument, loaded: Any, scored: Scored, at: Instants, summary: Summary, path: Path) -> None:
    from vaglio.cli.top import names_table
    from vaglio.report import ReportInputs, write_report

    inputs = ReportInputs(engine, document, scored.scores, scored.contributions, names_table(engine, loaded), loaded.outcomes,
                          at.as_of, tuple(summary.warnings), dict(loaded.summary.rows))  # fmt: skip
    write_report(path, inputs)


def summary_of(engine: Any, documents: Sequence[ModelDocument], loaded: Any, scores: ibis.Table, at: Instants, out: Path) -> Summary:
    """Return the summary of scores that are a table of ``engine``."""
    summary = Summary(format_instant(at.as_of), data=_read(loaded.summary), warnings=_left_out(loaded.summary, at, out))
    counted = scores.group_by("model", "rating").aggregate(leads=lambda table: table.count())
    for document in documents:
        summary.scored[document.name] = 0
        summary.ratings[document.name] = dict.fromkeys(RATINGS, 0)
    for row in engine.arrow(counted).to_pylist():
        summary.scored[row["model"]] += row["leads"]
        summary.ratings[row["model"]][row["rating"] or "excluded"] = row["leads"]
    summary.warnings += [_spaced(table, times, one) for table, (times, one) in loaded.spaced.items()]
    good = loaded.summary.rows.get("leads", 0) - sum(loaded.summary.rejected.get("leads", {}).values())
    summary.warnings[:0] = [
        f"{_counted(good - scored, 'lead')} of {good:,} without a score by {model}: outside its audience, or created later"
        for model, scored in summary.scored.items() if scored < good
    ]  # fmt: skip
    return summary


def _read(read: Any) -> dict[str, Any]:
    return {
        "rows": dict(read.rows),
        "rejected": {table: dict(reasons) for table, reasons in read.rejected.items()},
        "ignored_columns": {table: list(names) for table, names in read.ignored_columns.items()},
        "ignored_activity_types": dict(read.ignored_activity_types),
        "unknown_countries": {table: dict(rows) for table, rows in read.unknown_countries.items()},
        "orphan_activities": read.orphan_activities,
    }


def _left_out(read: Any, at: Instants, out: Path) -> list[str]:
    """Return what was not used, a sentence each."""
    said = []
    if read.rejected_rows:
        said.append(f"{_counted(read.rejected_rows, 'bad row')} set aside with the reason in {rejected_path(out)}")
    for table, names in read.ignored_columns.items():
        if names:
            shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
            said.append(f"{_counted(len(names), 'column')} of {table.replace('_', ' ')} read by no model: {shown}")
    said += [_unknown(table, rows) for table, rows in read.unknown_countries.items() if rows]
    if read.ignored_activity_types:
        shown = ", ".join(f"{name} ({times:,})" for name, times in list(read.ignored_activity_types.items())[:8])
        said.append(f"{_counted(len(read.ignored_activity_types), 'activity type')} read by no rule: {shown}")
    if read.written_in_words:
        first, name = next(iter(read.written_in_words.items()))
        said.append(f'{first!r} is read as {name!r} where --columns "activities.activity_type=<its column>:name" says so')
    good = read.rows.get("activities", 0) - sum(read.rejected.get("activities", {}).values())
    if read.orphan_activities and read.orphan_activities == good:
        said.insert(
            0, f"not one of {_counted(good, 'activity', 'activities')} is of a lead in the file: are the lead ids of both from one system?"
        )
    elif read.orphan_activities:
        or_bad = ", or of one that was set aside" if read.rejected.get("leads") else ""
        said.append(f"{_counted(read.orphan_activities, 'activity', 'activities')} of no lead in the file{or_bad}")
    oldest, newest = read.oldest_activity_us, read.newest_activity_us
    if oldest is not None and oldest > at.as_of:
        said.append(f"every activity is of after the scoring instant, the first of {format_instant(oldest)[:10]}, and counts for nothing")
    if newest is not None and at.as_of - newest > STALE_DAYS * 86_400 * MICROSECONDS:
        day = format_instant(newest)[:10]
        said.append(f"the newest activity is of {day}, long before the scoring instant; --as-of {day} scores as of then")
    return said


def _unknown(table: str, rows: Mapping[str, int]) -> str:
    shown = ", ".join(f"{text!r} ({times:,})" for text, times in list(rows.items())[:8])
    return f"{_counted(sum(rows.values()), 'row')} of {table} name a country that is not known, and keep it as it is: {shown}"


def _spaced(table: str, times: int, one: str) -> str:
    have = f"{_counted(times, 'id')} of {table} {'has' if times == 1 else 'have'}"
    return f"{have} spaces at an end, as {one!r}: with them it is another id than without"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
