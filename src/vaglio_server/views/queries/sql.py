"""Conditions as SQL on ``crm_lead``: each a text that is true or false of a lead, with its parameters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from vaglio_server.views.logic.conditions import ANY, Condition
from vaglio_server.views.queries.choices import Held


@dataclass(frozen=True)
class Clause:
    """A text of SQL and its parameters; ``cost``: what asking it of a lead takes, where a look at a value of the lead itself takes 1."""

    text: str
    given: tuple[Any, ...] = ()
    cost: int = 1


@dataclass(frozen=True)
class Live:
    """Now, and the live version of each model by its name; ``None``: of the driving one. ``held``: what apps above keep, by its name.

    ``zone``: where the days that conditions name begin.
    """

    now: datetime
    versions: dict[str | None, int]
    zone: tzinfo
    held: Mapping[str, Held] = field(default_factory=dict)


# Of a value: v as text, and j as JSON where it is held so (a number is then read at once); %s: what it is compared with.
_NUMBER = "CASE WHEN jsonb_typeof(j) = 'number' THEN j::numeric WHEN pg_input_is_valid(v, 'numeric') AND v !~* 'n' THEN v::numeric END"
_DAY = "CASE WHEN v ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' THEN left(v, 10) END"
_OF: dict[str, dict[str, str]] = {
    "text": {
        "is": "lower(btrim(v)) = lower(%s)",
        "is_not": "lower(btrim(v)) IS DISTINCT FROM lower(%s)",
        "contains": "strpos(lower(v), lower(%s)) > 0",
        "starts": "starts_with(lower(btrim(v)), lower(%s))",
    },
    "number": {"least": f"{_NUMBER} >= %s::numeric", "most": f"{_NUMBER} <= %s::numeric", "is": f"{_NUMBER} = %s::numeric"},
    "boolean": {"is": "lower(v) = %s"},
    "date": {"after": f"{_DAY} >= %s", "before": f"{_DAY} < %s", "last": f"{_DAY} >= %s"},
    "word": {"is": "v = %s", "is_not": "v IS DISTINCT FROM %s"},
}
_OF["country"] = _OF["text"]
_KNOWN = {"known": "btrim(v) <> ''", "unknown": "(btrim(v) <> '') IS NOT TRUE"}
_OF_NOTHING = ("is_not", "unknown")  # what is true where there is no value
_DID = (
    "SELECT FROM tracking_identitylink AS link JOIN tracking_activity AS act USING (identity_id) "
    "WHERE link.lead_id = crm_lead.id AND link.ended_at IS NULL AND NOT act.is_machine AND act.occurred_at >= %s"
)


def either(clauses: Sequence[Clause]) -> Clause:
    """Return what is true where one of some is."""
    if len(clauses) == 1:
        return clauses[0]
    given = tuple(value for each in clauses for value in each.given)
    return Clause(f"({' OR '.join(each.text for each in clauses)})", given, cost=sum(each.cost for each in clauses))


def clause(condition: Condition, kind: str, live: Live) -> Clause:
    """Return a checked condition on something of a kind as SQL."""
    return _BY_SUBJECT[condition.subject](condition, kind, live)


def _held(fields: str, of: str = "") -> str:
    """Return the question for a value among fields, to be named."""
    return f"SELECT j, j #>> '{{}}' AS v FROM (SELECT {fields} -> %s AS j {of}) AS held"


def in_words(fits: str, *given: Any) -> Clause:
    """Return what is asked of a lead's words or its company's as SQL on ``crm_lead``; not EXISTS, for which PostgreSQL would read all."""
    rows = ("crm_leadwords AS said WHERE said.lead_id = crm_lead.id", "crm_account AS said WHERE said.id = crm_lead.account_id")
    either = " OR ".join(f"COALESCE((SELECT {fits} FROM {row}), false)" for row in rows)
    return Clause(f"({either})", given * 2, cost=10)


def _of_lead(condition: Condition, kind: str, live: Live) -> Clause:
    return _of_value(condition, kind, live, _held("crm_lead.fields"), condition.name)


def _of_account(condition: Condition, kind: str, live: Live) -> Clause:
    of_firm = _held("firm.fields", "FROM crm_account AS firm WHERE firm.id = crm_lead.account_id")
    return replace(_of_value(condition, kind, live, of_firm, condition.name), cost=2)


def account_clause(condition: Condition, kind: str, live: Live) -> Clause:
    """Return a condition on a company as SQL on ``crm_account``."""
    return _of_value(condition, kind, live, _held("crm_account.fields"), condition.name)


def _of_value(condition: Condition, kind: str, live: Live, value: str, *names: Any) -> Clause:
    asked = _KNOWN.get(condition.how) or _OF[kind][condition.how]
    against = (_compared(condition, kind, live),) if "%s" in asked else ()
    nothing = "true" if condition.how in _OF_NOTHING else "false"
    return Clause(f"COALESCE((SELECT {asked} FROM ({value}) AS its), {nothing})", (*against, *names))


def _compared(condition: Condition, kind: str, live: Live) -> str:
    if kind != "date" or condition.how != "last":
        return condition.value
    return (live.now.astimezone(live.zone).date() - timedelta(days=condition.numbers[-1])).isoformat()


def since(condition: Condition, live: Live) -> datetime:
    """Return the instant at which the days of a condition began."""
    return live.now - timedelta(days=condition.numbers[-1])


def instant_of(condition: Condition, live: Live) -> datetime:
    """Return the instant that a condition on an instant names: the last of some days began then, or a day does."""
    if condition.how == "last":
        return since(condition, live)
    return datetime.combine(date.fromisoformat(condition.value), time(), live.zone)


def _of_record(condition: Condition, kind: str, live: Live) -> Clause:
    if condition.name in live.held:
        return Clause(f"{live.held[condition.name].value} {'=' if condition.how == 'is' else '<>'} %s", (condition.value,), cost=2)
    return Clause(f"crm_lead.created_at {'<' if condition.how == 'before' else '>='} %s", (instant_of(condition, live),))


def _of_activity(condition: Condition, kind: str, live: Live) -> Clause:
    named = () if condition.name == ANY else (condition.name,)
    did = _DID + (" AND act.activity_type = %s" if named else "")
    given = (since(condition, live), *named)
    if condition.how == "often":
        often = f"(SELECT count(*) FROM ({did} LIMIT %s) AS found) >= %s"
        return Clause(often, (*given, condition.numbers[0], condition.numbers[0]), cost=5)
    # Not EXISTS as such: PostgreSQL would read all activities to ask of a page of leads.
    once = f"COALESCE(({did.replace('SELECT', 'SELECT true', 1)} LIMIT 1), false)"
    return Clause(once if condition.how == "did" else f"NOT {once}", given, cost=5)


def _of_list(condition: Condition, kind: str, live: Live) -> Clause:
    # Not EXISTS: joined by OR, PostgreSQL would read all members to ask of a page of leads.
    of = "(SELECT true FROM crm_listmember AS member WHERE member.list = %s AND member.to_at IS NULL AND "
    on = f"COALESCE({of} member.lead_id = crm_lead.id LIMIT 1), {of} member.account_id = crm_lead.account_id LIMIT 1), false)"
    return Clause(on if condition.how == "on" else f"NOT {on}", (condition.name, condition.name), cost=2)


def _of_score(condition: Condition, kind: str, live: Live) -> Clause:
    return _newest(condition, kind, live, condition.name, live.versions.get(None))


def _of_model(condition: Condition, kind: str, live: Live) -> Clause:
    return _newest(condition, kind, live, "rating", live.versions.get(condition.name))


def _newest(condition: Condition, kind: str, live: Live, column: str, version: int | None) -> Clause:
    of = (
        f"SELECT CASE WHEN NOT is_outside THEN {column}::text END AS v, NULL::jsonb AS j FROM scoring_score AS score "
        "WHERE score.lead_id = crm_lead.id AND score.version_id = %s ORDER BY score.as_of DESC LIMIT 1"
    )
    return replace(_of_value(condition, kind, live, of, version), cost=3)


# How a file names leads: as rows of leads and activities do, by a list, an outcome, or a contact. %s: the file's name, or number.
NAMED_BY_FILE = (
    ("tracking_broughtlead AS named WHERE named.bringer = %s", "named.lead_id"),
    ("imports_importedfact AS said JOIN crm_listmember AS member ON member.id = said.member_id WHERE said.of_id = %s", "member.lead_id"),
    ("imports_importedfact AS said JOIN crm_leadoutcome AS fate ON fate.id = said.outcome_id WHERE said.of_id = %s", "fate.lead_id"),
    ("imports_importedcontact AS said JOIN crm_contact AS person ON person.id = said.contact_id WHERE said.of_id = %s", "person.lead_id"),
)


def by_file(condition: Condition) -> tuple[str | int, ...]:
    """Return what :data:`NAMED_BY_FILE` asks for."""
    number = int(condition.name)
    return f"import:{number}", *[number] * (len(NAMED_BY_FILE) - 1)


def _of_file(condition: Condition, kind: str, live: Live) -> Clause:
    # Not EXISTS: joined by OR, PostgreSQL would read all that a file named to ask of a page of leads.
    asked = ", ".join(f"(SELECT true FROM {rows} AND {lead} = crm_lead.id LIMIT 1)" for rows, lead in NAMED_BY_FILE)
    named = f"COALESCE({asked}, false)"
    return Clause(named if condition.how == "brought" else f"NOT {named}", by_file(condition), cost=4)


_BY_SUBJECT: dict[str, Callable[[Condition, str, Live], Clause]] = {
    "lead": _of_lead,
    "account": _of_account,
    "activity": _of_activity,
    "list": _of_list,
    "score": _of_score,
    "model": _of_model,
    "record": _of_record,
    "file": _of_file,
}
