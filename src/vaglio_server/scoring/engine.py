"""THE DOOR: the only module that imports the engine. Facts go in as Arrow from one snapshot of the database, scores come out.

The engine takes two seconds to import, so that is left to the first score: a web process that was restarted answers events at once.
"""

import json
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from vaglio.arrow import settle_without_pandas
from vaglio.condition import ALWAYS
from vaglio.document import ModelDocument, fingerprint, loads
from vaglio.document.checks import doubts
from vaglio.errors import Issue
from vaglio.rules.engaged_colleagues import EngagedColleagues
from vaglio.terms import InputType
from vaglio_server.scoring import tables
from vaglio_server.scoring.failing import Failing
from vaglio_server.scoring.logic.given import LEAD, Given, tables_of
from vaglio_server.scoring.logic.outlook import Act, Change, Effect, acts, best, changes
from vaglio_server.scoring.snapshots import Snapshot, Snapshots
from vaglio_server.scoring.tables import Asked, Instants
from vaglio_server.tracking.logic.colleagues import Counted

if TYPE_CHECKING:
    import pyarrow as pa

    from vaglio.engine import Engine
    from vaglio.plan import Facts

    Rows = dict[str, pa.Table]
    Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)
FEW = 12_000  # rows of facts: so many take SQLite as long as DuckDB takes to plan
_DAY = 86_400_000_000  # microseconds
LONG = 100 * 365 * 86_400  # seconds: nobody did anything before

__all__ = ["Instants", "ModelDocument", "Outlook", "Scorer", "document_of", "doubts_of", "fingerprint", "read_document"]


@lru_cache(maxsize=64)
def document_of(text: str) -> ModelDocument:
    """Return a parsed model; versions never change, so each is parsed once.

    Raises
    ------
    DocumentError
        The text is no model; it names every fault with its line.
    """
    return loads(text)


def read_document(text: str) -> ModelDocument:
    """Return a model that nobody has kept yet, as :func:`document_of` does: each key that is typed would push a version out of that."""
    return loads(text)


@lru_cache(maxsize=16)  # while a text is typed, the version that it began with is asked for at each key
def doubts_of(text: str) -> tuple[Issue, ...]:
    """Return what is doubtful about a text that is a model, as ``vaglio check`` says it."""
    return tuple(doubts(text))


class Scorer:
    """Engines with a connection of their own to the facts; kept open by whoever scores often, and used by one thread at a time."""

    def __init__(self, database: dict[str, Any]) -> None:
        self._snapshots = Snapshots(database)
        self._engines: dict[str, Engine] = {}
        self._too_much: deque[str] = deque(maxlen=64)  # fingerprints
        self.failing = Failing()

    def close(self) -> None:
        """Let go of the connection and the engines."""
        self._snapshots.close()
        for engine in self._engines.values():
            engine.close()

    def check(self) -> None:
        """Let go of a connection that was lost since it was last used; the next question opens another."""
        self._snapshots.check()

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Give a snapshot of the facts and its instant."""
        return self._snapshots.take()

    def _facts(self, snapshot: Snapshot, document: ModelDocument, asked: Asked) -> "Rows":
        """Fetch the facts of some leads for a model."""
        inputs = document.inputs
        queries = {
            "leads": tables.leads(document, asked),
            "accounts": tables.accounts(document, asked) if inputs.account_fields else None,
            "activities": tables.activities(document, asked) if inputs.activities else None,
            "field_changes": tables.field_changes(document, asked) if asked.history else None,
            "lists": tables.lists(document, asked) if document.lists() else None,
        }
        return {
            name: tables.in_microseconds(snapshot.cursor.execute(query).fetch_arrow_table()) for name, query in queries.items() if query
        }

    def _answer(self, document: ModelDocument, rows: "Rows", ask: "Callable[[Engine, Facts], Answer]") -> "Answer":
        """Ask the engine that is quicker with so many facts; of a document that is too much for SQLite, always the other."""
        from vaglio.errors import EngineError
        from vaglio.kept import PLANS

        if sum(each.num_rows for each in rows.values()) <= FEW and PLANS.mark(document) not in self._too_much:
            try:
                return ask(*self._loaded("few", rows))
            except EngineError as error:
                logger.warning("model %s is scored by DuckDB: %s", document.name, error)
                self._too_much.append(PLANS.mark(document))
        return ask(*self._loaded("many", rows))

    def _loaded(self, kind: str, rows: "Rows") -> tuple["Engine", "Facts"]:
        """Return an engine, made when it is first needed, with facts in it."""
        from vaglio.plan import Facts

        if kind not in self._engines:
            self._engines[kind] = _few() if kind == "few" else _many()
        engine = self._engines[kind]
        return engine, Facts(**{name: engine.load(f"facts_{name}", each) for name, each in rows.items()})

    def export(self, document: ModelDocument, folder: Path) -> dict[str, int]:
        """Write the facts a model reads, with their whole history, as Parquet files for ``vaglio score``; return the rows of each file."""
        from pyarrow import parquet

        asked = Asked(None, history=True)
        with self.snapshot() as snapshot:
            found = {name: snapshot.cursor.execute(query).fetch_arrow_table() for name, query in tables.files(document, asked).items()}
        for name, rows in found.items():
            parquet.write_table(rows, folder / f"{name}.parquet")
        return {name: rows.num_rows for name, rows in found.items()}

    def course(self, document: ModelDocument, instants: Sequence[int]) -> Iterator["pa.Table"]:
        """Yield the scores, with ``lines``, of all leads as they were known at each of some past instants [microseconds UTC]."""
        import pyarrow as pa

        from vaglio.plan import Instants as EngineInstants
        from vaglio.scoring import score_tables

        with self.snapshot() as snapshot:
            rows = self._facts(snapshot, document, Asked(None, history=True))
        engine, facts = self._loaded("many", rows)
        for at in instants:
            found = tables.with_lines(*score_tables(engine, document, facts, EngineInstants(at, at)))
            yield found.append_column("next_change_at", pa.nulls(found.num_rows, pa.timestamp("us", "UTC")))

    @contextmanager
    def history(self, document: ModelDocument, lead_ids: Sequence[int]) -> "Iterator[tuple[Engine, Facts]]":
        """Give an engine with everything that a model reads of some leads, and of those whom its rules count, as it ever was."""
        with self.snapshot() as snapshot:
            near = _colleagues(snapshot, document, Asked(tuple(lead_ids), history=True))
            rows = self._facts(snapshot, document, Asked((*lead_ids, *near), history=True))
        yield self._loaded("many", rows)

    def scores(self, snapshot: Snapshot, document: ModelDocument, lead_ids: Sequence[int]) -> "pa.Table":
        """Return the score of each lead that has one, as of the snapshot's instant, with ``next_change_at`` and ``lines``."""
        rows = self._facts(snapshot, document, _with_what_counts(snapshot, document, lead_ids))
        found = self._scored(document, rows, Instants(snapshot.at_us, snapshot.at_us), next_change=True)
        return tables.of_leads(found, lead_ids)

    def warm(self, document: ModelDocument) -> None:
        """Write the plans of a model for both engines ahead: the first score in a process would wait for seconds."""
        from vaglio.errors import EngineError
        from vaglio.plan import Instants as EngineInstants
        from vaglio.scoring import score_tables

        with self.snapshot() as snapshot:
            rows = self._facts(snapshot, document, Asked(()))
        for kind in ("few", "many"):
            engine, facts = self._loaded(kind, rows)
            with suppress(EngineError):  # of a document that is too much for SQLite; whoever scores says so
                score_tables(engine, document, facts, EngineInstants(snapshot.at_us, snapshot.at_us), next_change=True)

    def warm_why(self, document: ModelDocument) -> None:
        """Write the plans ahead that explain a lead and say what comes next: the first such page of a process would wait for seconds."""
        from vaglio.errors import EngineError
        from vaglio.plan import Instants as EngineInstants
        from vaglio.scoring import prepare_explanations, score_tables

        with self.snapshot() as snapshot:
            rows = self._facts(snapshot, document, Asked((), snapshot.at_us, history=True))
        engine, facts = self._loaded("few", rows)
        instants = EngineInstants(snapshot.at_us, snapshot.at_us)
        with suppress(EngineError):  # of a document that is too much for SQLite; whoever explains says so
            prepare_explanations(engine, document, facts, instants)
            score_tables(engine, document, facts, instants)

    def _scored(self, document: ModelDocument, rows: "Rows", at: Instants, *, next_change: bool = False) -> "pa.Table":
        from vaglio.plan import Instants as EngineInstants
        from vaglio.scoring import score_tables

        instants = EngineInstants(at.as_of, at.known_at)
        found = self._answer(document, rows, lambda engine, facts: score_tables(engine, document, facts, instants, next_change=next_change))
        return tables.with_lines(*found)

    def _past(self, document: ModelDocument, lead_id: int, at: Instants) -> "Rows":
        """Fetch everything that can touch a lead's score at past instants, with what fields held before."""
        with self.snapshot() as snapshot:
            ids = (lead_id, *_colleagues(snapshot, document, Asked((lead_id,), history=True)))
            return self._facts(snapshot, document, Asked(ids, at.known_at, history=True))

    def explanation(self, document: ModelDocument, lead_id: int, at: Instants) -> Any:
        """Return why a lead has its score at some instants, down to the activities; None when it had none."""
        from vaglio.plan import Instants as EngineInstants
        from vaglio.scoring import explain_among

        rows, instants = self._past(document, lead_id, at), EngineInstants(at.as_of, at.known_at)
        return self._answer(document, rows, lambda engine, facts: explain_among(engine, document, facts, instants, str(lead_id)))

    def given(self, document: ModelDocument, given: Given, at: Instants) -> tuple[Any, dict[str, int]]:
        """Return why a lead that is not stored has its score (None: it has none), and how often something was given that the model ignores.

        Raises
        ------
        Misfit
            A value is not of its declared type.
        """
        from vaglio.plan import Instants as EngineInstants
        from vaglio.scoring import explain_among

        found, instants = tables_of(document, given), EngineInstants(at.as_of, at.known_at)
        rows = {name: _arrow(columns, found.kinds.get(name, {})) for name, columns in found.columns.items()}
        explained = self._answer(document, rows, lambda engine, facts: explain_among(engine, document, facts, instants, LEAD))
        return explained, found.ignored

    def outlook(self, document: ModelDocument, lead_id: int, now: Instants) -> "Outlook | None":
        """Return when a lead's rating changes if nothing happens, and what one activity more would do; None where it has no score.

        Of leads with so many facts at their company that each look takes long, nothing is said.
        """
        rows = self._past(document, lead_id, now)
        if sum(each.num_rows for each in rows.values()) > FEW:
            return None

        def row_at(instant: int, rows: "Rows") -> dict[str, Any] | None:
            found = tables.of_leads(self._scored(document, rows, Instants(instant, now.known_at)), [lead_id]).to_pylist()
            return found[0] if found else None

        first = row_at(now.as_of, rows)
        if first is None:
            return None

        def rating_after(days: int) -> str | None:
            row = row_at(now.as_of + days * _DAY, rows)
            return row["rating"] if row else None

        effects = []
        for act in acts(document):
            row = row_at(now.as_of, rows | {"activities": _with_act(rows["activities"], act, lead_id, now.as_of)})
            if row is not None:
                effects.append(Effect(act, row["engagement_millipoints"] - first["engagement_millipoints"], row["rating"]))
        return Outlook(first["rating"], changes(first["rating"], rating_after), best(effects, document.rank_order(), first["rating"]))

    def replay(self, document: ModelDocument, lead_id: int, at: Instants) -> dict[str, Any] | None:
        """Return the score a lead had at some instants, with its ``lines``, from the facts as they were known; None when it had none."""
        found = self._scored(document, self._past(document, lead_id, at), at)
        rows = tables.of_leads(found, [lead_id]).to_pylist()
        return rows[0] | {"lines": json.loads(rows[0]["lines"])} if rows else None


def looked_back(document: ModelDocument) -> dict[str, int]:
    """Return how far back rules look at activities, by type [seconds]; types that none gives points for are missing."""
    from vaglio.plan.readers import looked_back as far

    return far(document)


@dataclass(frozen=True)
class Outlook:
    """A rating now, when it changes if nothing happens, and what one activity more would do."""

    rating: str | None
    changes: list[Change]
    effects: list[Effect]


def _with_act(rows: "pa.Table", act: Act, lead_id: int, at_us: int) -> "pa.Table":
    """Return activities with one more, done now."""
    import pyarrow as pa

    own = {"lead_id": str(lead_id), "activity_type": act.activity_type, "occurred_us": at_us, "received_us": at_us}
    own |= {f"p_{name}": value for name, value in act.properties}
    one = [pa.array([_typed(own.get(field.name), field.type)], field.type) for field in rows.schema]
    return pa.concat_tables([rows, pa.table(one, schema=rows.schema)])


def _typed(value: Any, kind: "pa.DataType") -> Any:
    """Return a value of a document as a column takes it; one that the column cannot hold is none."""
    import pyarrow as pa

    if isinstance(value, Decimal | bool):
        value = float(value) if isinstance(value, Decimal) else int(value)
    return None if isinstance(value, str) and not pa.types.is_string(kind) else value


def _arrow(columns: dict[str, list[Any]], kinds: dict[str, InputType]) -> "pa.Table":
    """Return columns as Arrow, each with the type that the engine reads."""
    import pyarrow as pa

    settle_without_pandas()
    kept = {"string": pa.string(), "number": pa.float64()}

    def kind(name: str) -> Any:
        if name in kinds:
            return kept.get(kinds[name], pa.int64())
        return pa.bool_() if name == "is_machine" else pa.int64() if name.endswith("_us") else pa.string()

    return pa.table({name: pa.array(values, kind(name)) for name, values in columns.items()})


def _few() -> "Engine":
    from vaglio.engines.sqlite import SQLiteEngine

    return SQLiteEngine()


def _many() -> "Engine":
    from vaglio.engines.duckdb import DuckDBEngine

    return DuckDBEngine(threads=1)


def _colleagues(snapshot: Snapshot, document: ModelDocument, asked: Asked) -> tuple[int, ...]:
    """Return everybody else at the accounts of leads, where a rule asks about colleagues."""
    if not _asking(document):
        return ()
    rows = snapshot.cursor.execute(tables.colleagues(asked)).fetch_arrow_table()
    return tuple(rows.column("id").to_pylist())


def _asking(document: ModelDocument) -> list[EngagedColleagues]:
    return [rule for _axis, rule in document.rules() if isinstance(rule, EngagedColleagues)]


def colleagues_counted(document: ModelDocument) -> list[Counted]:
    """Return what counts somebody among the active people of a company, by the rules of a model."""
    found = []
    for rule in _asking(document):
        match, within = rule.match(), rule.within
        types = frozenset(match.types or document.inputs.activities)
        found.append(Counted(types, timedelta(seconds=within) if within and within < LONG else None, match.where != ALWAYS))
    return found


def _with_what_counts(snapshot: Snapshot, document: ModelDocument, lead_ids: Sequence[int]) -> Asked:
    """Return what to fetch for scores as of now: of colleagues, only what rules count that ask about them.

    What is older than the longest of their windows counts never again; a day more does no harm.
    """
    rules = _asking(document)
    types = {name for rule in rules for name in (rule.match().types or document.inputs.activities)}
    longest = max((rule.within or LONG for rule in rules), default=0)
    since = None if longest >= LONG else snapshot.at_us - (longest + 86_400) * 1_000_000
    near = _colleagues(snapshot, document, Asked(tuple(lead_ids)))
    return Asked(tuple(lead_ids), near=near, near_types=tuple(sorted(types)), near_us=since)
