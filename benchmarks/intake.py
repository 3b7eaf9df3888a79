"""Events taken durably a second, one at a time and in batches of 100, as a ratio to a bare application that inserts the same rows.

``python -m benchmarks.intake [--runs N] [--seconds S]``. Clients, web server and database share the machine.
"""

import argparse
import http.client
import json
import os
import platform
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.installation import installation
from benchmarks.score import spread

RESULTS = Path(__file__).parent / "results" / "intake.json"
CLIENTS = {"single": 8, "batch": 4}
WARM_UP = 1.0  # seconds


def body(kind: str, key: str, client: int, number: int) -> str:
    """Return a request as a client would send it."""
    properties = {"minutes": 5, "path": "/a/page", "title": "The title of a page"}
    calls = [
        {"type": "track", "event": "Webinar Attended", "userId": f"u{client}-{place}", "messageId": f"{client}-{number}-{place}",
         "properties": properties}
        for place in range(100 if kind == "batch" else 1)
    ]  # fmt: skip
    return json.dumps({"writeKey": key, "batch": calls})


def load(port: int, key: str, kind: str, seconds: float) -> dict[str, float]:
    """Send for some seconds, and return events a second and the 99th percentile of an answer [milliseconds]."""
    waits: list[list[float]] = [[] for _ in range(CLIENTS[kind])]
    end = time.perf_counter() + seconds

    def send(client: int) -> None:
        link = http.client.HTTPConnection("127.0.0.1", port)
        number = 0
        while time.perf_counter() < end:
            text = body(kind, key, client, number)
            start = time.perf_counter()
            link.request("POST", "/v1/batch", text, {"Content-Type": "application/json"})
            response = link.getresponse()
            response.read()
            if response.status != 200:
                raise RuntimeError(f"answer {response.status}")
            waits[client].append(time.perf_counter() - start)
            number += 1

    threads = [threading.Thread(target=send, args=(client,)) for client in range(CLIENTS[kind])]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed = time.perf_counter() - start
    ordered = sorted(wait for its in waits for wait in its)
    return {"per_second": len(ordered) * (100 if kind == "batch" else 1) / passed, "p99": ordered[int(len(ordered) * 0.99)] * 1000}


@contextmanager
def serving(home: Path, port: int, application: str) -> Iterator[None]:
    """Run an application as ``vaglio serve`` runs its own."""
    environment = os.environ | {"VAGLIO_HOME": str(home), "BARE_DATABASE": f"host={home}/postgres user=vaglio dbname=vaglio"}
    from vaglio_server.config.serve import web_command

    command = web_command(application, "127.0.0.1", port, 2)
    process = subprocess.Popen(command, env=environment)
    try:
        time.sleep(8)
        yield
    finally:
        process.terminate()
        process.wait()


def measure(home: Path, runs: int, seconds: float) -> dict[str, Any]:
    """Return every figure; both applications take turns."""
    from django.db import connection

    from tests.server.running import free_port
    from tests.server.world import make_source

    key = make_source().write_key
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, body bytea NOT NULL, received_at timestamptz NOT NULL)")
    found: dict[str, dict[str, list[float]]] = {}
    ours, bare = free_port(), free_port()
    with serving(home, ours, "vaglio_server.config.wsgi:application"), serving(home, bare, "benchmarks.bare:application"):
        for port in (ours, bare):
            load(port, key, "single", WARM_UP)
        for _ in range(runs):
            for kind in CLIENTS:
                for name, port in (("ours", ours), ("bare", bare)):
                    figures = load(port, key, kind, seconds)
                    for figure, value in figures.items():
                        found.setdefault(f"{kind} {name}", {}).setdefault(figure, []).append(value)
    told: dict[str, Any] = {name: {figure: spread(values) for figure, values in its.items()} for name, its in found.items()}
    for kind in CLIENTS:
        told[f"{kind} ratio"] = told[f"{kind} ours"]["per_second"]["median"] / told[f"{kind} bare"]["per_second"]["median"]
    return told


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    asked = parser.parse_args()
    with installation() as home:
        told = measure(home, asked.runs, asked.seconds)
    told |= {"machine": platform.platform(), "cores": os.cpu_count(), "runs": asked.runs, "seconds": asked.seconds}
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
