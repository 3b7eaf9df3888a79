"""How fast pages come with many leads: the list in all its forms, a lead, home. Requests to the server as it is run, one after another.

``python -m benchmarks.pages [--leads N] [--activities A] [--rounds R]``. The floor in the same run is ``/readyz``: a request that asks the
database for nothing but ``SELECT 1``.
"""

import argparse
import http.client
import json
import os
import platform
import random
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.filling import Size, fill
from benchmarks.installation import installation
from benchmarks.score import spread

RESULTS = Path(__file__).parent / "results" / "pages.json"


def cookie(name: str) -> str:
    """Return the session of a user."""
    from django.test import Client

    from vaglio_server.users.models import User

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username=name))
    return f"sessionid={client.cookies['sessionid'].value}"


def pages(leads: int) -> dict[str, Any]:
    """Return, for each kind of page, who asks and for which address."""
    drawn = random.Random(4)
    return {
        "floor": ("boss", lambda: "/readyz"),
        "list": ("boss", lambda: "/leads"),
        "list_by_name": ("boss", lambda: "/leads?sort=name"),
        "list_by_company_down": ("boss", lambda: "/leads?sort=-company"),
        "list_by_created": ("boss", lambda: "/leads?sort=-created"),
        "list_last_active": ("boss", lambda: "/leads?sort=-active"),
        "list_last_active_of_seller": ("seller", lambda: "/leads?sort=-active"),
        "list_last_active_rating": ("boss", lambda: f"/leads?sort=-active&rating={drawn.choice('ABCD')}{drawn.choice('1234')}"),
        "list_last_changed": ("boss", lambda: "/leads?sort=-changed"),
        "list_by_name_of_seller": ("seller", lambda: "/leads?sort=name"),
        "model": ("boss", lambda: "/models/enterprise_suite"),
        "list_rating": ("boss", lambda: f"/leads?rating={drawn.choice('ABCD')}{drawn.choice('1234')}"),
        "list_deep": ("boss", lambda: f"/leads?cursor={drawn.randint(1, 16)},-60000,-50000~1"),
        "list_name": ("boss", lambda: f"/leads?q=anna+name{drawn.randint(1, 9972)}"),
        "list_company": ("boss", lambda: f"/leads?q=company{drawn.randint(1, leads // 4)}"),
        "list_common_name": ("boss", lambda: "/leads?q=anna"),
        "list_of_seller": ("seller", lambda: "/leads"),
        "list_slip": ("boss", lambda: f"/leads?q=brnuo+name{drawn.randint(1000, 9972)}"),
        "filter_common": ("boss", lambda: "/leads?where=lead.country:is:IT"),
        "filter_rare": (
            "boss",
            lambda: f"/leads?where=lead.email:is:p{(n := drawn.randint(1, leads))}@company{1 + n % (leads // 4)}.example",
        ),
        "filter_range": ("boss", lambda: "/leads?where=lead.employees:least:5900&where=lead.job_title:is:CTO"),
        "filter_nothing": ("boss", lambda: "/leads?where=lead.employees:least:7000"),
        "filter_company": ("boss", lambda: f"/leads?where=account.name:is:Company+{drawn.randint(1, leads // 4)}"),
        "filter_did": ("boss", lambda: "/leads?where=activity.form_submitted:did:7"),
        "filter_did_not": ("boss", lambda: "/leads?where=activity.page_viewed:did_not:30"),
        "count_all": ("boss", lambda: "/leads/count"),
        "companies": ("boss", lambda: "/companies"),
        "company": ("boss", lambda: f"/companies/{drawn.randint(1, leads // 4)}"),
        "activities": ("boss", lambda: "/activities"),
        "lead": ("boss", lambda: f"/leads/{drawn.randint(1, leads)}"),
        "home": ("boss", lambda: "/"),
    }


def measure(port: int, leads: int, rounds: int) -> dict[str, list[float]]:
    """Return how long each kind of page took [milliseconds]."""
    from vaglio_server.studies.actions import take_census

    sessions = {name: cookie(name) for name in ("boss", "seller")}
    found: dict[str, list[float]] = {}
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as link:
        for name, (user, address) in pages(leads).items():
            take_census(clock=lambda: datetime.now(UTC))  # noqa: TID251 - as a worker does, every half a minute
            for number in range(rounds + 3):
                start = time.perf_counter()
                link.request("GET", address(), headers={"Cookie": sessions[user]})
                answer = link.getresponse()
                answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{name}: answer {answer.status}")
                if number >= 3:  # the first ones fill the caches
                    found.setdefault(name, []).append((time.perf_counter() - start) * 1000)
    return found


def queries(leads: int) -> dict[str, int]:
    """Return how many questions each kind of page asks the database; a second time, as what is asked once a process is known then."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from vaglio_server.users.models import User

    found = {}
    for name, (user, address) in pages(leads).items():
        client = Client(headers={"host": "localhost"})
        client.force_login(User.objects.get(username=user))
        client.get(address())
        with CaptureQueriesContext(connection) as asked:
            client.get(address())
        found[name] = len([each for each in asked if each["sql"].split(" ", 1)[0] not in {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}])
    return found


def _row(times: list[float], queries: int) -> dict[str, Any]:
    ordered = sorted(times)
    return {
        "queries": queries,
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
    asked = given.parse_args()
    with installation() as home:
        filled = fill(Size(asked.leads, asked.activities, scored=True))
        with running(home, role="web") as server:
            found = measure(int(server.address.rpartition(":")[2]), asked.leads, asked.rounds)
        asked_of = queries(asked.leads)
    told = {name: _row(times, asked_of[name]) for name, times in found.items()}
    written = {"leads": asked.leads, "activities": asked.activities, "rounds": asked.rounds, "filled_seconds": filled, "pages": told,
               "machine": {"cores": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()}}  # fmt: skip
    RESULTS.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    for name, row in told.items():
        print(f"{name:22} median {row['median_ms']:8.1f} ms   p95 {row['p95_ms']:8.1f} ms {row['queries']:3} questions")


if __name__ == "__main__":
    main()
