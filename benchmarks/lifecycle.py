"""How long it takes to give 4,000 leads to sellers by rules, and to work out how much working time a year-old promise has used.

``python -m benchmarks.lifecycle [--leads N] [--runs R]``. Giving is measured alone (rules, whose turn it is, owners with their history,
assignments, what is told) and as a worker does it from crossings, with stages and clocks. The floor in the same run is what the database
needs to write owners and assignments that are known beforehand, in one statement each.
"""

import argparse
import json
import os
import platform
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.installation import installation
from benchmarks.score import spread

RESULTS = Path(__file__).parent / "results" / "lifecycle.json"
MODEL = Path(__file__).parents[1] / "models/b2b_software.yaml"
AT = datetime(2026, 10, 2, 10, tzinfo=UTC)
COUNTRIES = ("IT", "RO", "DE", "FR", "ES", "NO", "US", "GB")
TEAMS, SELLERS, RULES = 4, 20, 10


def make_office() -> None:
    """Make a live model, teams of sellers, and rules of which each asks two things."""
    from vaglio_server.lifecycle.actions import Ruling, create_rule
    from vaglio_server.scoring.actions import activate_version, push_model
    from vaglio_server.users.actions import create_user
    from vaglio_server.users.models import Team

    before = AT - timedelta(days=90)
    activate_version(version=push_model(text=MODEL.read_text(encoding="utf-8"), by="benchmark", at=before), by="benchmark", at=before)
    for number in range(SELLERS):
        create_user(name=f"s{number}", email="", password=None, role="sales", team=f"team {number % TEAMS}", by="benchmark", at=before)
    teams = list(Team.objects.order_by("name"))
    for number in range(RULES):
        asked = [f"lead.country:is:{COUNTRIES[number % 8]}", f"lead.employees:least:{number * 500}"]
        create_rule(says=Ruling(f"rule {number}", asked, team=teams[number % TEAMS]), by="benchmark", at=before)


def make_arrivals(leads: int, drawn: random.Random) -> list[int]:
    """Make leads whose rating has just reached sales, four at a company, and return them."""
    from vaglio_server.crm.models import Account, Lead
    from vaglio_server.scoring.models import Crossing, ModelVersion, Score

    version = ModelVersion.objects.get()
    accounts = Account.objects.bulk_create(Account(name=f"Firm {n}", created_at=AT) for n in range(leads // 4))
    made = Lead.objects.bulk_create(
        Lead(account=accounts[n % len(accounts)], created_at=AT, rating=drawn.choice(["A1", "A2", "B1"]),
             fields={"country": drawn.choice(COUNTRIES), "employees": drawn.randint(1, 6000), "email": f"p{n}@firm.example"})
        for n in range(leads)
    )  # fmt: skip
    zero = {"profile_millipoints": 0, "engagement_millipoints": 0}
    rows = (Score(lead=each, version=version, as_of=AT, known_at=AT, rating=each.rating, **zero) for each in made)
    scores = Score.objects.bulk_create(rows)
    Crossing.objects.bulk_create(
        Crossing(score=score, lead_id=score.lead_id, at=AT, rating_before="C3", rating_after=score.rating) for score in scores
    )
    return [each.pk for each in made]


def take_all() -> None:
    """Take all crossings as a worker does."""
    from vaglio_server.config.lifecycle import CROSSINGS
    from vaglio_server.lifecycle.actions import take_crossings
    from vaglio_server.lifecycle.logic.stages import Policy

    while take_crossings(limit=CROSSINGS, policy=Policy(), at=AT):
        pass


def write_only(leads: list[int], drawn: random.Random) -> None:
    """Write owners and assignments that are known already."""
    from django.db import connection, transaction

    from vaglio_server.users.models import User

    users = list(User.objects.values_list("pk", flat=True))
    chosen = [drawn.choice(users) for _ in leads]
    its = "unnest(%s::bigint[], %s::bigint[]) AS its (l, o)"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE crm_lead SET owner_id = o FROM {its} WHERE id = l", [leads, chosen])
        asked = "INSERT INTO lifecycle_assignment (lead_id, owner_id, rating, at, why)"
        cursor.execute(f"{asked} SELECT l, o, 'A1', %s, 'x' FROM {its}", [AT, leads, chosen])


def seconds_of(do: Callable[[], Any]) -> float:
    """Return how long something took."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def give_apart() -> list[float]:
    """Have the time written down that giving takes, within what a worker does; return where."""
    from vaglio_server.lifecycle.actions import crossings

    given, found = crossings.give, []

    def timed(*arguments: Any) -> Any:
        start = time.perf_counter()
        try:
            return given(*arguments)
        finally:
            found.append(time.perf_counter() - start)

    crossings.give = timed
    return found


def working_time(runs: int) -> dict[str, Any]:
    """Return how long the working time of a year with two pauses takes to work out, by a calendar asked before and by a new one."""
    from vaglio_server.lifecycle.logic.working_time import Calendar, elapsed_seconds

    week = (((540, 780), (840, 1080)),) * 5 + ((), ())
    holidays = frozenset(datetime(2026, month, 15, tzinfo=UTC).date() for month in range(1, 13))
    start, end = datetime(2025, 10, 2, 9, 30, tzinfo=UTC), datetime(2026, 10, 2, 10, tzinfo=UTC)
    pauses = [(start + timedelta(days=n), start + timedelta(days=n + 3)) for n in (40, 200)]
    kept = Calendar("Europe/Rome", week, holidays)
    elapsed_seconds(kept, start, end, pauses)
    warm = [1000 * seconds_of(lambda: elapsed_seconds(kept, start, end, pauses)) for _ in range(runs)]
    cold = [1000 * seconds_of(lambda: elapsed_seconds(Calendar("Europe/Rome", week, holidays), start, end, pauses)) for _ in range(runs)]
    return {"warm_ms": spread(warm), "cold_ms": spread(cold)}


def main() -> None:
    """Measure and write down."""
    given = argparse.ArgumentParser()
    given.add_argument("--leads", type=int, default=4_000)
    given.add_argument("--runs", type=int, default=5)
    asked = given.parse_args()
    drawn = random.Random(6)
    with installation():
        make_office()
        parts = give_apart()
        whole, giving, floor = [], [], []
        for _run in range(asked.runs):
            leads = make_arrivals(asked.leads, drawn)
            parts.clear()
            whole.append(seconds_of(take_all))
            giving.append(sum(parts))
            floor.append(seconds_of(lambda leads=leads: write_only(leads, drawn)))  # type: ignore[misc]
    told = {
        "leads": asked.leads, "sellers": SELLERS, "rules": RULES, "give_seconds": spread(giving), "from_crossings_seconds": spread(whole),
        "floor_seconds": spread(floor), "ratio_to_floor": round(sorted(giving)[len(giving) // 2] / sorted(floor)[len(floor) // 2], 1),
        "year_of_working_time": working_time(200),
        "machine": {"cores": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()},
    }  # fmt: skip
    RESULTS.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
