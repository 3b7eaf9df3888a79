"""What a model reads of leads, as inputs in fine bands: every field, and every activity that a rule or a stage counts."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vaglio.document import ModelDocument
from vaglio.engine import Engine
from vaglio.learned import Input as LearnedInput
from vaglio.learning.candidates import Choice, candidates
from vaglio.learning.inputs import COUNTS, DAYS, FADED, Input, ranges
from vaglio.learning.known import known
from vaglio.plan import Facts, Instants
from vaglio.plan.people import used_fields
from vaglio.plan.readers import scored_rules
from vaglio.rule import Matching, Rule
from vaglio.terms import format_duration

NO_VALUE: dict[str, Any] = {"known": False}
OTHERS: dict[str, Any] = {"known": True}
IN_WORDS = frozenset({"any_word", "contains", "starts_with", "ends_with", "matches"})  # operators that read into a text
AGES = frozenset({"activity", "activity_count", "active_days", "engaged_colleagues"})  # kinds whose ``within`` is an age


@dataclass(frozen=True)
class Reading:
    """The inputs of a model.

    Attributes
    ----------
    declared : dict
        The ``inputs`` section of a document that reads just these.
    inputs : tuple of Input
        Each with a last band *no value* where it is a field.
    words : mapping
        Of inputs that are one rule's reading of a text, the rule; of activities, the activities in words. By the input's name.
    """

    declared: dict[str, Any]
    inputs: tuple[Input, ...]
    words: Mapping[str, str]


def reading(engine: Engine, document: ModelDocument, facts: Facts, at: Instants) -> Reading:
    """Return what a model reads, in bands cut by what was known of leads at some instants."""
    own, of_account = used_fields(document, scored_rules(document))
    given = document.inputs.model_dump(mode="json")
    declared = given | {"fields": own, "account_fields": of_account}
    names = [*own, *(f"account.{name}" for name in of_account)]
    of_fields = {**declared, "activities": {}}
    seen = known(engine, of_fields, facts, at, lambda ids: np.zeros(len(ids)))
    found, _notes = candidates(of_fields, seen, Choice(allow=frozenset(names)))
    by_field = {each.source["field"]: _whole(each) for each in found}
    words: dict[str, str] = {}
    inputs = [by_field.get(name) or _filled(name) for name in names]
    for each, said in (*_texts(document), *_measures(document)):
        inputs.append(each)
        words[each.name] = said
    return Reading(declared, tuple(inputs), words)


def _whole(found: Input) -> Input:
    """Return an input in whose bands every lead is: history may hold values that the files do not hold any more."""
    bands = found.bands[: found.values]
    if not found.ordered and OTHERS not in bands:
        bands = (*bands, OTHERS)
    return replace(found, name=found.source["field"], bands=(*bands, NO_VALUE), none=True)


def _filled(name: str) -> Input:
    """Return a field of which can only be said whether it is filled: a date, a text of which no value is common."""
    return Input(name, "profile", {"field": name}, (OTHERS, NO_VALUE), none=True)


def _texts(document: ModelDocument) -> Iterator[tuple[Input, str]]:
    """Yield fields as a rule reads them that looks for words in them: the values of job titles are too many to be compared."""
    for axis, rule in document.rules():
        field = getattr(rule, "field", None)
        tests = [
            {name: value for name, value in band.items() if name not in ("award", "points")} for band in _dumped(rule).get("bands", ())
        ]
        plain = all(test and not test.keys() & {"all", "any", "not", "field"} for test in tests)
        if rule.kind == "fields" and field and plain and any(test.keys() & IN_WORDS for test in tests):  # type: ignore[attr-defined]
            bands = (*tests, OTHERS, NO_VALUE)
            yield Input(f"rule_{rule.id}", axis, {"field": field}, bands, none=True), rule.id


def _measures(document: ModelDocument) -> Iterator[tuple[Input, str]]:
    """Yield how often, or how long ago, leads did what rules and stages look for; each once."""
    seen: set[str] = set()
    for source, said in _sources(document):
        key = json.dumps(source, sort_keys=True, default=str)
        if key not in seen:
            seen.add(key)
            yield _measure(f"measure_{len(seen)}", source), said


def _sources(document: ModelDocument) -> Iterator[tuple[dict[str, Any], str]]:
    for _axis, rule in document.rules():
        for part, within in _parts(rule):
            if isinstance(part, LearnedInput):
                if not part.field:
                    yield _dumped(part), measure_words(part, part.within)
            else:
                yield _counted(document, part, within), measure_words(part, within)
    for stage in document.journey:
        for test in stage.any:
            yield _counted(document, test, stage.within), measure_words(test, stage.within)


def _parts(rule: Rule) -> Iterator[tuple[Matching, int | None]]:
    """Yield what names activities in a rule, with the age they may have."""
    if isinstance(rule, Matching):
        yield rule, getattr(rule, "within", None) if rule.kind in AGES else None
    for name in ("input", "first", "then", "second"):
        part = getattr(rule, name, None)
        part = getattr(part, "input", part)
        if isinstance(part, Matching):
            yield part, None


def _counted(document: ModelDocument, part: Matching, within: int | None) -> dict[str, Any]:
    source: dict[str, Any] = {"activities": list(part.types() or document.inputs.activities), "count": True}
    where = _dumped(part).get("where")
    return source | ({"where": where} if where else {}) | ({"within": f"{within}s"} if within else {})


def measure_words(part: Matching, within: int | None) -> str:
    """Return what a part of a rule measures of activities."""
    stats = {"days_since": "days since ", "distinct_days": "days with ", "faded": "faded "}
    stat = next((words for name, words in stats.items() if getattr(part, name, None)), "")
    return stat + part.words() + (f" within {format_duration(within)}" if within else "")


def _measure(name: str, source: dict[str, Any]) -> Input:
    edges = FADED if "faded" in source else DAYS if "days_since" in source else COUNTS
    bands, is_none = ranges(edges), "days_since" in source
    return Input(name, "engagement", source, (*bands, NO_VALUE) if is_none else bands, len(bands), is_none)


def _dumped(part: Any) -> dict[str, Any]:
    found: dict[str, Any] = part.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return found
