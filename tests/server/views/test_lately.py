"""Leads by what happened last, as a plain sort of everything says, in pages that join without gap; few or many."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.conftest import empty_tables
from tests.server.web.people import make_people, signed_in
from tests.server.world import make_live
from vaglio_server.cursors import cursor_of

SORTS = ("-active", "-changed")
LEADS = 120
START = datetime(2026, 5, 1, tzinfo=UTC)
Latest = dict[str, dict[int, tuple[datetime, int]]]  # by the order, then by lead


@pytest.fixture(scope="module")
def latest(database: Any) -> Iterator[Latest]:
    """Leads under some identities (a few no more theirs), what they did (some of it machines'), and how their ratings changed."""
    from vaglio_server.crm.models import Lead
    from vaglio_server.scoring.models import Crossing
    from vaglio_server.tracking.models import Activity, Identity, IdentityLink

    empty_tables()
    make_people()
    make_live()
    draw = random.Random(11)
    found: Latest = {sort: {} for sort in SORTS}
    leads = Lead.objects.bulk_create(Lead(fields={"country": draw.choice(["Italy", "France"])}, created_at=START) for _ in range(LEADS))

    def at() -> datetime:
        return START + timedelta(hours=draw.randrange(60))  # few instants: many things happen at once

    def note(sort: str, lead: int, when: datetime, number: int) -> None:
        found[sort][lead] = max(found[sort].get(lead, (when, number)), (when, number))

    for lead in leads:
        for n in range(draw.randint(0, 2)):
            identity = Identity.objects.create(kind="user_id", value=f"{lead.pk}-{n}")
            ended = START if draw.random() < 0.2 else None
            IdentityLink.objects.create(identity=identity, lead=lead, known_at=START, ended_at=ended, by="test")
            for _ in range(draw.randint(0, 5)):
                is_machine, kind = draw.random() < 0.3, draw.choice(["page_viewed", "it's 100% {odd}", "form_submitted"])
                done = Activity.objects.create(identity=identity, event_id=1, activity_type=kind, occurred_at=at(), known_at=START,
                                               is_machine=is_machine, machine_known_at=START if is_machine else None)  # fmt: skip
                if not is_machine and ended is None:
                    note("-active", lead.pk, done.occurred_at, done.pk)
        for _ in range(draw.randint(0, 4)):
            before, after = draw.choice([None, "A1", "B2"]), draw.choice([None, "A1", "B2"])
            made = Crossing.objects.create(
                score_id=1_000 + Crossing.objects.count(), lead=lead, at=at(), rating_before=before, rating_after=after
            )
            if before is not None and before != after:
                note("-changed", lead.pk, made.at, made.pk)
    assert all(10 < len(those) < LEADS - 10 for those in found.values())
    yield found
    empty_tables()


def expected(latest: Latest, sort: str, among: set[int]) -> list[int]:
    those = {lead: its for lead, its in latest[sort].items() if lead in among}
    return sorted(those, key=lambda lead: those[lead], reverse=True) + sorted(among - those.keys())


def walked(found: Any, sort: str, size: int, named: Any = None) -> list[int]:
    """Return leads page by page; ``named``: those among whom they are as far as indexes say."""
    from vaglio_server.views.queries import Check, Found, page_sorted
    from vaglio_server.views.queries.sql import Clause

    one_by_one = Check(Clause("crm_lead.id = ANY(%s)", (list(found.values_list("pk", flat=True)),)))
    asked = Found(found) if named is None else Found(named, checks=(one_by_one,))
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = page_sorted(asked, cursor=cursor, limit=size, sort=sort)
        assert len(page.leads) <= size
        seen += [lead.pk for lead in page.leads]
        cursor = page.next_cursor
        if cursor is None:
            return seen


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize(
    ("few", "some", "step", "far", "sifted"),
    [
        (1_000, 0, 3, 12, 0),
        (70, 80, 3, 9, 12),
        (0, 0, 100, 400, 0),
        (0, 200, 7, 0, 100),
        (0, 0, 7, 28, 0),
        (0, 200, 3, 0, 12),
        (0, 80, 9, 4, 5),
        *(pytest.param(0, 80, step, 1, 1, marks=pytest.mark.drill) for step in (2, 1)),  # ask ten and a hundred times as much
    ],
)
def test_it_works(
    latest: Latest, sort: str, few: int, some: int, step: int, far: int, sifted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.views.queries import lately

    for name, value in {"FEW": few, "RARE": few, "SOME": some, "STEP": step, "FAR": far, "SIFTED": sifted}.items():
        monkeypatch.setattr(lately, name, value)
    everybody = set(Lead.objects.values_list("pk", flat=True))
    for size in (7, LEADS, 1_000):
        assert walked(Lead.objects.present(), sort, size) == expected(latest, sort, everybody)
    italians = Lead.objects.present().filter(fields__country="Italy")
    some = Lead.objects.present().filter(pk__lt=min(everybody) + LEADS * 3 // 5)
    for found, named in ((italians, None), (italians, Lead.objects.present()), (italians & some, some), (some, None)):
        assert walked(found, sort, 10, named) == expected(latest, sort, set(found.values_list("pk", flat=True)))
    assert walked(Lead.objects.filter(pk__in=[]), sort, 10) == walked(Lead.objects.filter(pk__in=[]), sort, 10, some) == []
    assert walked(Lead.objects.filter(fields__country="%s {0} 100%"), sort, 10) == []


@pytest.mark.parametrize("sort", SORTS)
def test_a_page_begun_with_few_goes_on_with_many(latest: Latest, sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.views.queries import Found, lately

    everybody = Found(Lead.objects.present())
    first = lately.page_sorted(everybody, cursor=None, limit=30, sort=sort)
    monkeypatch.setattr(lately, "FEW", 0)
    then = lately.page_sorted(everybody, cursor=first.next_cursor, limit=30, sort=sort)
    assert [lead.pk for lead in (*first.leads, *then.leads)] == expected(latest, sort, set(Lead.objects.values_list("pk", flat=True)))[:60]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize(
    "cursor", ["x", "[]", "{}", '["a", 1]', '["2026-05-01", true]', "[null, -2]", "[null, 99999999999999999999]", "[1, 2]"]
)
def test_it_rejects_a_cursor_that_no_page_gave(latest: Latest, sort: str, cursor: str) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.views.queries import Found, page_sorted

    with pytest.raises(ValueError, match="none that this list gave"):
        page_sorted(Found(Lead.objects.all()), cursor=cursor_of(cursor), limit=5, sort=sort)


@pytest.mark.parametrize("sort", SORTS)
def test_the_list_is_sorted_in_the_address_and_in_files(latest: Latest, sort: str) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.users.models import User

    marta = signed_in(User.objects.get(username="marta"))
    asked = expected(latest, sort, set(Lead.objects.values_list("pk", flat=True)))
    page = marta.get(f"/leads?sort={sort}").content.decode()
    places = [page.index(f'href="/leads/{lead}"') for lead in asked[:50]]
    assert places == sorted(places) and f'<option value="{sort}" selected>' in page
    file = b"".join(marta.post("/leads/export.csv", {"query": f"sort={sort}"}).streaming_content).decode("utf-8-sig").splitlines()
    assert [int(line.split(",")[0]) for line in file[1:]] == asked
    assert marta.get(f"/leads?sort={sort}&cursor=x").status_code == 400


@pytest.mark.parametrize(("sort", "index", "branches"), [("-active", "activity_by_type", 3), ("-changed", "crossing_changed", 1)])
def test_what_happened_is_read_in_the_order_of_an_index(
    latest: Latest, sort: str, index: str, branches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the three types that are frequent; the rare ones are read whole."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from vaglio_server.crm.models import Lead
    from vaglio_server.views.queries import Found, lately

    monkeypatch.setattr(lately, "FEW", 0)
    monkeypatch.setattr(lately, "SOME", 0)
    more = (
        """INSERT INTO tracking_activity (identity_id, event_id, activity_type, occurred_at, known_at, is_machine, properties)
        SELECT identity, 1, (ARRAY['a', 'b', 'c'])[1 + n % 3], now() - n * interval '1 minute', now(), false, '{}'
        FROM generate_series(1, 300) AS n, (SELECT DISTINCT identity_id AS identity FROM tracking_activity) AS those""",
        """INSERT INTO scoring_crossing (score_id, lead_id, at, rating_before, rating_after)
        SELECT 1000000 + n, (SELECT min(id) FROM crm_lead) + n % 100, now() - n * interval '1 minute', 'A1', 'B1'
        FROM generate_series(1, 20000) AS n""",
        "ANALYZE tracking_activity, scoring_crossing, tracking_identitylink",
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in more:
            cursor.execute(statement)
        with CaptureQueriesContext(connection) as asked:
            lately.page_sorted(Found(Lead.objects.present()), cursor=None, limit=5, sort=sort)
        walk = next(each["sql"] for each in asked if "walked" in each["sql"])
        cursor.execute(f"EXPLAIN {walk}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        transaction.set_rollback(True)
    assert plan.count(f"using {index} on") >= branches and "Seq Scan on tracking_activity" not in plan, plan
