"""How fast pages come with many leads: the list in all its forms, a lead, home. Requests to the server as it is run, one after another.

``python -m benchmarks.pages [--leads N] [--activities A] [--rounds R] [--only BEGINNING]…``. Where only some pages are measured, by how
their names begin, the others stay as they were written down. The floor in the same run is ``/readyz``: a request that asks the
database for nothing but ``SELECT 1``.
"""

import argparse
import http.client
import json
import os
import platform
import random
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.filling import Size, beside, fill, handed
from benchmarks.installation import installation
from benchmarks.score import spread

FIRST = 16  # requests of each kind that fill the caches, one for each rating: the slowest of them is told beside the others
WARMING_SECONDS = 20  # after its first page a process writes the plans that explain leads, beside the pages that come meanwhile
RESULTS = Path(__file__).parent / "results" / "pages.json"


def cookie(name: str) -> str:
    """Return the session of a user."""
    from django.test import Client

    from vaglio_server.users.models import User

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username=name))
    return f"sessionid={client.cookies['sessionid'].value}"


Kinds = dict[str, tuple[str, Callable[[], str]]]
CURSORS = {
    "name": '["elena name4000", 500000]',
    "-company": '["company 125000", 500000]',
    "-created": '["2026-05-01T00:00:00+00:00", 500000]',
}


def pages(leads: int) -> Kinds:
    """Return, for each kind of page, who asks and for which address."""
    drawn = random.Random(4)
    return {"floor": ("boss", lambda: "/readyz")} | orders(drawn) | searches(drawn, leads) | filters(drawn, leads) | others(drawn, leads)


def orders(drawn: random.Random) -> Kinds:
    """Return lists of leads in their orders: first pages, far down, of a seller, of a rating."""
    ratings = [f"{letter}{digit}" for letter in "ABCD" for digit in "1234"]
    drawn.shuffle(ratings)
    rating = cycle(ratings).__next__
    deep = {
        f"list_deep_{sort.strip('-')}": ("boss", partial("/leads?sort={}&cursor={}".format, sort, quote(cursor)))
        for sort, cursor in CURSORS.items()
    }
    return {
        "list": ("boss", lambda: "/leads"),
        "list_by_name": ("boss", lambda: "/leads?sort=name"),
        "list_by_company_down": ("boss", lambda: "/leads?sort=-company"),
        "list_by_created": ("boss", lambda: "/leads?sort=-created"),
        "list_last_active": ("boss", lambda: "/leads?sort=-active"),
        "list_last_active_of_seller": ("seller", lambda: "/leads?sort=-active"),
        "list_last_active_rating": ("boss", lambda: f"/leads?sort=-active&rating={rating()}"),
        "list_last_active_filtered": ("boss", lambda: "/leads?sort=-active&where=lead.country:is:IT"),
        "list_last_active_rare": ("boss", lambda: "/leads?sort=-active&where=lead.employees:least:5990"),
        "list_last_changed": ("boss", lambda: "/leads?sort=-changed"),
        "list_last_changed_rating": ("boss", lambda: f"/leads?sort=-changed&rating={rating()}"),
        "list_by_name_of_seller": ("seller", lambda: "/leads?sort=name"),
        "list_by_name_rating": ("boss", lambda: f"/leads?sort=name&rating={rating()}"),
        "list_by_name_filtered": ("boss", lambda: "/leads?sort=name&where=lead.job_title:is:CTO&where=lead.country:is:IT"),
        "list_by_created_rare": ("boss", lambda: "/leads?sort=-created&where=lead.employees:least:5990"),
        "list_rating": ("boss", lambda: f"/leads?rating={rating()}"),
        "list_deep": ("boss", lambda: f"/leads?cursor={drawn.randint(1, 16)},-60000,-50000~1"),
        "list_last": ("boss", lambda: "/leads?cursor=16,-30,-50000~1"),
        **deep,
        "list_of_seller": ("seller", lambda: "/leads"),
        "list_of_nobody": ("boss", lambda: "/leads?owner=none"),
    }


def searches(drawn: random.Random, leads: int) -> Kinds:
    """Return lists of leads by names and what people type."""
    return {
        "list_name": ("boss", lambda: f"/leads?q=anna+name{drawn.randint(1, 9972)}"),
        "list_company": ("boss", lambda: f"/leads?q=company{drawn.randint(1, leads // 4)}"),
        "list_common_name": ("boss", lambda: "/leads?q=anna"),
        "list_beginning": ("boss", lambda: f"/leads?q={drawn.choice(['a', 'an', 'n', 'c'])}"),
        "list_slip": ("boss", lambda: f"/leads?q=brnuo+name{drawn.randint(1000, 9972)}"),
        "list_slip_common": ("boss", lambda: "/leads?q=brnuo"),
        "list_unknown_name": ("boss", lambda: f"/leads?q=xylophon+zzz{drawn.randint(1, 9972)}"),
        "list_name_and_created": ("boss", lambda: "/leads?q=anna&where=record.created:last:2"),
        "list_name_of_seller": ("seller", lambda: "/leads?q=anna"),
    }


def filters(drawn: random.Random, leads: int) -> Kinds:
    """Return lists of leads by conditions: frequent ones, rare ones, some together, and how many fit."""
    rare = lambda: f"p{(n := drawn.randint(1, leads))}@company{1 + n % (leads // 4)}.example"  # noqa: E731
    asked: dict[str, Callable[[], str]] = {
        "common": lambda: "lead.country:is:IT",
        "rare": lambda: f"lead.email:is:{rare()}",
        "range": lambda: "lead.employees:least:5900&where=lead.job_title:is:CTO",
        "range_rare": lambda: f"lead.employees:is:{drawn.randint(1, 5999)}",
        "nothing": lambda: "lead.employees:least:7000",
        "two_rare_together": lambda: f"lead.last_name:is:Name{drawn.randint(1, 9972)}&where=lead.employees:least:3000",
        "common_together_rare": lambda: "lead.last_name:starts:name77&where=lead.first_name:is:anna&where=lead.industry:is:finance",
        "common_together_nobody": lambda: "lead.country:is:RO&where=lead.country:is:DE",
        "date": lambda: "lead.renewal_on:after:2027-01-01",
        "date_nobody": lambda: "lead.renewal_on:after:2029-01-01",
        "known": lambda: "lead.renewal_on:known:",
        "unknown_nobody": lambda: "lead.country:unknown:",
        "contains_rare": lambda: "lead.email:contains:p12345%40",
        "contains_nobody": lambda: "lead.job_title:contains:astronaut",
        "is_not": lambda: "lead.country:is_not:IT",
        "company": lambda: f"account.name:is:Company+{drawn.randint(1, leads // 4)}",
        "company_nobody": lambda: "account.industry:is:astronomy",
        "company_common": lambda: "account.industry:is:software",
        "did": lambda: "activity.form_submitted:did:7",
        "did_any": lambda: "activity.*:did:1",
        "did_not": lambda: "activity.page_viewed:did_not:30",
        "did_not_rare": lambda: "activity.*:did_not:365",
        "often": lambda: "activity.page_viewed:often:3/30",
        "often_rare": lambda: "activity.webinar_attended:often:9/90",
        "on_list": lambda: "list.fair:on:",
        "on_large_list": lambda: "list.newsletter:on:",
        "on_list_of_companies": lambda: "list.priority_accounts:on:",
        "off_list": lambda: "list.newsletter:off:",
        "created_last": lambda: "record.created:last:30",
        "created_rare": lambda: "record.created:before:2025-12-02&where=lead.job_title:is:CTO",
        "score": lambda: "score.temperature:is:cold",
        "score_nobody": lambda: "score.temperature:is:hot",
        "model": lambda: "model.enterprise_suite:is:D3",
    }
    counted = ("common", "range", "nothing", "contains_nobody", "often", "did_not_rare", "score_nobody", "on_large_list")
    lists: Kinds = {f"filter_{name}": ("boss", partial(_where, "/leads", each)) for name, each in asked.items()}
    counts: Kinds = {f"count_{name}": ("boss", partial(_where, "/leads/count", asked[name])) for name in counted}
    return lists | {"count_all": ("boss", lambda: "/leads/count"), "count_name": ("boss", lambda: "/leads/count?q=anna")} | counts


def _where(address: str, asked: Callable[[], str]) -> str:
    return f"{address}?where={asked()}"


def others(drawn: random.Random, leads: int) -> Kinds:
    """Return the other pages, lists of anything else among them, and parts of them that come later."""
    return {
        "model": ("boss", lambda: "/models/enterprise_suite"),
        "companies": ("boss", lambda: "/companies"),
        "companies_of_seller": ("seller", lambda: "/companies"),
        "companies_deep": ("boss", lambda: "/companies?cursor=9,-60000,-50000~1"),
        "companies_named": ("boss", lambda: f"/companies?q=company{drawn.randint(1, leads // 4)}"),
        "companies_common": ("boss", lambda: "/companies?q=company"),
        "companies_slip": ("boss", lambda: "/companies?q=compnay"),
        "company": ("boss", lambda: f"/companies/{drawn.randint(1, leads // 4)}"),
        "priority": ("boss", lambda: "/priority"),
        "contacts": ("boss", lambda: "/companies/contacts"),
        "contacts_of_seller": ("seller", lambda: "/companies/contacts"),
        "contacts_named": ("boss", lambda: f"/companies/contacts?q=anna+name{drawn.randint(1, 9972)}"),
        "contacts_common": ("boss", lambda: "/companies/contacts?q=anna"),
        "activities": ("boss", lambda: "/activities"),
        "activities_of_type": ("boss", lambda: "/activities?type=webinar_attended"),
        "activities_of_no_type": ("boss", lambda: "/activities?type=flew_away"),
        "activities_of_seller": ("seller", lambda: "/activities"),
        "activities_deep": ("boss", lambda: f"/activities?cursor={drawn.randint(1, leads * 9)}"),
        "audit": ("admin", lambda: "/audit"),
        "audit_of_rare_verb": ("admin", lambda: "/audit?verb=merge_leads"),
        "audit_of_lead": ("admin", lambda: f"/audit?subject=lead&number={drawn.randint(1, 99990)}"),
        "audit_by_and_verb": ("admin", lambda: "/audit?by=boss&verb=merge_leads"),
        "audit_nothing": ("admin", lambda: "/audit?by=boss&subject=account"),
        "suspicious": ("boss", lambda: "/suspicious"),
        "machines": ("boss", lambda: "/machines"),
        "duplicates": ("boss", lambda: "/duplicates"),
        "fields": ("boss", lambda: "/fields"),
        "lead": ("boss", lambda: f"/leads/{drawn.randint(1, leads)}"),
        "inbox": ("seller", lambda: "/inbox"),
        "inbox_of_all": ("boss", lambda: "/inbox"),
        "idle": ("boss", lambda: "/idle"),
        "handed": ("boss", lambda: "/handed"),
        "handed_by_seller": ("boss", lambda: "/handed?days=365&by=seller"),
        "part_handed_figures": ("boss", lambda: "/handed/figures"),
        "part_handed_figures_of_year_by_seller": ("boss", lambda: "/handed/figures?days=365&by=seller"),
        "nurture": ("boss", lambda: "/nurture"),
        "nurture_list": ("boss", lambda: "/nurture/long_term"),
        "nurture_rating": ("boss", lambda: f"/nurture/long_term?rating={drawn.choice(['D1', 'B3'])}"),
        "nurture_named": ("boss", lambda: f"/nurture/long_term?q=anna+name{drawn.randint(1, 9972)}"),
        "nurture_left": ("boss", lambda: "/nurture/long_term?left=1"),
        "opportunities": ("boss", lambda: "/opportunities"),
        "routing": ("boss", lambda: "/routing"),
        "home": ("boss", lambda: "/"),
        "home_of_seller": ("seller", lambda: "/"),
    }


def measure(port: int, kinds: Kinds, rounds: int) -> dict[str, list[float]]:
    """Return how long each kind of page took [milliseconds], the first requests too."""
    from vaglio_server.studies.actions import take_census

    sessions = {name: cookie(name) for name in ("boss", "seller", "admin")}
    found: dict[str, list[float]] = {}
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as link:
        link.request("GET", "/leads", headers={"Cookie": sessions["boss"]})
        link.getresponse().read()
        time.sleep(WARMING_SECONDS)
        for name, (user, address) in kinds.items():
            take_census(clock=lambda: datetime.now(UTC))  # noqa: TID251 - as a worker does, every half a minute
            for _number in range(rounds + FIRST):
                start = time.perf_counter()
                link.request("GET", address(), headers={"Cookie": sessions[user]})
                answer = link.getresponse()
                answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{name}: answer {answer.status}")
                found.setdefault(name, []).append((time.perf_counter() - start) * 1000)
    return found


def queries(kinds: Kinds) -> dict[str, int]:
    """Return how many questions each kind of page asks the database; a second time, as what is asked once a process is known then."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from vaglio_server.users.models import User

    found = {}
    for name, (user, address) in kinds.items():
        client = Client(headers={"host": "localhost"})
        client.force_login(User.objects.get(username=user))
        client.get(address())
        with CaptureQueriesContext(connection) as asked:
            client.get(address())
        found[name] = len([each for each in asked if each["sql"].split(" ", 1)[0] not in {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}])
    return found


def make_administrator() -> None:
    """Have somebody who may read the trail."""
    from vaglio_server.users.actions import create_user
    from vaglio_server.users.models import User

    if not User.objects.filter(username="admin").exists():
        create_user(name="admin", email="", password=None, role="administrator", by="benchmark", at=datetime.now(UTC))  # noqa: TID251


def _row(times: list[float], queries: int) -> dict[str, Any]:
    first, times = times[:FIRST], times[FIRST:]
    ordered = sorted(times)
    return {
        "queries": queries,
        "first_ms": max(first),
        "median_ms": ordered[len(ordered) // 2],
        "p95_ms": ordered[int(len(ordered) * 0.95)],
        "spread": spread(times),
    }


def main() -> None:
    """Measure and write down."""
    from tests.server.running import running

    given = argparse.ArgumentParser()
    given.add_argument("--leads", type=int, default=1_000_000)
    given.add_argument("--activities", type=int, default=10_000_000)
    given.add_argument("--rounds", type=int, default=60)
    given.add_argument("--only", action="append", default=[])
    asked = given.parse_args()
    kinds = {name: each for name, each in pages(asked.leads).items() if not asked.only or name.startswith(("floor", *asked.only))}
    size = Size(asked.leads, asked.activities, scored=True)
    with installation() as home:
        filled = fill(size) | beside(size) | handed()
        make_administrator()
        with running(home, role="web") as server:
            found = measure(int(server.address.rpartition(":")[2]), kinds, asked.rounds)
        asked_of = queries(kinds)
    told = {name: _row(times, asked_of[name]) for name, times in found.items()}
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))["pages"] if asked.only else {}
    ordered = {name: row for name in pages(asked.leads) if (row := (kept | told).get(name))}
    written = {"leads": asked.leads, "activities": asked.activities, "rounds": asked.rounds, "filled_seconds": filled, "pages": ordered,
               "machine": {"cores": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()}}  # fmt: skip
    RESULTS.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    for name, row in told.items():
        times = f"median {row['median_ms']:8.1f} ms   p95 {row['p95_ms']:8.1f} ms   first {row['first_ms']:8.1f} ms"
        print(f"{name:22} {times} {row['queries']:3} questions")


if __name__ == "__main__":
    main()
