"""Facts drawn from the small universe: duplicates, late marks, history, ties and everything at a boundary."""

from typing import Any

from tests.engine.oracle_text import SECOND
from tests.engine.strategies_universe import (
    ACCOUNT_FIELDS,
    ACTIVITIES,
    AROUND_KNOWN,
    FIELDS,
    HISTORY_TEXTS,
    LEAD_IDS,
    LISTS,
    PLAIN_TEXTS,
    TEXTS,
    Row,
    Tape,
    moment,
    value,
    values,
)

ACCOUNT_IDS = ["acme", "beta"]


class Clock:
    """The two instants of a run, and instants around them."""

    def __init__(self, as_of: int, known_at: int) -> None:
        self.as_of = as_of
        self.known_at = known_at

    def around_known(self, tape: Tape) -> int:
        return self.known_at + tape.one(AROUND_KNOWN)


def a_lead(data: bytes, number: int, clock: Clock) -> Row:
    tape = Tape(data)
    created = [moment(tape, clock.as_of), None, clock.around_known(tape)]
    lead: Row = {
        "lead_id": LEAD_IDS[number],
        "account_id": tape.one(["acme", "acme", "beta", None, "ghost"]),
        "created_at": tape.one([created[0], created[0], created[0], created[1], created[2]]),
        **values(tape, FIELDS, clock.as_of),
    }
    if tape.chance(20):
        lead["shoe_size"] = 43
    return lead


def an_account(data: bytes, number: int, clock: Clock) -> Row:
    return {"account_id": ACCOUNT_IDS[number], **values(Tape(data), ACCOUNT_FIELDS, clock.as_of)}


def new_activity(tape: Tape, lead_ids: list[str], clock: Clock) -> Row:
    """A new activity; one with a message_id has only plain texts: null against blank never decides a tie."""
    message_id = tape.one([None, None, None, None, "m1", "m2", "m3"])
    texts = TEXTS if message_id is None else PLAIN_TEXTS
    type_ = tape.one([*ACTIVITIES, "page_viewed", "page_viewed", "page_viewed", "ghost_type"])
    occurred_at = moment(tape, clock.as_of)
    properties = values(tape, ACTIVITIES.get(type_, {}), clock.as_of, texts)
    if tape.chance(15):
        properties["colour"] = "red"
    if message_id is None and type_ == "email_clicked" and tape.chance(30):
        properties["path"] = "/pricing"
    received = [None, None, occurred_at, occurred_at, occurred_at + 3_600 * SECOND, clock.around_known(tape)]
    return {
        "lead_id": tape.one([*lead_ids, *lead_ids, *lead_ids[:1] * 8, "orphan"]),
        "activity_type": type_,
        "occurred_at": occurred_at,
        "received_at": tape.one(received),
        "message_id": message_id,
        **a_mark(tape, clock),
        "properties": properties,
    }


def a_mark(tape: Tape, clock: Clock) -> Row:
    """Whether and since when the activity is known to be machine-made."""
    is_machine = tape.one([None, False, False, None, None, False, True])
    late = clock.around_known(tape)
    return {"is_machine": is_machine, "machine_known_at": tape.one([late, None]) if is_machine else None}


def a_copy(tape: Tape, row: Row, number: int, lead_ids: list[str], clock: Clock) -> Row:
    """The same message once more, with one thing different."""
    if row["message_id"] is None:
        row["message_id"] = f"copy{number}"
    again = {**row, "properties": dict(row["properties"])}
    declared = ACTIVITIES.get(row["activity_type"], {})
    what = tape.one(["received_at", "nothing", "mark", "occurred_at", "lead_id", "activity_type", "property"])
    if what == "received_at":
        again["received_at"] = tape.one([clock.around_known(tape), row["occurred_at"], None])
    elif what == "occurred_at":
        again["occurred_at"] = moment(tape, clock.as_of)
    elif what == "lead_id":
        again["lead_id"] = tape.one([*lead_ids, "orphan"])
    elif what == "activity_type":
        again["activity_type"] = tape.one([*ACTIVITIES, "ghost_type"])
        kept = ACTIVITIES.get(again["activity_type"], {})
        again["properties"] = {name: found for name, found in row["properties"].items() if name in kept}
    elif what == "mark":
        again.update(a_mark(tape, clock))
    elif what == "property" and declared:
        name = tape.one(list(declared))
        again["properties"][name] = value(tape, declared[name], clock.as_of, PLAIN_TEXTS)
    return again


def some_activities(tapes: list[bytes], lead_ids: list[str], clock: Clock) -> list[Row]:
    rows: list[Row] = []
    for number, data in enumerate(tapes):
        tape = Tape(data)
        if tape.chance(20) and rows:
            rows.append(a_copy(tape, tape.one(rows), number, lead_ids, clock))
        else:
            rows.append(new_activity(tape, lead_ids, clock))
    return rows


def a_field_change(data: bytes, lead_ids: list[str], account_ids: list[str], clock: Clock) -> Row:
    """A change of a declared field, of `account_id`, or of a field the model does not declare."""
    tape = Tape(data)
    if account_ids and tape.chance(25):
        subject, id_, types = "account", tape.one(account_ids), ACCOUNT_FIELDS
    else:
        subject, id_, types = "lead", tape.one([*lead_ids, *lead_ids, "nobody"]), FIELDS
    field = tape.one([*types, *types, "account_id" if subject == "lead" else "shoe_size"])
    if field in types:
        changed: Any = value(tape, types[field], clock.as_of, HISTORY_TEXTS)
    else:
        changed = tape.one(["acme", "beta", "ghost"]) if field == "account_id" else 42
    known_at = clock.around_known(tape)
    return {
        "subject": subject,
        "id": id_,
        "field": field,
        "value": None if tape.chance(20) else changed,
        "known_at": known_at,
    }


def a_list_row(data: bytes, lead_ids: list[str], clock: Clock) -> Row:
    tape = Tape(data)
    member_type = tape.one(["lead", "account"])
    bounds = [None, clock.as_of, clock.as_of - 1, clock.as_of + 1, clock.as_of - 86_400 * SECOND]
    return {
        "list": tape.one([*LISTS, "nowhere"]),
        "member_type": member_type,
        "member_id": tape.one(lead_ids if member_type == "lead" else [*ACCOUNT_IDS, "ghost"]),
        "from": tape.one(bounds),
        "to": tape.one([None, None, *bounds, clock.as_of + 86_400 * SECOND]),
        "known_at": tape.one([None, clock.around_known(tape)]),
    }
