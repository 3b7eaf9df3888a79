"""From options to leads with known outcomes and what models said of them: the part that every command shares that proves a model."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from vaglio.cli.examples import Wanted, chosen, declared, doubts, everything, need_outcomes, types_left_out
from vaglio.cli.inputs import Given, instant, read
from vaglio.cli.outcomes import ahead, by_column, come, dated_outcomes, duration
from vaglio.dates import format_instant

FOLDS = 5


@dataclass(frozen=True)
class When:
    """At how many instants leads are looked at, how far apart, and the last of them."""

    number: int = 4
    every: str = "30d"
    last: str | None = None


@dataclass(frozen=True)
class Judged:
    """Leads at instants with what became of them, and what each model said of them."""

    panel: Any
    said: tuple[Any, ...]
    parts: tuple[Any, ...]
    looked_at: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Learner:
    """A method that learns a model for each part from what was known before it."""

    method: str
    full: bool = False
    drop: frozenset[str] = frozenset()
    allow: frozenset[str] = frozenset()
    seed: int = 1


def judged(
    wanted: Wanted, when: When, documents: Sequence[Any], learners: Sequence[Learner], stage: Callable[[str], None] = lambda what: None
) -> Judged:  # fmt: skip
    """Return what models, and models learned on the way, said of leads whose outcome is known.

    Raises
    ------
    DataError
        The files or the outcomes are not as they must be.
    """
    from vaglio.cli.aged import of_documents, of_everything
    from vaglio.evaluation.panel import panel, said
    from vaglio.files import needs

    need_outcomes(wanted)
    _need_heeded(wanted, learners)
    answers: list[Any] = []
    learned: list[str] = []
    rejected = 0
    if documents:
        dates = of_documents(documents) if wanted.at_age is not None else frozenset()
        with _facts(wanted, (needs(documents), dates), when, bool(learners), stage) as (engine, facts, parts, looked_at, loaded):
            rejected = loaded.rejected.num_rows
            rows = panel(parts)
            for each in documents:
                stage(f"scoring {each.name}")
                answers.append(said(each.name, engine, facts, rows, parts, partial(_same, each)))
    if learners:
        reads = declared(wanted)
        learners = [replace(each, drop=chosen("--drop", each.drop, reads), allow=chosen("--allow", each.allow, reads)) for each in learners]
        dates = of_everything(reads) if wanted.at_age is not None else frozenset()
        with _facts(wanted, (everything(reads), dates), when, True, stage) as (engine, facts, parts, looked_at, loaded):
            rejected = loaded.rejected.num_rows
            learned += types_left_out(loaded.summary)
            rows = panel(parts)
            for learner in learners:
                title = f"learned {learner.method}"
                made: dict[str, Any] = {}
                answers.append(said(title, engine, facts, rows, parts, _learned(engine, facts, reads, learner, made, stage)))
                learned += _said_of(title, made)
    notes = (
        *doubts(wanted, documents),
        *_said_of_leads(parts),
        *learned,
        *((f"{rejected:,} bad rows or values were set aside; vaglio score lists them",) if rejected else ()),
    )
    return Judged(rows, tuple(answers), tuple(parts), looked_at, notes)


def _need_heeded(wanted: Wanted, learners: Sequence[Learner]) -> None:
    """Refuse options of a proof that mean nothing beside others."""
    from vaglio.cli.heeded import need_heeded

    if not learners:
        need_heeded("models that are written already", "drop", "allow", "full", "no_value", why="it is about --learn")
    if wanted.outcome_field is not None:
        need_heeded("--outcome-field", "number", "every", "until", why="there is one look, at the leads as they are")
    elif wanted.at_age is not None:
        need_heeded("--at-age", "every", "until", why="each lead is looked at on a day of its own")
    else:
        need_heeded("--outcomes", "as_of", why="--until says which look is the last")


@contextmanager
def _facts(
    wanted: Wanted, needed: tuple[Any, frozenset[str]], when: When, training: bool, stage: Callable[[str], None]
) -> Iterator[Any]:  # fmt: skip
    """Yield the engine, the facts in it, the parts, in words when leads are looked at, and what was read."""
    with read(Given(wanted.paths, wanted.columns), needed[0], stage) as (engine, loaded):
        stage("looking at outcomes")
        facts, parts, looked_at = _parts(engine, loaded, wanted, when, (training, needed[1]))
        yield engine, facts, parts, looked_at, loaded


def _parts(
    engine: Any, loaded: Any, wanted: Wanted, when: When, how: tuple[bool, frozenset[str]]
) -> tuple[Any, list[Any], str]:  # fmt: skip
    from vaglio.evaluation.parts import Known, at_instants, by_cohorts, by_folds, spaced
    from vaglio.learning.examples import at_age

    training, dates = how
    if wanted.outcome_field is not None:
        facts, at, labels = by_column(engine, loaded, wanted, {"dates": dates})
        return facts, by_folds(labels, at, FOLDS, 1), f"{FOLDS} parts of the leads; what is learned is learned from the other parts."
    horizon = duration("--horizon", wanted.horizon)
    told, born = dated_outcomes(engine, loaded)
    outcomes, early = come(told)
    known = Known(outcomes, {lead: since for lead, since in born.items() if lead not in early}, wanted.positive or "won")
    waited = f"outcomes are waited for {wanted.horizon}{ahead(told)}"
    if early:
        waited += f"; {len(early):,} leads with an outcome dated after today are left out"
    if wanted.at_age is not None:
        age = duration("--at-age", wanted.at_age)
        facts, _at = at_age(loaded.facts, age, dates=dates)
        parts = by_cohorts(known, age, horizon, when.number, training=training)
        return facts, parts, f"Each lead is looked at {wanted.at_age} after it was created, and {waited}."
    last = instant("--until", when.last) if when.last is not None else known.end() - horizon
    at = spaced(last, duration("--every", when.every), when.number)
    words = f"Leads are looked at {when.number} times from {format_instant(at[0])[:10]} to {format_instant(last)[:10]}, and {waited}."
    return loaded.facts, at_instants(known, at, horizon, training=training), words


def _same(document: Any, part: Any) -> Any:
    """Return a model that is the same for every part."""
    return document


def _said_of_leads(parts: Sequence[Any]) -> tuple[str, ...]:
    """Return how many leads are not judged, and why."""
    from vaglio.evaluation.parts import left_out

    told = "; ".join(f"{leads:,} {why}" for why, leads in left_out(parts).items())
    last = " at the last look" if len({part.at for part in parts}) > 1 else ""
    return (f"left out{last}: {told}",) if told else ()


def _said_of(title: str, made: dict[str, Any]) -> list[str]:
    """Return what is to be said of models learned for parts: where there was no signal, and all that was said of the last."""
    from vaglio.learning.learn import NO_SIGNAL

    weak = [part for part, learned in made.items() if not learned.is_usable]
    found = [f"{title}: no usable signal was found for {', '.join(weak)}, in what was known before"] if weak else []
    part, last = list(made.items())[-1]
    return found + [f"{title}, for {part}: {text}" for text in last.notes if text != NO_SIGNAL]


def _learned(
    engine: Any, facts: Any, reads: dict[str, Any], learner: Learner, made: dict[str, Any], stage: Callable[[str], None]
) -> Any:  # fmt: skip
    """Return what learns a document for a part, of what was known before it and nothing else; what was learned is put into ``made``."""
    from vaglio.learning.learn import Asked, learn

    def document(part: Any) -> Any:
        training = part.training
        asked = Asked(
            learner.method, f"learned_{learner.method}", learner.full, drop=learner.drop, allow=learner.allow, seed=learner.seed,  # type: ignore[arg-type]
        )  # fmt: skip
        told = training.labels.array
        made[part.name] = learn(engine, reads, facts, training.at, told, asked, lambda what: stage(f"{part.name}: {what}"))
        return made[part.name].document

    return document


def load_models(paths: Sequence[Path]) -> list[Any]:
    """Read model documents; each must have a name of its own."""
    from vaglio.cli.outputs import need_names_apart
    from vaglio.document import load

    documents = [load(path) for path in paths]
    need_names_apart(documents)
    return documents
