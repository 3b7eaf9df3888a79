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
from pathlib import Path
from typing import Any

from benchmarks.installation import installation
from benchmarks.score import spread

RESULTS = Path(__file__).parent / "results" / "pages.json"
MODEL = Path(__file__).parents[1] / "models/b2b_software.yaml"
FILL = """
INSERT INTO crm_account (id, name, domain, fields, created_at)
SELECT n, 'Company ' || n, 'company' || n || '.example', '{"industry": "software"}', now() FROM generate_series(1, %(accounts)s) AS n;
INSERT INTO crm_lead (account_id, owner_id, fields, created_at, rating, profile_millipoints, engagement_millipoints, rank)
SELECT 1 + n %% %(accounts)s, CASE WHEN n %% 50 = 0 THEN (SELECT id FROM users_user WHERE username = 'seller') END,
    jsonb_build_object(
        'first_name', (ARRAY['Anna', 'Bruno', 'Carla', 'Dario', 'Elena', 'Ștefan'])[1 + n %% 6], 'last_name', 'Name' || n %% 9973,
        'email', 'p' || n || '@company' || (1 + n %% %(accounts)s) || '.example', 'job_title', 'CTO', 'employees', n %% 5000),
    now() - (n || ' seconds')::interval, rating, (n * 7919) %% 100000, (n * 104729) %% 100000,
    ARRAY[array_position(%(ratings)s::text[], rating), -((n * 31) %% 120000), -((n * 7919) %% 100000)]
FROM (
    SELECT n, (%(ratings)s::text[])[1 + floor(15.99 * power((n * 7919 %% 10007) / 10007.0, 0.4))::int] AS rating
    FROM generate_series(1, %(leads)s::bigint) AS n
) AS drawn;
INSERT INTO tracking_identity (kind, value) SELECT 'user_id', 'u' || id FROM crm_lead ORDER BY id;
INSERT INTO tracking_identitylink (identity_id, lead_id, known_at, by)
SELECT tracking_identity.id, substr(value, 2)::bigint, now(), 'benchmark' FROM tracking_identity;
INSERT INTO tracking_activity (identity_id, event_id, activity_type, occurred_at, known_at, is_machine, properties)
SELECT 1 + (n * 7919) %% %(leads)s, n, (ARRAY['page_viewed', 'email_clicked', 'form_submitted'])[1 + n %% 3],
    now() - (n %% 31536000 || ' seconds')::interval, now() - (n %% 31536000 || ' seconds')::interval, false, '{"path": "/pricing"}'
FROM generate_series(1, %(activities)s::bigint) AS n;
"""


def fill(leads: int, activities: int) -> None:
    """Make leads with ratings, and what they did."""
    from datetime import UTC, datetime

    from django.db import connection

    from vaglio.terms import RANK_ORDER
    from vaglio_server.scoring.actions import activate_version, push_model
    from vaglio_server.users.actions import create_user

    now = datetime.now(UTC)  # noqa: TID251
    for name, role in (("boss", "marketing"), ("seller", "sales")):
        create_user(name=name, email="", password=None, role=role, by="benchmark", at=now)
    activate_version(version=push_model(text=MODEL.read_text(encoding="utf-8"), by="benchmark", at=now), by="benchmark", at=now)
    asked = {"leads": leads, "activities": activities, "accounts": max(1, leads // 4), "ratings": list(RANK_ORDER)}
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, asked)
        cursor.execute("VACUUM ANALYZE")


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
        "list_rating": ("boss", lambda: f"/leads?rating={drawn.choice('ABCD')}{drawn.choice('1234')}"),
        "list_deep": ("boss", lambda: f"/leads?cursor={drawn.randint(1, 16)},-60000,-50000~1"),
        "list_name": ("boss", lambda: f"/leads?q=anna+name{drawn.randint(1, 9972)}"),
        "list_company": ("boss", lambda: f"/leads?q=company{drawn.randint(1, leads // 4)}"),
        "list_common_name": ("boss", lambda: "/leads?q=anna"),
        "list_of_seller": ("seller", lambda: "/leads"),
        "lead": ("boss", lambda: f"/leads/{drawn.randint(1, leads)}"),
        "home": ("boss", lambda: "/"),
    }


def measure(port: int, leads: int, rounds: int) -> dict[str, list[float]]:
    """Return how long each kind of page took [milliseconds]."""
    sessions = {name: cookie(name) for name in ("boss", "seller")}
    found: dict[str, list[float]] = {}
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as link:
        for name, (user, address) in pages(leads).items():
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


def _row(times: list[float]) -> dict[str, Any]:
    ordered = sorted(times)
    return {"median_ms": ordered[len(ordered) // 2], "p95_ms": ordered[int(len(ordered) * 0.95)], "spread": spread(times)}


def main() -> None:
    """Measure and write down."""
    from tests.server.running import running

    given = argparse.ArgumentParser()
    given.add_argument("--leads", type=int, default=1_000_000)
    given.add_argument("--activities", type=int, default=10_000_000)
    given.add_argument("--rounds", type=int, default=60)
    asked = given.parse_args()
    with installation() as home:
        start = time.perf_counter()
        fill(asked.leads, asked.activities)
        filled = time.perf_counter() - start
        with running(home, role="web") as server:
            found = measure(int(server.address.rpartition(":")[2]), asked.leads, asked.rounds)
    told = {name: _row(times) for name, times in found.items()}
    written = {"leads": asked.leads, "activities": asked.activities, "rounds": asked.rounds, "filled_seconds": round(filled), "pages": told,
               "machine": {"cores": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()}}  # fmt: skip
    RESULTS.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    for name, row in told.items():
        print(f"{name:18} median {row['median_ms']:8.1f} ms   p95 {row['p95_ms']:8.1f} ms")


if __name__ == "__main__":
    main()
