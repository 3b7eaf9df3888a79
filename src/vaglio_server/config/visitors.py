"""Visitors of the made company: a trickle of events by the way real ones come, so that the pages move while one looks."""

import base64
import json
import random
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime
from typing import Any

EVERY_SECONDS = 1.5
_DOES = (
    (8, "page", None, {"path": "/pricing"}),
    (14, "page", None, {"path": "/blog/lead-scoring-guide-1"}),
    (10, "page", None, {"path": "/product"}),
    (4, "track", "Email Clicked", {"campaign": "newsletter-48"}),
    (3, "track", "Content Downloaded", {"content_type": "case_study"}),
    (2, "track", "Webinar Attended", {"minutes": 45}),
    (2, "track", "Form Submitted", {"form": "demo"}),
)
_FIRST = ("Giulia", "Matteo", "Ioana", "Andrei", "Lena", "Felix", "Chiara", "Paolo", "Elena", "Marius")
_LAST = ("Greco", "Fontana", "Ionescu", "Dumitru", "Schmidt", "Braun", "Marino", "Costa", "Stan", "Vogel")
_TITLES = ("CTO", "Head of Sales", "VP Marketing", "Director of Operations", "Sales Manager", "CFO", "Engineer")


def visit(drawn: random.Random, leads: int) -> list[dict[str, Any]]:
    """Return what one visitor does at once: mostly somebody known, now and then somebody new."""
    person = f"L{drawn.randint(1, leads):06d}"
    calls: list[dict[str, Any]] = []
    if drawn.random() < 0.06:
        person = f"new-{uuid.UUID(int=drawn.getrandbits(128)).hex[:8]}"
        first, last = drawn.choice(_FIRST), drawn.choice(_LAST)
        traits = {
            "first_name": first,
            "last_name": last,
            "email": f"{first}.{last}@{last}-{drawn.randint(1, 400)}.example".lower(),
            "job_title": drawn.choice(_TITLES),
            "country": drawn.choice(("IT", "RO", "DE")),
            "industry": drawn.choice(("software", "finance")),
            "employees": drawn.choice((20, 80, 300, 1200)),
        }
        calls.append({"type": "identify", "traits": traits})
    for _ in range(drawn.randint(1, 4)):
        _weight, kind, event, properties = drawn.choices(_DOES, [weight for weight, *_rest in _DOES])[0]
        calls.append({"type": kind, "properties": properties} | ({"event": event} if event else {}))
    at = datetime.now(UTC).isoformat()
    return [call | {"userId": person, "messageId": str(uuid.uuid4()), "timestamp": at} for call in calls]


def send(address: str, key: str, calls: list[dict[str, Any]]) -> None:
    """Send calls as a client would; a server that is away is tried again with the next visitor."""
    token = base64.b64encode(f"{key}:".encode()).decode()
    request = urllib.request.Request(f"{address}/v1/batch", json.dumps({"batch": calls}).encode(), {"Authorization": f"Basic {token}"})
    try:
        urllib.request.urlopen(request, timeout=10).close()
    except (OSError, urllib.error.URLError) as error:
        print(f"a visit was not taken: {error}", file=sys.stderr)


def answers(address: str) -> bool:
    """Whether a server serves."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def main(address: str, key: str, leads: int) -> None:
    """Visit for ever."""
    drawn = random.Random()
    while not answers(address):  # the web processes start with us
        time.sleep(0.3)
    while True:
        send(address, key, visit(drawn, leads))
        time.sleep(drawn.expovariate(1 / EVERY_SECONDS))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
