"""``vaglio score --changed-since --previous``: earlier scores brought forward, and what is written and said of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaglio.aside import together
from vaglio.cli.inputs import instant
from vaglio.cli.outputs import Summary, Wanted, need_names_apart, summary_of
from vaglio.cli.writer import Writer
from vaglio.document import ModelDocument
from vaglio.errors import DataError
from vaglio.files.earlier import Earlier, hold_earlier, open_earlier
from vaglio.incremental import rescore, with_digests
from vaglio.paths import table_name
from vaglio.plan import Instants
from vaglio.plan.due import Remembered
from vaglio.scoring import score


@dataclass(frozen=True)
class Since:
    """The earlier scores, and the instant [microseconds UTC] from which on something may have become known that is not in them."""

    previous: Path
    instant: int


def asked(changed_since: str | None, previous: Path | None, wanted: Wanted) -> Since | None:
    """Return what a call wants to start from, or None for nothing.

    Raises
    ------
    DataError
        ``previous_unsaid``: one of the two options is missing; ``scores_only``; ``date_invalid``.
    """
    if changed_since is None and previous is None:
        return None
    if changed_since is None or previous is None:
        said = "--changed-since needs the earlier scores" if previous is None else "--previous does not say what may be missing in it"
        raise DataError("previous_unsaid", said, "give both --changed-since and --previous")
    others = {"--contributions": wanted.contributions, "--activities-detail": wanted.detail, "--report": wanted.report, "--top": wanted.top}
    named = [option for option, value in others.items() if value]
    if named:
        said = f"{named[0]} shows why each lead has its score, and most are not scored with --changed-since"
        raise DataError("scores_only", said, f"leave out {' and '.join(named)}, or score all leads")
    return Since(previous, instant("--changed-since", changed_since))


def run_since(engine: Any, documents: Sequence[ModelDocument], loaded: Any, at: Instants, since: Since, out: Path,
              stage: Callable[[str], None]) -> Summary:  # fmt: skip
    """Score who is due, write all scores, and return the summary; ``stage`` is told what is under way."""
    need_names_apart(documents)
    stage("reading earlier scores")
    earlier = _opened(engine, loaded.reader, since.previous)
    earlier.check(documents, at, since.instant)
    stage("scoring")
    forward = _Forward(engine, loaded, at, since, earlier)
    tables = [(document, forward.bring(document)) for document in sorted(documents, key=lambda document: document.name)]
    stage("writing")
    whole, writer = earlier.whole(tables, at.known_at), Writer(engine, loaded.reader)
    summary = summary_of(loaded.reader, documents, loaded, whole, at, out)
    summary.warnings += forward.notes
    summary.carried_over = {name: summary.scored[name] - number for name, number in forward.scored.items()}
    with together(), writer.at_once():
        writer.write_brought(whole, out)
        writer.write_rejected(loaded.rejected, out)
    summary.files = [str(out)]
    stage("")
    return summary


def _opened(engine: Any, reader: Any, previous: Path) -> Earlier:
    name = table_name(previous)
    if name is None:
        return open_earlier(reader, previous)
    if engine is reader:
        raise DataError("table_unheld", f"{previous} is a table, and duckdb holds none", "say where it is: --engine postgres or spark")
    table, _types = engine.find(name, "previous scores")
    return hold_earlier(reader, name, engine.arrow(table))


class _Forward:
    """One run: models are brought forward one by one; ``scored`` counts rows that are new, ``notes`` says what is worth knowing."""

    def __init__(self, engine: Any, loaded: Any, at: Instants, since: Since, earlier: Earlier) -> None:
        self._engine = engine
        self._loaded = loaded
        self._at = at
        self._since = since
        self._earlier = earlier
        self.scored: dict[str, int] = {}
        self.notes: list[str] = []

    def bring(self, document: ModelDocument) -> str:
        """Return the name of a table of all scores of a model."""
        if not self._earlier.is_of(document):
            self.notes.append(
                f"{document.name} is another version than {self._since.previous} was scored with: all leads were scored again"
            )
            return self._scored_whole(document)
        facts = self._loaded.facts
        remembered = self._there("remembered", self._earlier.remembered(document))
        rescored = rescore(self._engine, document, Remembered(**vars(facts), previous=remembered, recent=self._loaded.recent), self._at,
                           self._since.instant)  # fmt: skip
        try:
            return self._merged(document, rescored.scores, rescored.dropped)
        finally:
            rescored.close()

    def _scored_whole(self, document: ModelDocument) -> str:
        facts = self._loaded.facts
        scored = with_digests(self._engine, [document], facts, self._at, score(self._engine, [document], facts, self._at, next_change=True))
        try:
            return self._merged(document, scored.scores, None)
        finally:
            scored.close()

    def _merged(self, document: ModelDocument, scores: Any, dropped: Any) -> str:
        reader = self._loaded.reader
        rows = self._here("rescored", scores)
        gone = None if dropped is None else reader.typed_sql(self._here("dropped", dropped))
        self.scored[document.name] = int(reader.arrow(rows.count().as_table()).to_pydict().popitem()[1][0])
        return self._earlier.merged(document, reader.typed_sql(rows), gone)

    def _here(self, name: str, table: Any) -> Any:
        """Return a table of the engine as one of the reader, which reads and writes files."""
        return table if self._engine is self._loaded.reader else self._loaded.reader.load(name, self._engine.arrow(table))

    def _there(self, name: str, table: Any) -> Any:
        """Return a table of the reader as one of the engine."""
        return table if self._engine is self._loaded.reader else self._engine.load(name, self._loaded.reader.arrow(table))
