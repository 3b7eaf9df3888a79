"""The trail is read in pages, by who, verb, subject and day."""

from datetime import date, timedelta

import pytest

from tests.server.conftest import as_if_new
from tests.server.world import AT
from vaglio_server.cursors import cursor_of
from vaglio_server.users.actions import audit
from vaglio_server.users.models import AuditEntry
from vaglio_server.users.queries import Asked, trail

pytestmark = pytest.mark.usefixtures("tables")


def write() -> None:
    for number in range(12):
        who, verb = ("ada", "marta")[number % 2], ("edit_lead", "add_note", "define_field")[number % 3]
        audit(by=who, verb=verb, subject=f"lead:{number % 2}", at=AT + timedelta(hours=number // 2 * 5), n=number)


def numbers(asked: Asked, limit: int = 100) -> list[int]:
    found, cursor = [], None
    while True:
        page = trail(asked, cursor=cursor, limit=limit)
        found += [entry.detail["n"] for entry in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 5, 12])
def test_it_works_in_pages_that_join_without_gap(limit: int) -> None:
    write()
    assert numbers(Asked(), limit) == list(range(11, -1, -1))


def test_it_is_filtered() -> None:
    write()
    assert numbers(Asked(by="ada"), 1) == [10, 8, 6, 4, 2, 0]
    assert numbers(Asked(verb="add_note"), 2) == [10, 7, 4, 1]
    assert numbers(Asked(subject="lead:1", verb="edit_lead")) == [9, 3]
    assert numbers(Asked(subject="lead")) == list(range(11, -1, -1))
    assert numbers(Asked(subject="lea")) == numbers(Asked(by="nobody")) == []
    # AT is 9 o'clock: 9, 14 and 19 are that day, 0, 5 and 10 the next.
    assert numbers(Asked(day=AT.date())) == [5, 4, 3, 2, 1, 0]
    assert numbers(Asked(day=AT.date() + timedelta(days=1))) == [11, 10, 9, 8, 7, 6]
    assert numbers(Asked(day=date.max)) == numbers(Asked(day=date.min)) == []


@pytest.mark.parametrize("cursor", ["nonsense", "1~", "~1", "1~9999999999999999999", "-1~-1"])
def test_it_rejects_a_cursor_that_is_none(cursor: str) -> None:
    for asked in (cursor, cursor_of(cursor)):
        with pytest.raises(ValueError, match="cursor is none"):
            trail(Asked(), cursor=asked, limit=2)


def test_it_requires_no_reading_of_everything() -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(by=f"u{n % 50}", verb=f"v{n % 20}", subject=f"lead:{n % 500}", at=AT + timedelta(seconds=n)) for n in range(20_000)
    )
    as_if_new("users_auditentry")
    asked = [
        Asked(),
        Asked(by="u7"),
        Asked(verb="v3"),
        Asked(subject="lead:9"),
        Asked(day=AT.date()),
        Asked(by="nobody"),
        Asked(verb="none"),
    ]
    for each in asked:
        plan = AuditEntry.objects.filter(each.condition()).order_by("-at", "-id")[:51].explain()
        assert "Index" in plan and "Seq Scan" not in plan, (each, plan)
