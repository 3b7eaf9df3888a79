"""How long a fact takes to become a rating: scoring alone, one lead through the server, and the whole way while events come in.

``python -m benchmarks.live [--seconds S] [--rate N] [--runs N] [--alone] [--leads N --activities A]``. With leads, so many and what they
did are stored before. Clients, web server, worker and database share the machine. ``--alone``: scoring alone is measured again.
"""

import argparse
import http.client
import json
import os
import platform
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.filling import Size, fill
from benchmarks.installation import installation

RESULTS = Path(__file__).parent / "results" / "live.json"
MODEL = Path(__file__).parent.parent / "models" / "b2b_software.yaml"
AT = 1_790_812_800_000_000  # 2026-10-01, the end of the made company's activities
EVENTS = 10  # in one request of the background
USERS = 2_000  # whom the background's events are of
LOST = 30.0  # seconds after which a rating is given up


def shares(seconds: list[float]) -> dict[str, float]:
    """Return median, 95th and 99th percentile, the most [milliseconds], and how many there were."""
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)

    return {"median": round(statistics.median(ordered) * 1000, 1), "p95": at(0.95), "p99": at(0.99), "most": at(1), "n": len(ordered)}


def facts_of(folder: Path, document: Any, leads: int) -> Callable[[int], dict[str, Any]]:
    """Return a function that draws the facts of so many leads of a made company, as the database gives them."""
    import pyarrow as pa
    from pyarrow import compute

    from vaglio.demo import make
    from vaglio.engines.duckdb import DuckDBEngine
    from vaglio.files import ColumnMap, needs, read_facts
    from vaglio.paths import Paths

    if not (folder / "leads.parquet").exists():
        make(folder, leads=leads, format="parquet")
    engine = DuckDBEngine()
    paths = Paths(*(folder / f"{name}.parquet" for name in ("leads", "accounts", "activities")), None, folder / "lists.parquet")
    facts = read_facts(engine, paths, needs([document]), ColumnMap.parse([]), strict=False, progress=lambda _table: None).facts
    whole = {name: engine.arrow(table) for name, table in facts.tables().items()}
    engine.close()
    made = random.Random(1)
    ids = whole["leads"]["lead_id"].to_pylist()

    def draw(number: int) -> dict[str, Any]:
        chosen = pa.array(made.sample(ids, number), pa.string())
        return whole | {name: whole[name].filter(compute.is_in(whole[name]["lead_id"], chosen)) for name in ("leads", "activities")}

    return draw


def batches(document: Any, draw: Callable[[int], dict[str, Any]], runs: int) -> dict[str, Any]:
    """Return the times of batches on both engines, from facts to results as Arrow; the first of each is told apart: it writes the plan."""
    from vaglio.engines.duckdb import DuckDBEngine
    from vaglio.engines.sqlite import SQLiteEngine
    from vaglio.plan import Wanted

    asked = {"scores": Wanted(), "with next change": Wanted(clock=True), "as the server asks": Wanted(by_rule=True, clock=True)}
    told: dict[str, Any] = {}
    for engine, numbers in ((SQLiteEngine(), (1, 100)), (DuckDBEngine(threads=1), (1, 100, 5_000))):
        for number in numbers:
            for what, wanted in asked.items():
                taken = [_batch(engine, document, draw(number), AT - turn, wanted) for turn in range(runs + 1)]
                told[f"{number} leads, {engine.name}, {what}"] = shares(taken[1:]) | {"first": round(taken[0] * 1000, 1)}
        engine.close()
    return told


def _batch(engine: Any, document: Any, rows: dict[str, Any], instant: int, wanted: Any) -> float:
    from vaglio.kept import run
    from vaglio.plan import Facts, Instants

    start = time.perf_counter()
    facts = Facts(**{name: engine.load(f"facts_{name}", each) for name, each in rows.items()})
    running, plan = run(engine, document, facts, Instants(instant, instant), wanted)
    for result in plan.results:
        running.arrow(plan, result)
    running.close()
    return time.perf_counter() - start


def call(user: str, kind: str) -> dict[str, Any]:
    """Return one event of a user."""
    if kind == "identify":
        return {
            "type": "identify",
            "userId": user,
            "traits": {"email": f"{user}@{user}.example", "title": "CTO", "employees": 90, "country": "IT"},
        }
    return {"type": "page", "userId": user, "properties": {"path": "/pricing"}}


def post(link: http.client.HTTPConnection, key: str, events: list[dict[str, Any]]) -> None:
    """Send one request and wait until it is accepted."""
    link.request("POST", "/v1/batch", json.dumps({"writeKey": key, "batch": events}), {"Content-Type": "application/json"})
    response = link.getresponse()
    response.read()
    if response.status != 200:
        raise RuntimeError(f"answer {response.status}")


def rating_after(user: str, start: float) -> float:
    """Return how long after a moment the rating of a new user is there [seconds]."""
    from django.db import connection

    with connection.cursor() as cursor:
        while time.perf_counter() - start < LOST:
            cursor.execute(
                """SELECT 1 FROM crm_lead JOIN tracking_identitylink AS link ON link.lead_id = crm_lead.id
                JOIN tracking_identity AS its ON its.id = link.identity_id
                WHERE its.kind = 'user_id' AND its.value = %s AND rating IS NOT NULL""",
                [user],
            )
            if cursor.fetchone():
                break
            time.sleep(0.005)
    return time.perf_counter() - start


@contextmanager
def background(port: int, key: str, rate: int, stored: int) -> Iterator[list[int]]:
    """Send so many events a second until left, of stored leads or of users of its own; the list says how many were accepted."""
    # New ones in each run: who did more is more work, so runs in one store would grow slower.
    first, users = ("u", stored) if stored else (f"b{random.SystemRandom().randrange(10**9)}x", USERS)
    stop, sent = threading.Event(), [0]

    def send() -> None:
        link, made = http.client.HTTPConnection("127.0.0.1", port), random.Random(2)
        begun = time.perf_counter()
        while not stop.is_set():
            due = int((time.perf_counter() - begun) * rate) - sent[0]
            if due < EVENTS:
                stop.wait(0.005)
                continue
            post(link, key, [call(f"{first}{1 + made.randrange(users)}", "page") for _ in range(EVENTS)])
            sent[0] += EVENTS

    thread = threading.Thread(target=send)
    if rate:
        thread.start()
    try:
        yield sent
    finally:
        stop.set()
        if rate:
            thread.join()


def oldest_due() -> float:
    """Return for how long the lead that has been due longest has been waiting [seconds]."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT EXTRACT(EPOCH FROM statement_timestamp() - min(due_at)) FROM crm_lead WHERE due_at <= statement_timestamp()")
        return float(cursor.fetchone()[0] or 0)


def whole_way(port: int, key: str, rate: int, given: argparse.Namespace, seconds: float) -> dict[str, Any]:
    """Return how long new leads wait for their rating, while ``rate`` other events a second come in, and the longest any lead was due."""
    link = http.client.HTTPConnection("127.0.0.1", port)
    waits, ages, run = [], [], random.SystemRandom().randrange(10**9)
    with background(port, key, rate, given.leads if given.of_stored else 0) as sent:
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds:
            user = f"probe{run}x{len(waits)}"
            post(link, key, [call(user, "identify"), call(user, "page")])
            waits.append(rating_after(user, time.perf_counter()))
            ages.append(oldest_due())
            time.sleep(0.05)
        passed = time.perf_counter() - begun
    told = shares(waits) | {"given_up": sum(wait >= LOST for wait in waits), "events_a_second": round(sent[0] / passed, 1)}
    return told | {"longest_due": round(max(ages) * 1000, 1)}


def one_lead(source: Any, runs: int) -> dict[str, Any]:
    """Return what one new event costs without any waiting: taking it, and scoring its lead."""
    from tests.server.world import post as send
    from vaglio_server.config import env
    from vaglio_server.config.worker import take
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.engine import Scorer

    scorer = Scorer(env.database())
    taken: dict[str, list[float]] = {"take_deliveries": [], "score_due": [], "together": []}
    for turn in range(runs + 3):
        user = f"one{turn % 20}"
        send(source, "batch", {"batch": [call(user, "identify"), call(user, "page")]})
        start = time.perf_counter()
        take()
        between = time.perf_counter()
        score_due(scorer=scorer, limit=5_000)
        end = time.perf_counter()
        if turn >= 3:  # the first write the plan
            for name, passed in (("take_deliveries", between - start), ("score_due", end - between), ("together", end - start)):
                taken[name].append(passed)
    scorer.close()
    return {name: shares(its) for name, its in taken.items()}


def served(home: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Return every figure that needs the server."""
    from tests.server.running import running
    from tests.server.world import make_live, make_source

    told: dict[str, Any] = {}
    if given.leads:
        told["filled_seconds"] = fill(Size(given.leads, given.activities, scored=True))
    else:
        make_live(MODEL.read_text(encoding="utf-8"))
    source = make_source()
    told["one lead, in the server"] = one_lead(source, given.runs)
    with running(home) as server:
        port = int(server.address.rsplit(":", 1)[1])
        whole_way(port, source.write_key, 0, given, 5)  # plans are written, processes are warm
        for rate in (0, given.rate):
            name = f"accepted to rating, {rate} events a second"
            told[name] = whole_way(port, source.write_key, rate, given, given.seconds)
            print(name, told[name], flush=True)
    return told


def alone(folder: Path, runs: int) -> dict[str, Any]:
    """Return the times of batches without a server."""
    from benchmarks.models import model
    from benchmarks.score import paths_in
    from vaglio.document import load

    ready = load(MODEL)
    told = {"b2b_software": batches(ready, facts_of(folder, ready, 6_000), runs)}
    large = model(300, paths_in(folder))
    return told | {"300 rules": batches(large, facts_of(folder, large, 6_000), runs)}


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--leads", type=int, default=0)
    parser.add_argument("--activities", type=int, default=0)
    parser.add_argument("--of-stored", action="store_true", help="the background's events are of all stored leads, not of new users")
    parser.add_argument("--alone", action="store_true", help="measure scoring without a server, and keep the other figures")
    parser.add_argument("--data", type=Path, default=Path("/tmp/vaglio-bench/live"))
    given = parser.parse_args()
    load = os.getloadavg()[0]
    if given.alone:
        told = json.loads(RESULTS.read_text(encoding="utf-8"))
        told |= {"batches": alone(given.data, given.runs), "load_before_batches": round(load, 2)}
        RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        print(json.dumps(told["batches"], indent=1))
        return
    with installation() as home:
        told = served(home, given)
    if not given.leads:
        told["batches"] = alone(given.data, given.runs)
    told |= {"leads": given.leads, "activities": given.activities}
    told |= {"milliseconds": True, "machine": platform.platform(), "cores": os.cpu_count(), "load_before": round(load, 2)}
    results = RESULTS.with_stem("live-stored") if given.leads else RESULTS
    results.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
