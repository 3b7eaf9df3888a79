"""The door's other leaf: a version proved on what the database remembers, and a model learned from it, by the engine's own verbs.

Everything is heavy and runs in a process of a worker's; nothing here is imported before it is asked for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from vaglio_server.scoring.engine import ModelDocument, Scorer

if TYPE_CHECKING:
    from vaglio.evaluation.parts import Part

DAY = 86_400_000_000  # microseconds
LOOKS, APART = 4, 30 * DAY  # how often leads are looked at, and how far apart
MARGIN = 0.02  # AUC


@dataclass(frozen=True)
class Memory:
    """What is remembered of some leads: when each was created, and what became of them [µs UTC]; ``good`` is the outcome that counts."""

    lead_ids: Sequence[int]
    created: Mapping[str, int]
    outcomes: Sequence[tuple[str, str, int]]
    good: str
    horizon: int


@dataclass(frozen=True)
class Asked:
    """What to prove, and what to learn beside it: nothing without a ``method``. ``reads``: everything that may be learned from."""

    document: ModelDocument
    memory: Memory
    method: str = ""
    reads: Mapping[str, Any] = field(default_factory=dict)
    name: str = "learned"
    language: str = "en"


@dataclass(frozen=True)
class Found:
    """A study as plain values, figures for a line in a list, and the text of what was learned, empty where nothing was."""

    study: dict[str, Any]
    figures: dict[str, Any]
    text: str


class NotProved(Exception):
    """What is missing, and what to do, as a sentence each."""


@contextmanager
def _said() -> Iterator[None]:
    """Turn what the engine says of data that cannot be proved on into what a page says."""
    from vaglio.errors import DataError
    from vaglio_server.scoring.advice import advice

    try:
        yield
    except DataError as error:
        hint = advice(error)
        raise NotProved(f"{error.message}; {hint}" if hint else error.message) from error


def is_learning_there() -> bool:
    """Whether the libraries that learning needs are installed."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("scipy", "interpret"))


def prove(scorer: Scorer, asked: Asked, said: Callable[[str, float], None]) -> Found:
    """Prove a version, and a model learned beside it, at past instants; ``said`` is told what is done and how far it is (0-1).

    Raises
    ------
    NotProved
        Too little is remembered.
    """
    from vaglio.evaluation.backtest import Terms, backtest
    from vaglio.evaluation.panel import panel
    from vaglio.report.proof import proof_study
    from vaglio.report.study import as_data
    from vaglio.report.words import speaking

    with speaking(asked.language), _said():
        said("outcomes", 0.0)
        parts = _parts(asked)
        rows = panel(parts)
        proved, sections = _proved(scorer, asked, parts, rows, said)
        answers, text, notes = [proved], "", ()
        if asked.method:
            learned, text, notes = _learned(scorer, asked, parts, rows, said)
            answers.append(learned)
        said("intervals", 0.9)
        made = backtest(rows, answers, Terms(MARGIN))
        study = proof_study(made, answers, _looked_at(parts, asked.memory), notes)
    return Found(as_data(replace(study, sections=[*study.sections, *sections])), _figures(made), text)


def _parts(asked: Asked) -> "list[Part]":
    """Return the past instants at which leads are looked at: as many as the memory has, up to four."""
    from vaglio.errors import DataError
    from vaglio.evaluation.parts import Known, at_instants, spaced

    memory = asked.memory
    known = Known(memory.outcomes, dict(memory.created), memory.good)
    first = min((at for _lead, kind, at in memory.outcomes if kind == memory.good), default=0)
    last = known.end() - memory.horizon
    wanted = [at for at in spaced(last, APART, LOOKS) if at > first - memory.horizon] or [last]
    for number in range(len(wanted), 0, -1):  # the earliest may have nothing before it to learn from
        try:
            found = at_instants(known, wanted[-number:], memory.horizon, training=bool(asked.method))
            return [part for part in found[:-1] if not asked.method or _is_enough(part)] + found[-1:]
        except DataError:
            if number == 1:
                raise
    return []


def _is_enough(part: "Part") -> bool:
    """Return whether there was enough before a part to learn from; of the last one, learning itself says what is missing."""
    from vaglio.learning.learn import LEAST

    labels = list(part.training.labels.of.values()) if part.training else []
    return min(sum(labels), len(labels) - sum(labels)) >= LEAST


def _proved(scorer: Scorer, asked: Asked, parts: "Sequence[Part]", rows: Any, said: Callable[[str, float], None]) -> tuple[Any, list[Any]]:
    """Return what the version said of each lead at each instant, and sections on its rules and on the fields it reads."""
    from vaglio.evaluation.panel import said as asked_about
    from vaglio.learning.history import history_of
    from vaglio.learning.leakage import looked_through
    from vaglio.learning.suggest import rule_evidence
    from vaglio.report.evidence import leaks_section, rules_section

    with scorer.history(asked.document, asked.memory.lead_ids) as (engine, facts):
        said("scoring", 0.1)
        answer = asked_about(asked.document.name, engine, facts, rows, parts, lambda part: asked.document)
        said("rules", 0.3)
        last = parts[-1]
        worth = rule_evidence(engine, asked.document, facts, last.at, last.judged.array)
        declared = asked.document.inputs.model_dump()
        history = history_of(engine, facts, last.judged.came)
        leaks = looked_through(engine, declared, facts, last.at, last.judged.array, history)
    return answer, [rules_section(worth), leaks_section(leaks)]


def _learned(scorer: Scorer, asked: Asked, parts: "Sequence[Part]", rows: Any, said: Callable[[str, float], None]) -> tuple[Any, str, Any]:
    """Return what models learned before each instant said of leads, the text of one learned from all of the last look, and its notes."""
    from vaglio.document import dump
    from vaglio.evaluation.panel import said as asked_about
    from vaglio.learning.coded import probe
    from vaglio.learning.learn import Asked as Wanted
    from vaglio.learning.learn import learn

    reads = dict(asked.reads)
    wanted = Wanted(asked.method, asked.name, looked_at=_looked_at(parts[-1:], asked.memory), when=_when(parts[-1], asked.memory))  # type: ignore[arg-type]
    done, weak = iter(range(len(parts))), 0
    with scorer.history(probe(reads, []), asked.memory.lead_ids) as (engine, facts):

        def document(part: Any) -> ModelDocument:
            said(f"learning for {part.name}", 0.4 + 0.4 * next(done) / len(parts))
            found = learn(engine, reads, facts, part.training.at, part.training.labels.array, wanted)
            nonlocal weak
            weak += not found.is_usable
            return found.document

        answer = asked_about(asked.name, engine, facts, rows, parts, document)
        said("learning", 0.8)
        last = parts[-1]
        final = learn(engine, reads, facts, last.at, last.judged.array, wanted)
    return answer, dump(final.document), (*signal_notes(final.is_usable, weak, len(parts)), *final.notes)


def signal_notes(is_usable: bool, weak: int, parts: int) -> list[str]:
    """Return what is to be said where models that were learned found nothing to go by."""
    from vaglio.report.words import _

    found = [] if is_usable else [_("There is no usable signal in these inputs.")]
    if weak:
        found.append(_("Of {parts} models learned before the looks, {weak} found no usable signal.").format(parts=parts, weak=weak))
    return found


def _when(part: "Part", memory: Memory) -> Any:
    from vaglio.learning.origin import When

    born = [memory.created[lead] for lead in part.judged.of]
    return When(min(born, default=None), max(born, default=None), part.at.known_at, None, memory.horizon)


def _looked_at(parts: "Sequence[Part]", memory: Memory) -> str:
    from vaglio.report.words import _

    days = memory.horizon // DAY
    if len(parts) == 1:
        return _("Looked at on {day}; outcomes within {n} days.").format(day=parts[0].name, n=days)
    return _("Looked at {times} times from {first} to {last}; outcomes within {n} days.").format(
        times=len(parts), first=parts[0].name, last=parts[-1].name, n=days
    )


def _figures(made: Any) -> dict[str, Any]:
    return {
        "auc": [each.auc.value for each in made.proofs],
        "leads": made.leads,
        "outcomes": made.outcomes,
        "gate": made.differences[0].gate.verdict if made.differences else "",
    }
