"""Facts of some leads as SQL for Arrow: the one place where records become what the engine reads.

An activity becomes known to a lead when both the activity and whose it is are known; so it carries the later of the two
as ``received_us``, and a join that was taken apart again counts only at instants between.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vaglio.document import ModelDocument
from vaglio.terms import InputType


@dataclass(frozen=True)
class Asked:
    """Whose facts, as known when [microseconds UTC]; ``known_us`` None: now. With ``history``, values that fields had before."""

    lead_ids: tuple[int, ...]
    known_us: int | None = None
    history: bool = False


def _us(column: str) -> str:
    return f"(EXTRACT(EPOCH FROM {column}) * 1000000)::bigint"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _typed(holder: str, name: str, kind: InputType) -> str:
    """Return a JSON value as the type a document declares; what does not fit it is no value."""
    value, text = f"{holder} -> {_literal(name)}", f"({holder} ->> {_literal(name)})"
    if kind == "string":
        return text
    if kind == "boolean":
        return f"CASE lower{text} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END::bigint"
    if kind == "date":
        return f"CASE WHEN {text} ~ '^[0-9]{{4}}-' AND pg_input_is_valid({text}, 'timestamptz') THEN {_us(f'{text}::timestamptz')} END"
    if kind == "integer":
        valid = f"jsonb_typeof({value}) IN ('number', 'string') AND pg_input_is_valid({text}, 'bigint')"
        return f"CASE WHEN {valid} THEN {text}::bigint END"
    return f"CASE WHEN jsonb_typeof({value}) IN ('number', 'string') AND pg_input_is_valid({text}, 'float8') THEN {text}::float8 END"


def _array(ids: Sequence[int]) -> str:
    return "'{" + ",".join(str(int(each)) for each in ids) + "}'::bigint[]"


def _ids(asked: Asked) -> str:
    return _array(asked.lead_ids)


def colleagues(lead_ids: Sequence[int]) -> str:
    """Return the ids of everybody at the accounts of some leads."""
    return f"SELECT id FROM crm_lead WHERE account_id IN (SELECT account_id FROM crm_lead WHERE id = ANY({_array(lead_ids)}))"


def _whose(asked: Asked) -> str:
    """Return the condition that picks the links in force at the instant."""
    if asked.known_us is None:
        return "link.ended_at IS NULL"
    at = f"TIMESTAMPTZ 'epoch' + {asked.known_us} * INTERVAL '1 microsecond'"
    return f"link.known_at <= {at} AND (link.ended_at IS NULL OR link.ended_at > {at})"


def leads(document: ModelDocument, asked: Asked) -> str:
    """Return leads with the fields the document declares."""
    fields = "".join(f', {_typed("fields", name, kind)} AS "f_{name}"' for name, kind in document.inputs.fields.items())
    return (
        f"SELECT id::text AS lead_id, account_id::text AS account_id, {_us('created_at')} AS created_us{fields} "
        f"FROM crm_lead WHERE id = ANY({_ids(asked)})"
    )


def accounts(document: ModelDocument, asked: Asked) -> str:
    """Return the accounts of the leads, with the fields the document declares."""
    fields = "".join(f', {_typed("fields", name, kind)} AS "f_{name}"' for name, kind in document.inputs.account_fields.items())
    return (
        f"SELECT id::text AS account_id{fields} FROM crm_account "
        f"WHERE id IN (SELECT account_id FROM crm_lead WHERE id = ANY({_ids(asked)}))"
    )


def activities(document: ModelDocument, asked: Asked) -> str:
    """Return the activities of the declared types, with the declared properties."""
    properties = "".join(
        f', {_typed("act.properties", name, kind)} AS "p_{name}"' for name, kind in document.inputs.property_types().items()
    )
    types = ", ".join(_literal(name) for name in document.inputs.activities) or "''"
    return (
        f"SELECT link.lead_id::text AS lead_id, act.activity_type, {_us('act.occurred_at')} AS occurred_us, "
        f"{_us('GREATEST(act.known_at, link.known_at)')} AS received_us, act.is_machine, {_us('act.machine_known_at')} AS machine_us"
        f"{properties} FROM tracking_identitylink AS link JOIN tracking_activity AS act USING (identity_id) "
        f"WHERE link.lead_id = ANY({_ids(asked)}) AND {_whose(asked)} AND act.activity_type IN ({types})"
    )


def field_changes(document: ModelDocument, asked: Asked) -> str:
    """Return every value the declared fields ever had."""
    parts = []
    for subject, fields, whose in (
        ("lead", {**document.inputs.fields, "account_id": "string"}, f"lead_id = ANY({_ids(asked)})"),
        ("account", document.inputs.account_fields, f"account_id IN (SELECT account_id FROM crm_lead WHERE id = ANY({_ids(asked)}))"),
    ):
        for name, kind in fields.items():
            value = _typed(f"jsonb_build_object({_literal(name)}, value)", name, kind)
            text, number = (value, "NULL::float8") if kind == "string" else ("NULL::text", f"({value})::float8")
            parts.append(
                f"SELECT '{subject}' AS subject, {subject}_id::text AS id, field, {text} AS text, {number} AS number, "
                f"{_us('known_at')} AS known_us FROM crm_fieldchange WHERE field = {_literal(name)} AND {whose}"
            )
    return " UNION ALL ".join(parts)


def lists(document: ModelDocument, asked: Asked) -> str:
    """Return the memberships of the leads and of their accounts."""
    names: Sequence[str] = document.lists()
    chosen = ", ".join(_literal(name) for name in names) or "''"
    mine = f"lead_id = ANY({_ids(asked)}) OR account_id IN (SELECT account_id FROM crm_lead WHERE id = ANY({_ids(asked)}))"
    return (
        "SELECT list, CASE WHEN lead_id IS NULL THEN 'account' ELSE 'lead' END AS member_type, "
        f"COALESCE(lead_id, account_id)::text AS member_id, {_us('from_at')} AS from_us, {_us('to_at')} AS to_us, "
        f"{_us('known_at')} AS known_us FROM crm_listmember WHERE list IN ({chosen}) AND ({mine})"
    )
