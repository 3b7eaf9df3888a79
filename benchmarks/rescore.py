"""How long it takes to score every lead again, as after a model went live: the whole way, and its parts.

``python -m benchmarks.rescore [--leads N] [--activities A] [--runs R] [--limit L]``. Each run makes a new version of the model live, so
that everything is new: every lead gets a score, a crossing and another rank.
"""

import argparse
import json
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.filling import MODEL, Size, fill
from benchmarks.installation import installation
from benchmarks.score import spread

RESULTS = Path(__file__).parent / "results" / "rescore.json"


class Parts:
    """Seconds that each thread spent in functions, by name."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[int, str], float] = {}

    def longest(self) -> dict[str, float]:
        """Return how long the thread that spent most there spent in each."""
        found: dict[str, float] = {}
        for (_thread, name), seconds in self._seconds.items():
            found[name] = max(found.get(name, 0.0), seconds)
        return found

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same and adds up how long it takes."""

        def run(*given: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                mine = (threading.get_ident(), name)
                self._seconds[mine] = self._seconds.get(mine, 0.0) + time.perf_counter() - start

        return run

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Time the parts of scoring meanwhile."""
        from vaglio_server.scoring import engine
        from vaglio_server.scoring.actions import scores

        with ExitStack() as stack:
            for owner, attribute, name in (
                (engine.Scorer, "_facts", "facts"), (engine.Scorer, "_answer", "engine"), (scores, "_store", "store scores and crossings"),
                (scores, "_show", "store leads"),
            ):  # fmt: skip
                stack.enter_context(patch.object(owner, attribute, self.timed(name, getattr(owner, attribute))))
            yield


def rescored(scorers: list[Any], limit: int | None) -> dict[str, float]:
    """Make a new version live, score every lead with it, and return the seconds; one thread for each scorer, as a worker has two.

    Of several threads the parts lie side by side: of each, the longest that one of them took.
    """
    from datetime import UTC, datetime

    from django.db import connection

    from vaglio_server.scoring.actions import activate_version, push_model
    from vaglio_server.scoring.models import ModelVersion, Score

    def now() -> datetime:
        return datetime.now(UTC)  # noqa: TID251

    points = 31 + ModelVersion.objects.count()
    text = MODEL.read_text(encoding="utf-8").replace("points: 30, within: 60d", f"points: {points}, within: 60d")
    with connection.cursor() as cursor:  # as it is by the next time that a version goes live
        cursor.execute("VACUUM ANALYZE crm_lead, scoring_score, scoring_crossing")
    start = time.perf_counter()
    version = activate_version(version=push_model(text=text, by="benchmark", at=now()), by="benchmark", at=now())
    activated = time.perf_counter() - start
    parts = Parts()
    threads = [threading.Thread(target=apart, args=(scorer, limit)) for scorer in scorers]
    with parts.watched():
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        passed = time.perf_counter() - start
    told = {"activation": activated, "all": passed, "scores": Score.objects.filter(version=version).count()} | parts.longest()
    return told | ({"claims, locks, commits, rest": passed - sum(parts.longest().values())} if len(scorers) == 1 else {})


def run(scorer: Any, limit: int | None) -> None:
    """Score until nobody is left."""
    from vaglio_server.scoring.actions import score_run
    from vaglio_server.scoring.queries import open_run

    while open_run() is not None:
        if not score_run(scorer=scorer, limit=limit):
            time.sleep(0.01)


def apart(scorer: Any, limit: int | None) -> None:
    """Do that in a thread."""
    from django.db import connection

    run(scorer, limit)
    connection.close()


def tables(scorer: Any) -> dict[str, float]:
    """Return how long each table of facts of all leads takes [seconds]."""
    from vaglio_server.crm.models import Lead
    from vaglio_server.scoring import tables as sql
    from vaglio_server.scoring.engine import document_of

    document = document_of(MODEL.read_text(encoding="utf-8"))
    asked = sql.Asked(tuple(Lead.objects.order_by("pk").values_list("pk", flat=True)))
    found = {}
    with scorer.snapshot() as snapshot:
        for name in ("leads", "activities", "lists"):
            start = time.perf_counter()
            snapshot.cursor.execute(getattr(sql, name)(document, asked)).fetch_arrow_table()
            found[name] = time.perf_counter() - start
    return found


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Return every figure."""
    from vaglio_server.config import env
    from vaglio_server.scoring.engine import Scorer

    with closing(Scorer(env.database())) as scorer, closing(Scorer(env.database())) as other:
        whole: dict[str, list[dict[str, float]]] = {"one thread": [], "two threads": []}
        for _ in range(given.runs + 1):
            for name, scorers in (("one thread", [scorer]), ("two threads", [scorer, other])):
                whole[name].append(rescored(scorers, given.limit))
                print(name, {part: round(seconds, 2) for part, seconds in whole[name][-1].items()}, flush=True)
        fetched = [tables(scorer) for _ in range(given.runs)]
    # The first ones meet cold caches.
    told = {name: {part: spread([each[part] for each in runs[1:]]) for part in runs[0]} for name, runs in whole.items()}
    return {"seconds": told, "facts of all leads, by table": {name: spread([each[name] for each in fetched]) for name in fetched[0]}}


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--activities", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=int, help="leads in one batch; else what the product chooses")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with installation():
        filled = fill(Size(given.leads, given.activities, scored=False))
        told = measure(given)
    told = {"leads": given.leads, "activities": given.activities, "limit": given.limit, "filled_seconds": filled} | told
    told |= {"machine": platform.platform(), "cores": os.cpu_count(), "load_before": round(load, 2)}
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
