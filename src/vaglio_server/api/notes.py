"""Notes on records: whoever sees a record sees them."""

from datetime import UTC, datetime
from typing import Any

from ninja import Router, Schema, Status

from vaglio_server.api.seen import Records, found_or_404, record_now, record_of, writer
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.actions import add_note, remove_note
from vaglio_server.crm.queries import notes_on, page_by_id

router = Router(tags=["notes"])


class NoteOut(Schema):
    """What somebody wrote, and when."""

    id: int
    text: str
    at: datetime
    by: str


class NotePage(Schema):
    """Some notes, newest first; ``next_cursor`` asks for those before them, None before the first."""

    notes: list[NoteOut]
    next_cursor: int | None


class NoteIn(Schema):
    """What to write: up to 10,000 characters."""

    text: str


@router.get("/{records}/{int:record_id}/notes", response=NotePage, operation_id="notes_list")
def notes_list(request: Any, records: Records, record_id: int, cursor: int | None = None, limit: int = 50) -> Any:
    """Return the notes on a record, newest first."""
    found = notes_on(record_of(request, records, record_id))
    page = page_by_id(found, cursor=cursor, limit=max(1, min(limit, 200)), newest_first=True)
    return {"notes": page.rows, "next_cursor": page.next_cursor}


@router.post("/{records}/{int:record_id}/notes", response={201: NoteOut}, operation_id="notes_add", auth=WRITING)
def notes_add(request: Any, records: Records, record_id: int, body: NoteIn) -> Any:
    """Write a note on a record."""
    by = writer(request)
    about = record_now(request, records, record_id)
    return Status(201, add_note(about=about, text=body.text, by=by, at=datetime.now(UTC)))


@router.delete("/{records}/{int:record_id}/notes/{int:note_id}", response={204: None}, operation_id="notes_remove", auth=WRITING)
def notes_remove(request: Any, records: Records, record_id: int, note_id: int) -> Any:
    """Take a note away; who wrote it and administrators may."""
    writer(request)
    found = notes_on(record_of(request, records, record_id))
    note = found_or_404(found, note_id, f"there is no note {note_id} on this record")
    remove_note(note=note, user=request.auth.user, at=datetime.now(UTC))
    return Status(204, None)
