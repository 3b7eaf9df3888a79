"""From options to leads with known outcomes: the part that every command shares that learns from them or proves a model on them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaglio.cli.inputs import Given, instants, read
from vaglio.cli.outcomes import ahead, by_column, come, created_of, dated_outcomes, duration, told_early, with_outcome
from vaglio.dates import format_instant
from vaglio.errors import DataError
from vaglio.paths import Paths

SHOWN = 5  # activity types in a note
SAID_AS_NOTHING = ("select", "n/a", "na", "null", "none", "-", "--", "(none)", "not provided")


@dataclass(frozen=True)
class Wanted:
    """The options of one call that say which leads, and what counts as a good outcome."""

    paths: Paths
    columns: Sequence[str] = ()
    outcome_field: str | None = None
    positive: str | None = None
    horizon: str = "90d"
    at_age: str | None = None
    as_of: str | None = None
    no_value: Sequence[str] = ()


@dataclass(frozen=True)
class Examples:
    """Facts as they were when leads were looked at, and what became of them.

    ``declared`` is the ``inputs`` section of a document that reads everything; ``looked_at`` says in words when that was, and ``when``
    as documents record it.
    """

    engine: Any
    facts: Any
    at: Any
    declared: dict[str, Any]
    labels: Any
    looked_at: str
    when: Any
    history: Any = None
    rejected: Any = None
    doubts: tuple[str, ...] = ()


@contextmanager
def examples(
    wanted: Wanted, stage: Callable[[str], None] = lambda what: None, documents: Sequence[Any] = (), beside: Any = None, least: int = 0
) -> Iterator[Examples]:  # fmt: skip
    """Yield the leads to learn from, or, with ``documents``, all that these read of them; the engine is gone afterwards.

    ``beside``: a document that reads the same leads as the learner does, and says what types their fields have. ``least``: so many leads
    of either outcome there must be.

    Raises
    ------
    DataError
        The files or the outcomes are not as they must be.
    """
    from vaglio.cli.heeded import need_heeded
    from vaglio.files import needs
    from vaglio.learning.history import history_of

    need_outcomes(wanted)
    if documents:
        need_heeded("a model that is judged", "no_value", why="the model says what means not filled")
    reads = declared(wanted)
    if beside is not None:
        reads |= _as_declared(reads, beside)
    needed = with_outcome(needs(documents) if documents else everything(reads, beside), wanted)
    with read(Given(wanted.paths, wanted.columns), needed, stage) as (engine, loaded):
        aging = _aging(wanted, documents, reads, beside)
        facts, at, labels, looked_at = _looked_at(engine, loaded, wanted, aging)
        _need_some(labels, looked_at, least)
        history = history_of(engine, loaded.facts, labels.came, is_aged=wanted.at_age is not None)
        looked_at = f"{_window(engine, loaded, labels, wanted)} {looked_at}".strip()
        yield Examples(
            engine,
            facts,
            at,
            reads,
            labels,
            looked_at,
            _when(engine, loaded, labels, wanted, at),
            history,
            loaded.rejected,
            (
                *doubts(wanted, [*documents, *([beside] if beside is not None else ())]),
                *_of_companies(wanted, documents, aging),
                *(() if documents else types_left_out(loaded.summary)),
            ),
        )


def everything(reads: dict[str, Any], beside: Any = None) -> Any:
    """Return what files must hold so that all that a document ``reads`` can be learned from; and what another reads ``beside``."""
    from vaglio.files import Needs, needs

    own = needs([beside]) if beside is not None else Needs()
    properties = {name: kind for each in reads["activities"].values() for name, kind in each.items()}
    return Needs(
        reads["fields"] | own.fields, reads["account_fields"] | own.account_fields, properties | own.properties,
        frozenset(reads["activities"]) | own.activity_types, own.lists, tuple(reads["no_value"]),
    )  # fmt: skip


def _need_some(labels: Any, looked_at: str, least: int) -> None:
    """Refuse outcomes of nobody who was there when leads are looked at, and say who was left out; and of fewer than so many of either."""
    from numpy import array

    from vaglio.learning.enough import need_both

    if not labels.of:
        why = "; ".join(f"{leads:,} {why}" for why, leads in labels.left_out.items()) or "there are no leads"
        said = f"no lead with a known outcome was there on the day that leads are looked at ({why}). {looked_at}".strip().removesuffix(".")
        raise DataError("no_leads_in_time", said,
                        "choose a shorter --horizon or another --as-of, or check created_at and the outcomes")  # fmt: skip
    if least:
        need_both(array(list(labels.of.values())), least)


def _window(engine: Any, loaded: Any, labels: Any, wanted: Wanted) -> str:
    """Return in words when leads were created, and, where nothing else says how far facts reach, the newest activity."""
    born = [since for lead, since in created_of(engine, loaded).items() if since is not None and lead in labels.of]
    said = f"They were created from {format_instant(min(born))[:10]} to {format_instant(max(born))[:10]}." if born else ""
    newest = loaded.summary.newest_activity_us
    if wanted.outcome_field is not None and wanted.at_age is None and newest is not None:
        said += f" The newest activity is of {format_instant(newest)[:10]}."
    return said.strip()


def _when(engine: Any, loaded: Any, labels: Any, wanted: Wanted, at: Any) -> Any:
    """Return when leads were looked at. Where nothing says up to when facts were known, that is the newest instant that the files hold: the
    same files make the same document, whatever the day.
    """
    from vaglio.learning.origin import When

    born = sorted(since for lead, since in created_of(engine, loaded).items() if since is not None and lead in labels.of)
    age = duration("--at-age", wanted.at_age) if wanted.at_age is not None else None
    horizon = duration("--horizon", wanted.horizon) if wanted.paths.outcomes is not None else None
    if age is not None:
        watermark = born[-1] + age if born else None
    elif wanted.as_of is not None or wanted.outcome_field is None:
        watermark = at.known_at
    else:
        newest = [each for each in (born[-1] if born else None, loaded.summary.newest_activity_us) if each is not None]
        watermark = min(at.known_at, max(newest)) if newest else None
    return When(born[0] if born else None, born[-1] if born else None, watermark, age, horizon)


def chosen(option: str, names: frozenset[str], reads: dict[str, Any]) -> frozenset[str]:
    """Return the fields and activity types that an option names, as a document calls them.

    Raises
    ------
    DataError
        There is none of that name.
    """
    from vaglio.text import snake_case

    there = [*reads["fields"], *(f"account.{name}" for name in reads["account_fields"]), *reads["activities"]]
    found = {name: name if name in there else snake_case(name) for name in names}
    unknown = sorted(name for name, called in found.items() if called not in there)
    if unknown:
        shown = ", ".join(there[:20]) + (f" and {len(there) - 20} more" if len(there) > 20 else "")
        raise DataError(
            "input_unknown", f"{option} names {', '.join(unknown)}, which is no field and no activity type", f"there are {shown}"
        )
    return frozenset(found.values())


def need_outcomes(wanted: Wanted) -> None:
    """Refuse options that do not say, or say twice, what became of the leads, and those that mean nothing beside that."""
    from vaglio.cli.heeded import need_heeded

    if (wanted.outcome_field is None) == (wanted.paths.outcomes is None):
        raise DataError("outcomes_missing", "what became of the leads is not said, or said twice",
                        "give either --outcome-field NAME or --outcomes FILE")  # fmt: skip
    if wanted.outcome_field is not None:
        need_heeded("--outcome-field", "horizon", why="its outcomes have no dates")
    if wanted.at_age is not None:
        need_heeded("--at-age", "as_of", why="each lead is looked at on a day of its own")


def _as_declared(reads: dict[str, Any], document: Any) -> dict[str, Any]:
    """Return the fields of files with the types that a document gives them, and its texts that mean no value."""
    inputs = document.inputs
    kinds = {"fields": inputs.fields, "account_fields": inputs.account_fields}
    found: dict[str, Any] = {
        section: {name: own.get(name, kind) for name, kind in reads[section].items()} for section, own in kinds.items()
    }  # fmt: skip
    # A property that the document reads as something else than text is none to look at as a text.
    other = {name for name, kind in inputs.property_types().items() if kind != "string"}
    found["activities"] = {
        kind: {name: its[name] for name in its if name not in other} for kind, its in reads["activities"].items()
    }  # fmt: skip
    return found | {"no_value": list(dict.fromkeys([*reads["no_value"], *inputs.no_value]))}


def declared(wanted: Wanted) -> dict[str, Any]:
    """Return everything that the files hold, as the ``inputs`` section of a document."""
    from vaglio.files import ColumnMap
    from vaglio.files.look import activity_types, columns, texts_of_activities
    from vaglio.text import snake_case

    called = ColumnMap.parse(list(wanted.columns))
    taken = {snake_case(mapping.column) for mapping in called.mappings}
    taken.add(snake_case(wanted.outcome_field or ""))
    found: dict[str, Any] = {"fields": {}, "account_fields": {}, "activities": {}}
    nothing = {text.lower() for text in wanted.no_value} | set(SAID_AS_NOTHING)
    spelled = dict.fromkeys(wanted.no_value)
    for section, path in (("fields", wanted.paths.leads), ("account_fields", wanted.paths.accounts)):
        for name, kind, common in columns(path) if path is not None else ():
            if name not in taken:
                found[section][name] = kind
            spelled |= dict.fromkeys(value for value in common if value.lower() in nothing)
    if wanted.paths.activities is not None:
        said = {name: "string" for name in texts_of_activities(wanted.paths.activities) if name not in taken}
        found["activities"] = {name: dict(said) for name in activity_types(wanted.paths.activities, called).named}
    return found | {"no_value": list(spelled)}


def _aging(wanted: Wanted, documents: Sequence[Any], reads: dict[str, Any], beside: Any) -> dict[str, Any]:
    """Return how companies and dates are set with clocks, as :func:`vaglio.learning.examples.at_age` takes it."""
    from vaglio.cli.aged import counts_colleagues, of_documents, of_everything

    if wanted.at_age is None:
        return {}
    together = bool(counts_colleagues(documents))
    dates = of_documents(documents, together=together) if documents else of_everything(reads, [beside] if beside is not None else [])
    return {"together": together, "dates": dates}


def _looked_at(engine: Any, loaded: Any, wanted: Wanted, aging: dict[str, Any]) -> tuple[Any, Any, Any, str]:
    """Return facts, instants, labels, and in words when leads were looked at."""
    from vaglio.learning.examples import Moment, at_age, by_outcomes
    from vaglio.plan import Instants

    if wanted.outcome_field is not None:
        said = f"Each was looked at {wanted.at_age} after it was created." if wanted.at_age is not None else ""
        return *by_column(engine, loaded, wanted, aging), said
    horizon = duration("--horizon", wanted.horizon)
    told, born = dated_outcomes(engine, loaded)
    outcomes, early = come(told)
    created = {lead: since for lead, since in born.items() if lead not in early}
    good = wanted.positive or "won"
    waited = f"and the outcome {good!r} was waited for {wanted.horizon}{ahead(told)}"
    if wanted.at_age is not None:
        age = duration("--at-age", wanted.at_age)
        facts, aged = at_age(loaded.facts, age, **aging)
        labels = told_early(by_outcomes(outcomes, created, good, Moment(0, horizon, age)), early)
        return facts, aged, labels, f"Each was looked at {wanted.at_age} after it was created, {waited}."
    dated = [occurred for _lead, _kind, occurred in outcomes if occurred is not None]
    at = instants(wanted.as_of, None).as_of if wanted.as_of is not None else max(dated, default=0) - horizon
    labels = told_early(by_outcomes(outcomes, created, good, Moment(at, horizon)), early)
    return loaded.facts, Instants(at, at), labels, f"They were looked at on {format_instant(at)[:10]}, {waited}."


def keep_rejected(found: Examples, out: Path) -> tuple[str, ...]:
    """Write the rows that could not be read beside a document; return what is to be said of them."""
    from vaglio.files import write_rejected

    path = write_rejected(found.rejected, out)
    return (f"{found.rejected.num_rows:,} bad rows or values set aside with the reason in {path}",) if path else ()


def doubts(wanted: Wanted, documents: Sequence[Any] = ()) -> tuple[str, ...]:
    """Return what the files leave open for these models."""
    from vaglio.cli.aged import counts_colleagues
    from vaglio.cli.left_open import unlisted

    found = []
    if wanted.paths.outcomes is not None and wanted.paths.field_changes is None:
        found.append("fields are read as they are now, not as they were when leads were looked at; --field-changes gives their history")
    if wanted.outcome_field is not None and wanted.paths.activities is not None and wanted.as_of is None and wanted.at_age is None:
        found.append("all that leads did is looked at, also after their outcome; --as-of, --at-age or dated --outcomes look before it")
    found += unlisted(documents, wanted.paths)
    colleagues = counts_colleagues(documents)
    if colleagues and wanted.at_age is not None:
        found.append(f"with --at-age it is not known what colleagues had done by then, so {', '.join(colleagues)} cannot be judged fairly")
    return tuple(found)


def types_left_out(summary: Any) -> tuple[str, ...]:
    """Return what is to be said of activity types that are in the files and not learned from."""
    ignored = summary.ignored_activity_types
    if not ignored:
        return ()
    common = sorted(ignored, key=lambda name: (-ignored[name], name))
    shown = ", ".join(f"{name!r} ({ignored[name]:,})" for name in common[:SHOWN]) + (" and others" if len(common) > SHOWN else "")
    are = "1 activity type is" if len(common) == 1 else f"{len(common):,} activity types are"
    return (f"{are} not looked at, {sum(ignored.values()):,} activities: {shown}; those of letters, digits and _ are, the 50 commonest",)


def _of_companies(wanted: Wanted, documents: Sequence[Any], aging: dict[str, Any]) -> tuple[str, ...]:
    """Return what is to be said where companies stay together at an age: their history is not seen."""
    told = sorted({f"account.{name}" for each in documents for name in each.inputs.account_fields})
    if not (told and aging.get("together") and wanted.paths.field_changes is not None):
        return ()
    return (f"where colleagues are counted, companies are read as they are now, so {', '.join(told)} may know what came later",)
