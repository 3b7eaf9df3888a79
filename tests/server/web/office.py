"""A small company whose leads have a past, for journeys through all pages: two versions of a model, a list, a file, twins, a contact."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.server.conftest import empty_tables
from tests.server.studies.crowd import BOUNDED
from tests.server.web.people import PASSWORD, make_people
from tests.server.world import AT, leads, make_live, make_source, send

DRAFT = BOUNDED.replace("points: 60, group: who", "points: 70, group: who").replace("half_life: 14d", "half_life: 7d")
TITLES = ("CTO", "Head of sales", "CTO", "Buyer", "Clerk", "CTO", "Buyer", "Clerk")
DONE = (("page_viewed", {"path": "/pricing"}), ("form_submitted", {"form": "demo"}), ("webinar_attended", {"minutes": 40}))


def make_office() -> dict[str, Any]:
    """Make it, scored, and return its users."""
    from vaglio_server.crm.actions import assign_leads
    from vaglio_server.scoring.actions import push_model, score_due, score_past
    from vaglio_server.scoring.scorers import a_scorer

    empty_tables()
    now = datetime.now(UTC)
    people = make_people(PASSWORD)
    source = make_source()
    version = make_live(BOUNDED)
    _bring(source, now)
    with a_scorer() as scorer:
        score_past(version=version, instants=[now - timedelta(days=days) for days in (20, 9, 4)], scorer=scorer, by="test", at=now)
        # Of the same name at the same company, and one has done what the other is said to have done.
        send(source, *({"type": "identify", "userId": f"kim-{n}", "traits": {"firstName": "Kim", "lastName": n}} for n in ("One", "Two")),
             {"type": "alias", "userId": "kim-Two", "previousId": "kim-One"})  # fmt: skip
        while score_due(scorer=scorer, limit=100):
            pass
    assign_leads(leads=[leads()[f"p{n}@firm{n % 3}.example"].pk for n in (1, 3)], owner=people["luca"], by="test", at=now)
    push_model(text=DRAFT, by="marta", at=AT)
    return people


def _bring(source: Any, now: datetime) -> None:
    from vaglio_server.crm.actions import Brought, bring_leads
    from vaglio_server.tracking.actions import Done, bring_activities

    since = now - timedelta(days=30)
    leads: list[Any] = []
    for n, title in enumerate(TITLES, 1):
        fields = {"first_name": f"Person{n}", "email": f"p{n}@firm{n % 3}.example", "job_title": title, "employees": 60 * n}
        leads.append((f"p{n}", f"a{n % 3}", since, fields))
    accounts: list[Any] = [(f"a{n}", f"Firm {n}", f"firm{n}.example", {"industry": "software"}) for n in range(3)]
    ids = bring_leads(brought=Brought(accounts, leads, [], []), since=since, by="test", at=now)
    done = []
    for place, (key, lead) in enumerate(ids.items()):
        for days in range(1, 2 + 3 * (len(ids) - place)):
            kind, about = DONE[days % 3]
            at = now - timedelta(days=days)
            done.append(Done(lead, f"{key} {days}", kind, at, at, None, dict(about)))
    bring_activities(source=source, people={lead: (key, since) for key, lead in ids.items()}, done=done, by="test", at=now)
