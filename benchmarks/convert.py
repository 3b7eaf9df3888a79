"""What converting one lead costs: questions asked of the database, and time.

``python -m benchmarks.convert [--leads N] [--stored N]``. In a store of so many leads with companies, contacts and opportunities; each case
converts so many leads, one after the other, by the verb that pages and the API call. Questions are counted on the wire: every statement of
the transaction but BEGIN and COMMIT, COPY among them.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.filling import Size, beside, fill
from benchmarks.installation import installation

RESULTS = Path(__file__).parent / "results" / "convert.json"
MOST_QUESTIONS, MOST_MS = 15, 20
NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Give the statements that are sent to the database meanwhile."""
    from django.db import connection
    from psycopg import Cursor

    sent: list[str] = []
    copy = Cursor.copy

    def counting(execute: Any, sql: str, *rest: Any) -> Any:
        sent.append(sql)
        return execute(sql, *rest)

    def copying(self: Any, statement: Any, *rest: Any, **more: Any) -> Any:
        sent.append(str(statement))
        return copy(self, statement, *rest, **more)

    Cursor.copy = copying  # type: ignore[method-assign, assignment]
    try:
        with connection.execute_wrapper(counting):
            yield sent
    finally:
        Cursor.copy = copy  # type: ignore[method-assign]


def cases() -> dict[str, Callable[[int], dict[str, Any]]]:
    """Return what the lead of each case is made of, by its number: its fields, its company and where it stands."""

    def new(n: int) -> dict[str, Any]:
        return {"first_name": f"Nora{n}", "last_name": f"Nyman{n}", "email": f"nora{n}@company{n + 1}.example", "job_title": "CTO"}

    return {
        "accepted, at its company": lambda n: {"fields": new(n), "account": n + 1, "stage": "sales_accepted"},
        "waiting, at its company": lambda n: {"fields": new(n), "account": n + 1, "stage": "marketing_qualified"},
        "accepted, its company lacks what it says": lambda n: {
            "fields": new(n) | {"employees": 90, "city": "Torino"}, "account": n + 1, "stage": "sales_accepted",
        },
        "accepted, at a new company": lambda n: {
            "fields": new(n) | {"email": f"nora{n}@new{n}.example", "company": f"Newcomers {n}"}, "account": None,
            "stage": "sales_accepted",
        },
        "waiting, nobody's": lambda n: {"fields": new(n), "account": n + 1, "stage": "marketing_qualified", "is_nobodys": True},
        "recycled, nobody's, its company known by its name, on a nurture list": lambda n: {
            "fields": new(n) | {"email": f"nora{n}@gmail.com", "company": f"Company {n + 1}", "employees": 90, "lead_owner": "Nobody"},
            "account": None, "stage": "recycled", "is_nobodys": True, "list": "newsletter",
        },
        "accepted, its company known by its name": lambda n: {
            "fields": new(n) | {"email": f"nora{n}@gmail.com", "company": f"Company {n + 1}", "employees": 90}, "account": None,
            "stage": "sales_accepted",
        },
        "again, a double click": lambda n: {"fields": new(n), "account": n + 1, "stage": "sales_accepted", "twice": True},
    }  # fmt: skip


def measure(make: Callable[[int], dict[str, Any]], runs: int, first: int) -> dict[str, Any]:
    """Convert so many leads; return questions and milliseconds."""
    from vaglio_server.crm.models import Lead
    from vaglio_server.lifecycle.actions import Wish, convert_lead
    from vaglio_server.lifecycle.models import LeadStage, NurtureEnrollment, SlaClock
    from vaglio_server.users.models import User

    seller, now = User.objects.get(username="seller"), datetime.now(UTC)  # noqa: TID251
    questions, took = [], []
    for n in range(first, first + runs):
        given = make(n)
        made = Lead.objects.create(fields=given["fields"], account_id=given["account"], created_at=now, rating="A1",
                                   owner=None if "is_nobodys" in given else seller)  # fmt: skip
        LeadStage.objects.create(lead=made, stage=given["stage"], since=now)
        if given["stage"] == "marketing_qualified":
            SlaClock.objects.create(lead=made, rating="A1", promised_seconds=3600, started_at=now)
        if "list" in given:
            NurtureEnrollment.objects.create(lead=made, track=given["list"], rating="A1", entered_at=now, why="recycled")
        lead = Lead.objects.get(pk=made.pk)
        if "twice" in given:
            convert_lead(lead=lead, wish=Wish(sale={}), seller=seller, key="a", at=now)
        with counted() as sent:
            start = time.perf_counter()
            convert_lead(lead=lead, wish=Wish(sale={}), seller=seller, key="a", at=now)
            took.append((time.perf_counter() - start) * 1000)
        questions.append(sum(1 for sql in sent if not sql.startswith(NOT_COUNTED)))
    ordered = sorted(took)
    return {
        "questions": statistics.mode(questions), "most questions": max(questions), "median ms": round(statistics.median(took), 2),
        "p95 ms": round(ordered[int(len(ordered) * 0.95)], 2), "leads": runs,
    }  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--leads", type=int, default=200)
    asked.add_argument("--stored", type=int, default=100_000)
    given = asked.parse_args()
    with installation():
        from vaglio_server.crm.actions import first_pipeline

        size = Size(given.stored, given.stored, scored=True)
        fill(size)
        beside(size)
        first_pipeline(at=datetime.now(UTC))  # noqa: TID251  (made once in the life of an installation)
        found = {name: measure(make, given.leads, number * given.leads) for number, (name, make) in enumerate(cases().items())}
    told = {
        "stored leads": given.stored, "cases": found, "bounds": {"questions": MOST_QUESTIONS, "median ms": MOST_MS},
        "Odoo 19, measured before": {"questions": 60, "ms": 30},
        "machine": {"system": platform.platform(), "python": platform.python_version()},
    }  # fmt: skip
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told["cases"], indent=1))
    worst = [name for name in found if found[name]["most questions"] > MOST_QUESTIONS or found[name]["median ms"] > MOST_MS]
    if worst:
        raise SystemExit(f"beyond the bounds: {', '.join(worst)}")


if __name__ == "__main__":
    main()
