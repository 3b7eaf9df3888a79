"""Facts of some leads as SQL for Arrow: the one place where records become what the engine reads.

Instants stay instants: PostgreSQL makes numbers of them one decimal at a time, Arrow for nothing (``in_microseconds``).

An activity becomes known to a lead when both the activity and whose it is are known; so it carries the later of the two
as ``received_us``, and a join that was taken apart again counts only at instants between.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaglio.document import ModelDocument
from vaglio.spelling import INSTANT, INTEGER, NO, NUMBER, YES
from vaglio.terms import InputType

if TYPE_CHECKING:
    import pyarrow as pa


# What is stored of a score, and of which type it is.
COLUMNS = {
    "lead_id": "bigint",
    "version_id": "bigint",
    "as_of": "timestamptz",
    "known_at": "timestamptz",
    "profile_millipoints": "bigint",
    "engagement_millipoints": "bigint",
    "rating": "text",
    "temperature": "text",
    "buying_stage": "text",
    "potential": "float8",
    "coverage": "float8",
    "flags": "text",
    "excluded_by": "text",
    "probability": "float8",
    "lines": "jsonb",
    "next_change_at": "timestamptz",
}


@dataclass(frozen=True)
class Instants:
    """The instant a score is true for, and the one at which its facts were known [microseconds UTC]."""

    as_of: int
    known_at: int


@dataclass(frozen=True)
class Asked:
    """Whose facts (None: everybody's), as known when [microseconds UTC]; ``known_us`` None: now. With ``history``, earlier values too.

    Of the leads in ``near`` too, but of what they did only ``near_types`` that occurred after ``near_us`` (None: ever) [microseconds UTC].
    """

    lead_ids: tuple[int, ...] | None
    known_us: int | None = None
    history: bool = False
    near: tuple[int, ...] = ()
    near_types: tuple[str, ...] = ()
    near_us: int | None = None


def _us(column: str) -> str:
    return f"(EXTRACT(EPOCH FROM {column}) * 1000000)::bigint"


def in_microseconds(rows: "pa.Table") -> "pa.Table":
    """Return rows with every instant as microseconds UTC, as the engine reads them; the bytes stay where they are."""
    import pyarrow as pa

    for place, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            rows = rows.set_column(place, field.name, rows.column(place).cast(pa.timestamp("us", "UTC")).cast(pa.int64()))
    return rows


def of_leads(scores: "pa.Table", lead_ids: Sequence[int]) -> "pa.Table":
    """Return the scores of some leads."""
    import pyarrow as pa
    from pyarrow import compute

    return scores.filter(compute.is_in(scores.column("lead_id"), pa.array(lead_ids, pa.int64()).cast(pa.string())))


def with_lines(scores: "pa.Table", contributions: "pa.Table") -> "pa.Table":
    """Return scores with ``lines``: the lines of each that are not 0, as JSON from ``axis.rule.part`` to millipoints.

    All in whole columns: of a hundred thousand leads there are a million lines.
    """
    import pyarrow as pa
    from pyarrow import compute

    ordered = contributions.sort_by("lead_id")
    names = [ordered.column(name).combine_chunks() for name in ("axis", "rule_id", "part")]
    values = ordered.column("millipoints").combine_chunks().cast(pa.string())
    texts = compute.binary_join_element_wise('"', compute.binary_join_element_wise(*names, "."), '":', values, "")
    runs = compute.run_end_encode(ordered.column("lead_id").combine_chunks())
    starts = pa.concat_arrays([pa.array([0], pa.int32()), runs.run_ends.cast(pa.int32())])
    joined = compute.binary_join(pa.ListArray.from_arrays(starts, texts), ",")
    lines = compute.binary_join_element_wise("{", joined, "}", "")
    where = compute.index_in(scores.column("lead_id").combine_chunks(), runs.values)
    return scores.append_column("lines", compute.fill_null(lines.take(where), "{}"))


class Rows:
    """Scores by a version as lines of text for COPY, by lead, so that those of some leads are a piece of it; written once, cut often."""

    def __init__(self, scores: "pa.Table", version: int) -> None:
        import numpy as np
        import pyarrow as pa

        ids = scores.column("lead_id").cast(pa.int64()).to_numpy()
        order = np.argsort(ids)
        self._ids, self._lines = ids[order], _lines(scores, version).take(pa.array(order))

    def of(self, ids: Sequence[int] | None) -> bytes:
        """Return the lines of some leads (None: of all)."""
        import numpy as np
        import pyarrow as pa

        if ids is None:
            return _joined(self._lines)
        asked = np.array(ids, np.int64)
        start, end = np.searchsorted(self._ids, (asked.min(), asked.max() + 1)) if ids else (0, 0)
        near = self._ids[start:end]
        is_asked = np.isin(near, asked)
        found = self._lines.slice(start, end - start)
        return _joined(found if is_asked.all() else found.filter(pa.array(is_asked)))


def _lines(scores: "pa.Table", version: int) -> "pa.LargeStringArray":
    """Return a line of text for each score, as COPY reads it."""
    import pyarrow as pa
    from pyarrow import compute

    text = pa.large_string()
    found = [
        pa.scalar(str(version), text) if name == "version_id" else _for_copy(scores.column(name).combine_chunks(), text) for name in COLUMNS
    ]
    lines = compute.binary_join_element_wise(*found, pa.scalar("\t", text), null_handling="replace", null_replacement="\\N")
    return compute.binary_join_element_wise(lines, pa.scalar("", text), pa.scalar("\n", text))


def _for_copy(values: "pa.Array", text: "pa.DataType") -> "pa.LargeStringArray":
    """Return values as COPY reads them."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_timestamp(values.type):
        # The instants of a batch are mostly the same; to spell one takes longer than anything else.
        encoded = values.cast(pa.timestamp("us")).dictionary_encode()
        spelled = compute.binary_join_element_wise(encoded.dictionary.cast(text), pa.scalar("Z", text), pa.scalar("", text))
        return spelled.take(encoded.indices)
    if pa.types.is_string(values.type):
        for sign, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
            values = compute.replace_substring(values, sign, escaped)
    return values.cast(text)


def _joined(lines: "pa.LargeStringArray") -> bytes:
    """Return lines as one text."""
    _valid, offsets, texts = lines.buffers()
    if texts is None or not len(lines):
        return b""
    import numpy as np

    places = np.frombuffer(offsets, np.int64)
    return bytes(memoryview(texts)[places[lines.offset] : places[lines.offset + len(lines)]])


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def typed(holder: str, name: str, kind: InputType) -> str:
    """Return a JSON value as the type a document declares; what does not fit it is no value."""
    value, text = f"{holder} -> {_literal(name)}", f"({holder} ->> {_literal(name)})"
    if kind == "string":
        return text
    if kind == "boolean":
        words = f"lower({text})"
        return f"CASE WHEN {_is(words, YES)} THEN 1 WHEN {_is(words, NO)} THEN 0 END::bigint"
    if kind == "date":
        valid = f"{_is(text, INSTANT)} AND pg_input_is_valid({text}, 'timestamptz')"
        return f"CASE WHEN {valid} THEN {text}::timestamptz END"
    said = f"jsonb_typeof({value}) IN ('number', 'string')"
    if kind == "integer":
        whole = f"split_part({text}, '.', 1)"
        return f"CASE WHEN {said} AND {_is(text, INTEGER)} AND pg_input_is_valid({whole}, 'bigint') THEN {whole}::bigint END"
    # NaN and infinity are no numbers, in files neither: engines do not agree whether NaN is less or more than a cut.
    return f"CASE WHEN {said} AND {_is(text, NUMBER)} AND pg_input_is_valid({text}, 'float8') THEN {text}::float8 END"


def _is(text: str, pattern: str) -> str:
    """Return whether a text is of a form of :mod:`vaglio.spelling`, as in files."""
    return f"{text} ~ {_literal(f'^(?:{pattern})$')}"


def _array(ids: Sequence[int]) -> str:
    return "'{" + ",".join(str(int(each)) for each in ids) + "}'::bigint[]"


_MOVED = "field = 'account_id' AND lead_id IS NOT NULL"  # of a change: it says at which account a lead is from then on


def _among(asked: Asked, column: str) -> str:
    """Return the condition that a column holds one of the leads."""
    return "TRUE" if asked.lead_ids is None else f"{column} = ANY({_array(asked.lead_ids + asked.near)})"


def _accounts_of(asked: Asked) -> str:
    """Return the ids of the accounts of the leads; with history, of those too at which they ever were."""
    now = f"SELECT account_id FROM crm_lead WHERE {_among(asked, 'id')}"
    if not asked.history:
        return now
    return f"{now} UNION SELECT (value #>> '{{}}')::bigint FROM crm_fieldchange WHERE {_MOVED} AND {_among(asked, 'lead_id')}"


def _accounts_among(asked: Asked, column: str) -> str:
    """Return the condition that a column holds the account of one of the leads."""
    return f"{column} IN ({_accounts_of(asked)})"


def colleagues(asked: Asked) -> str:
    """Return the ids of everybody else at the accounts of some leads; with history, of those too who ever were there when they were."""
    own = _array(asked.lead_ids or ())
    now = f"SELECT id FROM crm_lead WHERE {_accounts_among(asked, 'account_id')} AND id <> ALL({own})"
    if not asked.history:
        return now
    there = f"value IN (SELECT to_jsonb(account_id::text) FROM ({_accounts_of(asked)}) AS its)"
    return f"{now} UNION SELECT lead_id FROM crm_fieldchange WHERE {_MOVED} AND {there} AND lead_id <> ALL({own})"


def _at(microseconds: int) -> str:
    return f"TIMESTAMPTZ 'epoch' + {microseconds} * INTERVAL '1 microsecond'"


def _whose(asked: Asked) -> str:
    """Return the condition that picks the links in force at the instant; with history and without an instant, all there ever were."""
    if asked.known_us is None:
        return "TRUE" if asked.history else "link.ended_at IS NULL"
    at = _at(asked.known_us)
    return f"link.known_at <= {at} AND (link.ended_at IS NULL OR link.ended_at > {at})"


def _objecting(asked: Asked) -> str:
    """Return the condition that a lead objected to being rated, as known at the instant."""
    at = None if asked.known_us is None else _at(asked.known_us)
    then = "until IS NULL" if at is None else f"since <= {at} AND (until IS NULL OR until > {at})"
    return f"EXISTS (SELECT FROM crm_objection WHERE crm_objection.lead_id = crm_lead.id AND {then})"


def leads(document: ModelDocument, asked: Asked) -> str:
    """Return leads with the fields the document declares, without those who object to being rated."""
    fields = "".join(f', {typed("fields", name, kind)} AS "f_{name}"' for name, kind in document.inputs.fields.items())
    return (
        f"SELECT id::text AS lead_id, account_id::text AS account_id, created_at AS created_us{fields} "
        f"FROM crm_lead WHERE {_among(asked, 'id')} AND NOT {_objecting(asked)}"
    )


def accounts(document: ModelDocument, asked: Asked) -> str:
    """Return the accounts of the leads, with the fields the document declares."""
    fields = "".join(f', {typed("fields", name, kind)} AS "f_{name}"' for name, kind in document.inputs.account_fields.items())
    return f"SELECT id::text AS account_id{fields} FROM crm_account WHERE {_accounts_among(asked, 'id')}"


def activities(document: ModelDocument, asked: Asked) -> str:
    """Return the activities of the declared types, with the declared properties."""
    properties = "".join(
        f', {typed("act.properties", name, kind)} AS "p_{name}"' for name, kind in document.inputs.property_types().items()
    )
    own = _done(replace(asked, near=()), document.inputs.activities, properties)
    if not asked.near:
        return own
    near = _done(replace(asked, lead_ids=asked.near, near=()), asked.near_types, properties)
    since = "" if asked.near_us is None else f" AND act.occurred_at > {_at(asked.near_us)}"
    return f"{own} UNION ALL {near}{since}"


def _done(asked: Asked, names: Iterable[str], properties: str) -> str:
    types = ", ".join(_literal(name) for name in names) or "''"
    known, counting = _known(asked)
    return (
        f"SELECT link.lead_id::text AS lead_id, act.activity_type, act.occurred_at AS occurred_us{known}{properties} "
        "FROM tracking_identitylink AS link JOIN tracking_activity AS act USING (identity_id) "
        f"WHERE {_among(asked, 'link.lead_id')} AND {_whose(asked)} AND act.activity_type IN ({types}){counting}"
    )


def _known(asked: Asked) -> tuple[str, str]:
    """Return columns that say since when an activity is known, and worth nothing, and the condition that leaves out what never counts.

    It is worth nothing once it is known for a machine's or, of all links there ever were, the lead's no more. As known now, everything
    there is is known, and a machine's is simply left out: a row of three columns more takes a third longer on its way.
    """
    if asked.known_us is None and not asked.history:
        return "", " AND NOT act.is_machine"
    received = ", GREATEST(act.known_at, link.known_at) AS received_us, "
    if asked.known_us is None:
        lost = "act.is_machine OR link.ended_at IS NOT NULL AS is_machine, LEAST(act.machine_known_at, link.ended_at) AS machine_us"
        return received + lost, ""
    return f"{received}act.is_machine, act.machine_known_at AS machine_us", ""


def field_changes(document: ModelDocument, asked: Asked) -> str:
    """Return every value the declared fields ever had."""
    parts = []
    for subject, fields, whose in (
        ("lead", {**document.inputs.fields, "account_id": "string"}, _among(asked, "lead_id")),
        ("account", document.inputs.account_fields, _accounts_among(asked, "account_id")),
    ):
        for name, kind in fields.items():
            value = typed(f"jsonb_build_object({_literal(name)}, value)", name, kind)
            held = {"text": "NULL::text", "number": "NULL::float8", "whole": "NULL::bigint"}
            held[{"string": "text", "number": "number"}.get(kind, "whole")] = _us(f"({value})") if kind == "date" else value
            columns = ", ".join(f"{kept} AS {column}" for column, kept in held.items())
            of_subject = f"{subject}_id IS NOT NULL AND field = {_literal(name)} AND {whose}"
            parts.append(
                f"SELECT '{subject}' AS subject, {subject}_id::text AS id, field, {columns}, "
                f"known_at AS known_us FROM crm_fieldchange WHERE {of_subject}"
            )
    return " UNION ALL ".join(parts)


def lists(document: ModelDocument, asked: Asked) -> str:
    """Return the memberships of the leads and of their accounts."""
    names: Sequence[str] = document.lists()
    chosen = ", ".join(_literal(name) for name in names) or "''"
    mine = f"{_among(asked, 'lead_id')} OR {_accounts_among(asked, 'account_id')}"
    return (
        "SELECT list, CASE WHEN lead_id IS NULL THEN 'account' ELSE 'lead' END AS member_type, "
        "COALESCE(lead_id, account_id)::text AS member_id, from_at AS from_us, to_at AS to_us, known_at AS known_us "
        f"FROM crm_listmember WHERE list IN ({chosen}) AND ({mine})"
    )


_OUTCOMES = (
    "SELECT lead_id::text AS lead_id, outcome, occurred_at, value::float8 AS value, currency, reason FROM crm_leadoutcome "
    "WHERE taken_back_at IS NULL"
)


def files(document: ModelDocument, asked: Asked) -> dict[str, str]:
    """Return the queries of every fact table as columns of files: names as documents spell them, instants as instants."""
    inputs = document.inputs
    activity = ["occurred_us AS occurred_at", "received_us AS received_at", "machine_us AS machine_known_at"]
    member = ['from_us AS "from"', 'to_us AS "to"', "known_us AS known_at"]
    change = ["CASE subject WHEN 'lead' THEN id END AS lead_id", "CASE subject WHEN 'account' THEN id END AS account_id", "field"]
    found = {
        "leads": (leads(document, asked), ["lead_id", "account_id", "created_us AS created_at", *_spelled("f", inputs.fields)]),
        "activities": (
            activities(document, asked),
            ["lead_id", "activity_type", *activity, "is_machine", *_spelled("p", inputs.property_types())],
        ),
        "field_changes": (field_changes(document, asked), [*change, _value(document), "known_us AS known_at"]),
        "lists": (lists(document, asked), ["list", "member_type", "member_id", *member]),
        "outcomes": (_OUTCOMES, ["lead_id", "outcome", "occurred_at", "value", "currency", "reason"]),
    }
    if inputs.account_fields:
        found["accounts"] = (accounts(document, asked), ["account_id", *_spelled("f", inputs.account_fields)])
    return {name: f"SELECT {', '.join(columns)} FROM ({query}) AS facts" for name, (query, columns) in found.items()}


def _spelled(prefix: str, kinds: Mapping[str, InputType]) -> list[str]:
    """Return columns with the names and the types that a reader of files expects."""
    return [f'"{prefix}_{name}"{" = 1" if kind == "boolean" else ""} AS "{name}"' for name, kind in kinds.items()]


def _value(document: ModelDocument) -> str:
    """Return the text of a changed value, as a file holds it."""
    kinds = [("lead", name, kind) for name, kind in document.inputs.fields.items()]
    kinds += [("account", name, kind) for name, kind in document.inputs.account_fields.items()]
    day = "to_char((TIMESTAMPTZ 'epoch' + whole * INTERVAL '1 microsecond') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    shown = {"date": day, "boolean": "CASE whole WHEN 1 THEN 'true' WHEN 0 THEN 'false' END", "integer": "whole::text"}
    cases = [
        f"WHEN subject = '{subject}' AND field = {_literal(name)} THEN {shown[kind]}" for subject, name, kind in kinds if kind in shown
    ]
    return f"CASE {' '.join(cases)} ELSE COALESCE(text, number::text) END AS value" if cases else "COALESCE(text, number::text) AS value"
