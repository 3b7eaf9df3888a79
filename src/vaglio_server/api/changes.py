"""The history of records: every value their fields had, and what was known of them at any instant."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Query, Router, Schema

from vaglio_server.api.exact import Moment
from vaglio_server.api.seen import Records, record_of
from vaglio_server.crm.queries import history_of, page_by_id, values_at

router = Router(tags=["history"])


class ChangeOut(Schema):
    """A value that a field or a column took (null: it was taken away), when that became known, and by whom."""

    id: int
    field: str
    value: Any
    known_at: datetime
    by: str


class ChangePage(Schema):
    """Some changes, newest first; ``next_cursor`` asks for those before them, None before the first."""

    changes: list[ChangeOut]
    next_cursor: int | None


class ValuesOut(Schema):
    """What was known of a record at an instant, by the names of its fields and columns."""

    known_at: datetime
    values: dict[str, Any]


@router.get("/{records}/{int:record_id}/changes", response=ChangePage, operation_id="changes_list")
def changes_list(
    request: Any, records: Records, record_id: int, field: str | None = None, cursor: int | None = None, limit: int = 100
) -> Any:  # fmt: skip
    """Return the values that a record's fields took, or one of them, newest first."""
    found = history_of(record_of(request, records, record_id), field=field)
    page = page_by_id(found, cursor=cursor, limit=max(1, min(limit, 1000)), newest_first=True)
    return {"changes": page.rows, "next_cursor": page.next_cursor}


@router.get("/{records}/{int:record_id}/values", response=ValuesOut, operation_id="values_get")
def values_get(request: Any, records: Records, record_id: int, known_at: Annotated[Moment, Query()]) -> Any:
    """Return what was known of a record at an instant."""
    return ValuesOut(known_at=known_at, values=values_at(record_of(request, records, record_id), known_at))
