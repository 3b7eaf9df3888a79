"""Leads that are looked at one after the other: in the order of an index, no more of them than is said, and each once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.conftest import empty_tables
from tests.server.web.people import make_people
from tests.server.world import make_live
from vaglio.terms import RANK_ORDER, RATINGS

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LEADS = 20_000
_FILL = """SET session_replication_role = replica;
    INSERT INTO crm_lead (fields, created_at, rating, rank)
    SELECT jsonb_build_object('last_name', 'Name ' || n * 7919 %% 20011, 'employees', n * 31 %% 5000), now() - n * INTERVAL '1 minute',
        (%(ratings)s::text[])[place], ARRAY[place, n * 7919 %% 20011]
    FROM (SELECT n, 1 + n %% 16 AS place FROM generate_series(1, %(leads)s) AS n) AS drawn;
    INSERT INTO crm_leadorder (lead_id, name, company, created_at) SELECT id, crm_order_name(fields), '', created_at FROM crm_lead;
    INSERT INTO lifecycle_leadstage (lead_id, stage, since, next_step)
    SELECT id, CASE WHEN id %% 400 = 0 THEN 'customer' ELSE 'recycled' END, now(), '' FROM crm_lead WHERE id %% 2 = 0;
    SET session_replication_role = DEFAULT; ANALYZE crm_lead, crm_leadorder, lifecycle_leadstage"""


@pytest.fixture(scope="module")
def many(database: Any) -> Iterator[None]:
    from django.db import connection

    empty_tables()
    make_people()
    make_live()
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"leads": LEADS, "ratings": list(RANK_ORDER)})
    yield
    empty_tables()


def found(*where: str, **more: list[str]) -> Any:
    from vaglio_server.lifecycle.queries import offer_of_lists
    from vaglio_server.users.models import User
    from vaglio_server.views.logic.asked import Asked
    from vaglio_server.views.queries import leads_of

    return leads_of(Asked.of({"where": list(where), **more}, RATINGS), User.objects.get(username="marta"), NOW, offer_of_lists())


@pytest.mark.parametrize("cursor", [False, True], ids=["first", "next"])
@pytest.mark.parametrize(
    ("sort", "index"), [("", "lead_rank"), ("name", "order_name"), ("-company", "order_company"), ("-created", "order_created")]
)
def test_leads_are_read_in_the_order_of_an_index(many: None, sort: str, index: str, cursor: bool) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vaglio_server.views.queries import page_sorted

    those = found("lead.employees:least:10")
    place = page_sorted(those, cursor=None, limit=10, sort=sort).next_cursor if cursor else None
    with CaptureQueriesContext(connection) as asked:
        page_sorted(those, cursor=place, limit=10, sort=sort)
    look = next(each["sql"] for each in asked if "walked" in each["sql"])
    with connection.cursor() as database:
        database.execute(f"EXPLAIN {look}")
        plan = "\n".join(row[0] for row in database.fetchall())
    assert f"using {index} on" in plan and "Sort" not in plan.replace("Incremental Sort", ""), plan


@pytest.mark.parametrize(
    ("where", "is_few"), [("is:customer", True), ("is:recycled", False), ("is_not:inquiry", False), ("is:inquiry", False)]
)
def test_stages_are_read_by_an_index_however_many_leads_there_are(
    many: None, where: str, is_few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vaglio_server.views.queries import leads as module
    from vaglio_server.views.queries import page_sorted

    monkeypatch.setattr(module, "_MANY", {})  # what other tests asked of other leads
    with CaptureQueriesContext(connection) as asked:
        those = found(f"record.stage:{where}")
        page = page_sorted(those, cursor=None, limit=10)
    assert (those.is_few, len(page.leads)) == (is_few, 10)
    plans = []
    for each in asked:
        if "lifecycle_leadstage" in each["sql"]:
            with connection.cursor() as database:
                database.execute(f"EXPLAIN {each['sql']}")
                plans.append("\n".join(row[0] for row in database.fetchall()))
    assert plans and "Seq Scan" not in "".join(plans), plans
    assert ("lead_in_stage" if is_few else "lead_rank") in plans[0 if is_few else -1], plans


@pytest.mark.parametrize("sort", ["", "name", "-created"])
def test_no_more_are_looked_at_than_is_said(many: None, sort: str) -> None:
    from vaglio_server.views.queries import page_sorted
    from vaglio_server.views.queries.walk import FIRST, FURTHER, THEN

    page = page_sorted(found("lead.employees:least:6000"), cursor=None, limit=10, sort=sort)
    assert page.leads == [] and page.next_cursor is not None and 0 < page.looked <= FIRST + THEN
    looked, steps = page.looked, 1
    while page.next_cursor:
        before = page.looked
        page = page_sorted(found("lead.employees:least:6000"), cursor=page.next_cursor, limit=10, sort=sort, goes_on=True)
        looked, steps = looked + page.looked, steps + 1
        assert page.leads == [] and page.looked <= FURTHER and before
    assert LEADS - FURTHER < looked <= LEADS and steps < 10
    assert page_sorted(found("score.temperature:is:hot"), cursor=None, limit=10).looked < 6_000, "what costs more is asked of fewer"


@pytest.mark.parametrize("step", [1_000, 997])
@pytest.mark.parametrize("sort", ["", "name", "-created"])
def test_steps_join_without_gap_and_show_each_once(many: None, sort: str, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.views.queries import page_sorted, walk

    for name in ("FIRST", "THEN", "FURTHER"):
        monkeypatch.setattr(walk, name, step)
    monkeypatch.setattr(walk, "BESIDE", 0)
    those = found("lead.employees:most:2500")
    seen: list[int] = []
    page = page_sorted(those, cursor=None, limit=700, sort=sort)
    while page.next_cursor:
        seen += [lead.pk for lead in page.leads]
        page = page_sorted(those, cursor=page.next_cursor, limit=700, sort=sort, goes_on=bool(page.looked))
    seen += [lead.pk for lead in page.leads]
    order = {"": ("rank", "id"), "name": ("order__name", "id"), "-created": ("-created_at", "-id")}[sort]
    assert seen == list(Lead.objects.filter(fields__employees__lte=2500).order_by(*order).values_list("pk", flat=True)) != []


@pytest.mark.parametrize("rare", [5_000, 0], ids=["few by index", "one by one"])
@pytest.mark.parametrize("sort", ["name", "created"])
def test_ratings_sorted_otherwise_join_with_conditions(many: None, rare: int, sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.views.queries import page_sorted, walk

    monkeypatch.setattr(walk, "RARE", rare)
    for where, fits in (((), lambda lead: True), (("lead.employees:least:4500",), lambda lead: lead.fields["employees"] >= 4500)):
        those = found(*where, rating=["A1", "D4"])
        rated = Lead.objects.filter(rating__in=["A1", "D4"]).select_related("order")
        key = (lambda lead: (lead.order.name, lead.pk)) if sort == "name" else (lambda lead: (lead.created_at, lead.pk))
        expected = [lead.pk for lead in sorted(filter(fits, rated), key=key)]
        seen: list[int] = []
        cursor, short = None, False
        while True:
            page = page_sorted(those, cursor=cursor, limit=400, sort=sort, goes_on=short)
            seen += [lead.pk for lead in page.leads]
            cursor, short = page.next_cursor, bool(page.looked)
            if cursor is None:
                break
        assert seen == expected != []


def test_an_index_that_takes_long_names_nobody(many: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked in its place finds the same leads, and whoever asks next has the time there was before."""
    from django.db import connection

    from vaglio_server.views.queries import Check, Found, in_time, leads
    from vaglio_server.views.queries.sql import Clause

    def slow() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(1)")
        return []

    monkeypatch.setattr(leads, "INDEX_MS", 200)
    clause, base = Clause("crm_lead.id %% 10000 = 0"), found().base
    those, at_once = (Found(base, checks=(Check(clause, few),)) for few in (slow, lambda: [10_000, 20_000]))
    with in_time(4_321):
        assert len(those.leads) == len(at_once.leads) == 2 and at_once.narrowed.is_few and not those.narrowed.is_few
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone()[0] == "4321ms"
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone()[0] == "0"


def test_that_an_index_named_many_is_remembered_for_a_minute() -> None:
    from datetime import UTC, datetime, timedelta

    from vaglio_server.views.queries import leads

    now, asked = datetime(2026, 10, 2, tzinfo=UTC), []

    def few() -> list[int] | None:
        asked.append(1)
        return None if len(asked) == 1 else [7]

    assert leads._unless_many("words 'kept':*", few, now) is None
    assert leads._unless_many("words 'kept':*", few, now + timedelta(seconds=59)) is None and len(asked) == 1
    assert leads._unless_many("words 'kept':*", few, now + timedelta(seconds=61)) == [7]
    assert leads._unless_many("words 'kept':*", few, now + timedelta(seconds=62)) == [7] and len(asked) == 3  # few are asked for each time
