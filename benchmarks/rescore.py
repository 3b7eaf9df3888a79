"""How long it takes to score every lead again, as after a model went live: the whole way, and its parts.

``python -m benchmarks.rescore [--leads N] [--activities A] [--runs R] [--limit L]``. Each run makes a new version of the model live, so
that everything is new: every lead gets a score, a crossing and another rank.
"""

import argparse
import json
import os
import platform
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
    """Seconds spent in functions, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same and adds up how long it takes."""

        def run(*given: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

        return run

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Time the parts of scoring meanwhile."""
        from vaglio_server.scoring import actions, engine

        with ExitStack() as stack:
            for owner, attribute, name in (
                (engine.Scorer, "_facts", "facts"), (engine.Scorer, "_answer", "engine"), (actions, "_store", "store scores"),
                (actions, "_cross", "store crossings"), (actions, "_show", "store leads"), (actions, "_said", "said"),
            ):  # fmt: skip
                stack.enter_context(patch.object(owner, attribute, self.timed(name, getattr(owner, attribute))))
            yield


def rescored(scorer: Any, limit: int, number: int) -> dict[str, float]:
    """Make a new version live, score every lead with it, and return the seconds."""
    from datetime import UTC, datetime

    from vaglio_server.scoring.actions import activate_version, push_model, score_backlog

    def now() -> datetime:
        return datetime.now(UTC)  # noqa: TID251

    text = MODEL.read_text(encoding="utf-8").replace("points: 30, within: 60d", f"points: {31 + number}, within: 60d")
    start = time.perf_counter()
    activate_version(version=push_model(text=text, by="benchmark", at=now()), by="benchmark", at=now())
    activated = time.perf_counter() - start
    until, parts, done = now(), Parts(), 0
    start = time.perf_counter()
    with parts.watched():
        while found := score_backlog(scorer=scorer, limit=limit, until=until):
            done += found
    passed = time.perf_counter() - start
    parts.seconds.pop("said")
    other = passed - sum(parts.seconds.values())
    return {"activation": activated, "all": passed, **parts.seconds, "claims, locks, commits, rest": other, "leads": done}


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

    with closing(Scorer(env.database())) as scorer:
        runs = []
        for number in range(given.runs + 1):
            runs.append(rescored(scorer, given.limit, number))
            print({name: round(seconds, 2) for name, seconds in runs[-1].items()}, flush=True)
        fetched = [tables(scorer) for _ in range(given.runs)]
    told = {name: spread([each[name] for each in runs[1:]]) for name in runs[0]}  # the first one meets cold caches
    return {"seconds": told, "facts of all leads, by table": {name: spread([each[name] for each in fetched]) for name in fetched[0]}}


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--activities", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=int, default=25_000, help="leads in one batch")
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
