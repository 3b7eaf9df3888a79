"""What became of leads: a column of theirs, or a file of dated outcomes; and who of them was there to be looked at."""

from dataclasses import replace
from typing import Any

from vaglio.cli.inputs import instants
from vaglio.errors import DataError
from vaglio.terms import MICROSECONDS, parse_duration


def by_column(engine: Any, loaded: Any, wanted: Any, aging: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Return facts, instants and labels where a column says what became of leads; ``aging`` is as :func:`at_age` takes it.

    Left out is who was created later than leads are looked at; at an age, who has not come to it by the newest instant in the files.
    """
    from vaglio.learning.examples import at_age, by_field

    at = instants(wanted.as_of, None)
    labels = by_field(column_values(engine, loaded.raw_leads, wanted.outcome_field), wanted.positive, wanted.outcome_field)
    labels = replace(labels, came=_came(engine, loaded, wanted))
    created = created_of(engine, loaded)
    if wanted.at_age is None:
        later = {lead for lead in labels.of if (created.get(lead) or 0) > at.known_at}
        return loaded.facts, at, _without(labels, later, "created after the day they are looked at")
    age = duration("--at-age", wanted.at_age)
    newest = max([each for each in (*created.values(), loaded.summary.newest_activity_us) if each is not None], default=0)
    last = min(at.known_at, newest) - age
    young = {lead for lead in labels.of if (created.get(lead) or last + 1) > last}
    facts, aged = at_age(loaded.facts, age, **aging)
    why = f"not {wanted.at_age} old by the newest instant in the files, or without a date of creation"
    return facts, aged, _without(labels, young, why)


def with_outcome(needed: Any, wanted: Any) -> Any:
    """Return what files must hold with the column of the outcome, where there is a history that says when it got its value."""
    from vaglio.text import snake_case

    if wanted.outcome_field is None or wanted.paths.field_changes is None:
        return needed
    return replace(needed, fields={snake_case(wanted.outcome_field): "string"} | needed.fields)


def _came(engine: Any, loaded: Any, wanted: Any) -> dict[str, int]:
    """Return when leads first had the good outcome, by the history of its column; of none where there is no history [µs UTC]."""
    from vaglio.learning.examples import TRUE
    from vaglio.text import snake_case

    changes = loaded.facts.field_changes
    found: dict[str, int] = {}
    if changes is None:
        return {}
    good = TRUE if wanted.positive is None else {wanted.positive.lower()}
    of_outcome = changes.filter(changes.subject == "lead", changes.field == snake_case(wanted.outcome_field))
    for row in engine.arrow(of_outcome.select("id", "text", "known_us")).to_pylist():
        if (row["text"] or "").strip().lower() in good:
            found[row["id"]] = min(row["known_us"], found.get(row["id"], row["known_us"]))
    return found


def _without(labels: Any, leads: set[str], why: str) -> Any:
    """Return labels without some leads; these are counted."""
    kept = {lead: label for lead, label in labels.of.items() if lead not in leads}
    return replace(labels, of=kept, left_out=labels.left_out | ({why: len(leads)} if leads else {}))


def column_values(engine: Any, view: str, asked: str) -> dict[str, str | None]:
    """Return a column of the leads file as it is, by lead."""
    from vaglio.text import snake_case

    names = [row[0] for row in engine.raw.execute(f'DESCRIBE "{view}"').fetchall()]
    column = next((name for name in names if name == asked or snake_case(name) == snake_case(asked)), None)
    if column is None:
        raise DataError("column_missing", f"the leads have no column {asked!r}", f"they have {', '.join(names[1:12])}", table="leads")
    quoted = column.replace('"', '""')
    return dict(engine.raw.execute(f'SELECT lead_id, "{quoted}" FROM "{view}"').fetchall())


def dated_outcomes(engine: Any, loaded: Any) -> tuple[list[tuple[str, str, int | None]], dict[str, int | None]]:
    """Return outcomes with their instants, and when each lead was created [µs UTC]."""
    outcomes = [(row["lead_id"], row["outcome"], row["occurred_us"]) for row in engine.arrow(loaded.outcomes).to_pylist()]
    created = created_of(engine, loaded)
    if outcomes and not any(lead in created for lead, _kind, _occurred in outcomes):
        raise DataError(
            "outcomes_of_others", f"none of the leads that outcomes are of, such as {outcomes[0][0]}, is in the leads file",
            'name the column that holds the same ids in both, as --columns outcomes.lead_id="Prospect ID"', table="outcomes",
        )  # fmt: skip
    return outcomes, created


def created_of(engine: Any, loaded: Any) -> dict[str, int | None]:
    """Return when each lead was created [µs UTC]."""
    leads = engine.arrow(loaded.facts.leads.select("lead_id", "created_us")).to_pylist()
    return {row["lead_id"]: row["created_us"] for row in leads}


def come(told: list[tuple[str, str, int | None]]) -> tuple[list[tuple[str, str, int | None]], set[str]]:
    """Return outcomes, and the leads of those that are dated after now: a slip, unless all are."""
    now = instants(None, None).as_of
    early = {lead for lead, _kind, occurred in told if (occurred or 0) > now}
    if all((occurred or 0) > now for _lead, _kind, occurred in told):
        return told, set()
    return [each for each in told if each[0] not in early], early


def ahead(told: list[tuple[str, str, int | None]]) -> str:
    """Return what is to be said where all outcomes are dated after now, as those of made data may be."""
    now = instants(None, None).as_of
    return " (all of them are dated after today)" if told and all((occurred or 0) > now for _lead, _kind, occurred in told) else ""


def told_early(labels: Any, early: set[str]) -> Any:
    """Return labels with what is said of leads whose outcome is dated after now."""
    return replace(labels, left_out=labels.left_out | ({"with an outcome dated after today": len(early)} if early else {}))


def duration(option: str, text: str) -> int:
    """Return what an option says in microseconds."""
    try:
        return parse_duration(text) * MICROSECONDS
    except ValueError as error:
        raise DataError("duration_invalid", f"{option}: {text!r} {error}") from None
