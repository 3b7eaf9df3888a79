"""Lists of some ratings: in pages that join without gap, and without walking what lies between ratings that are no neighbors."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.conftest import empty_tables
from tests.server.web.people import make_people
from tests.server.world import make_live
from vaglio.terms import RANK_ORDER, RATINGS

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def ranked(database: Any) -> Iterator[list[Any]]:
    """Leads of all ratings and of none, some with equal ranks, in the order of the list."""
    from vaglio_server.crm.models import Lead

    empty_tables()
    make_people()
    make_live()
    draw = random.Random(5)
    made = []
    for _ in range(150):
        rating = draw.choice([*RANK_ORDER, None])
        rank = [RANK_ORDER.index(rating) + 1.0, -float(draw.randint(0, 2))] if rating else [99.0]
        made.append(Lead(fields={"employees": draw.randint(0, 9)}, created_at=NOW, rating=rating, rank=rank))
    yield sorted(Lead.objects.bulk_create(made), key=lambda lead: (lead.rank, lead.pk))
    empty_tables()


def found(ratings: list[str], *where: str) -> Any:
    from vaglio_server.users.models import User
    from vaglio_server.views.logic.asked import Asked
    from vaglio_server.views.queries import leads_of, offer

    asked = Asked.of({"rating": ratings, "where": list(where)}, RATINGS)
    return leads_of(asked, User.objects.get(username="marta"), NOW, offer())


@pytest.mark.parametrize("size", [1, 7, 500])
@pytest.mark.parametrize("ratings", [["A1"], ["A1", "D4"], ["A1", "A2", "B1"], ["D4", "B3", "A2", "C1"], [*RANK_ORDER[::2]], [*RANK_ORDER]])
def test_pages_join(ranked: list[Any], ratings: list[str], size: int) -> None:
    from vaglio_server.views.queries import counted, page_sorted

    for where, fits in (((), lambda lead: True), (("lead.employees:least:5",), lambda lead: lead.fields["employees"] >= 5)):
        asked = [lead.pk for lead in ranked if lead.rating in ratings and fits(lead)]
        those = found(ratings, *where)
        seen: list[int] = []
        cursor = None
        while cursor is not None or not seen:
            page = page_sorted(those, cursor=cursor, limit=size)
            assert len(page.leads) == size or page.next_cursor is None
            seen += [lead.pk for lead in page.leads]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == asked != []
        assert counted(those) == (len(asked), False)
        by_name = page_sorted(those, cursor=None, limit=500, sort="name").leads
        assert {lead.pk for lead in by_name} == set(asked)


def test_counting_ends_over_all_ratings(ranked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.views.queries import counted, leads

    many = sum(lead.rating in ("A1", "D4") for lead in ranked)
    for most, told in ((many, (many, False)), (many - 1, (many - 1, True)), (1, (1, True))):
        monkeypatch.setattr(leads, "COUNTED", most)
        assert counted(found(["A1", "D4"])) == told


def test_what_lies_between_is_not_walked(ranked: list[Any]) -> None:
    """Each question names ranks of neighbors only, and the second is asked where the first does not fill the page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vaglio_server.views.queries import page_sorted

    first = sum(lead.rating == "A1" for lead in ranked)
    those = found(["A1", "D4"])
    for limit, parts in ((first - 1, [("1", "2")]), (first + 1, [("1", "2"), ("16", "17")])):
        with CaptureQueriesContext(connection) as asked:
            assert len(page_sorted(those, cursor=None, limit=limit).leads) == limit
        for each, (least, below) in zip(asked, parts, strict=True):
            assert f"\"rank\" >= '{{{least}.0}}'" in each["sql"] and f"\"rank\" < '{{{below}.0}}'" in each["sql"], each["sql"]
