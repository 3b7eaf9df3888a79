"""Whose leads they are, the first to call first: an index names them, however few of many they are."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.conftest import as_if_new

AT = datetime(2026, 11, 26, tzinfo=UTC)
LEADS = 2_500


@pytest.mark.parametrize("share", [3, LEADS - 3], ids=["few are nobody's", "nearly all are nobody's"])
def test_leads_of_somebody_and_of_nobody_are_named_by_an_index(tables: Any, share: int) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.crm.queries import page_of_leads
    from vaglio_server.users.models import User

    anna, bruno = (User.objects.create_user(name, role="sales") for name in ("anna", "bruno"))
    owners = [None] * share + [anna, bruno] * LEADS
    Lead.objects.bulk_create(Lead(owner=owner, rank=[n * 7919 % LEADS, 0, 0], created_at=AT) for n, owner in enumerate(owners[:LEADS]))
    as_if_new("crm_lead")
    for owner in (None, anna):
        whose = Lead.objects.present().filter(owner=owner)
        places = [lead.rank for lead in page_of_leads(whose, cursor=None, limit=50).leads]
        assert places == sorted(places) and len(places) == min(50, whose.count())
        plan = whose.order_by("rank", "id")[:51].explain()
        assert "Seq Scan" not in plan, plan
