"""How soon one sees something: the first contentful paint of every page of the made company, in Chromium on loopback.

``python -m benchmarks.paint [--leads N] [--rounds R]``. Each round opens every page once, with nothing kept from before, as somebody does
who comes for the first time. Asked for: under a second. The floor in the same run is ``/healthz``, a page of sixteen bytes.
"""

import argparse
import os
import shutil
import statistics
from typing import Any

PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
ASKED_MS = 1_000


def measure(address: str, pages: dict[str, str], rounds: int) -> dict[str, list[float]]:
    """Return when something was first seen on each page [milliseconds after it was asked for]."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {name: [] for name in pages}
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1360, "height": 900})
        page = context.new_page()
        page.goto(address)
        page.click("button[value=ada]")
        page.wait_for_selector("#palette", state="attached")
        link = context.new_cdp_session(page)
        link.send("Network.enable")
        link.send("Network.setCacheDisabled", {"cacheDisabled": True})
        for _ in range(rounds):
            for name, path in pages.items():
                found[name].append(_painted(page, address + path))
        browser.close()
    return found


def _painted(page: Any, address: str) -> float:
    page.goto(address)
    for _ in range(200):  # the entry comes with the frame after the paint
        at = page.evaluate(PAINT)
        if at is not None:
            return float(at)
        page.wait_for_timeout(25)
    raise RuntimeError(f"{address} painted nothing within five seconds")


def p95(times: list[float]) -> float:
    """Return what 95 of 100 stay within, of times in order."""
    return times[int(len(times) * 0.95)]


def filled_and_measured(leads: int, rounds: int) -> dict[str, list[float]]:
    """Make the company in a data folder of its own, which is gone afterwards, and open its pages."""
    from tests.server.conftest import HOME  # before anything of Django: it says where the data is
    from tests.server.running import running
    from tests.server.web.every_page import every_page, make_everything
    from vaglio_server.config.session import database_up

    try:
        with database_up():
            from django.db import connection

            make_everything(leads)
            pages = every_page()
            connection.close()
            with running(HOME, role="web") as server:
                return measure(server.address, {"floor": "/healthz", **pages}, rounds)
    finally:
        shutil.rmtree(HOME, ignore_errors=True)


def main() -> None:
    """Print a line per page and whether all keep to what is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=20)
    told = parser.parse_args()
    os.environ["VAGLIO_DEMO"] = "1"
    found = {name: sorted(times) for name, times in filled_and_measured(told.leads, told.rounds).items()}
    for name, times in sorted(found.items(), key=lambda each: -p95(each[1])):
        print(f"{name:24} p50 {statistics.median(times):6.0f} ms   p95 {p95(times):6.0f} ms")
    late = [name for name, times in found.items() if p95(times) >= ASKED_MS]
    print(f"{len(found)} pages, {told.leads:,} leads, {told.rounds} rounds; a second or more at p95: {', '.join(late) or 'none'}")


if __name__ == "__main__":
    main()
