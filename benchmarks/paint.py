"""How soon one sees something: the first contentful paint of every page of the made company, in Chromium on loopback; and what it weighs.

``python -m benchmarks.paint [--leads N] [--rounds R]``. Each round opens every page once, with nothing kept from before, as somebody does
who comes for the first time. Asked for: under a second. The floor in the same run is ``/healthz``, a page of sixteen bytes. Once per page
and width: the bytes of script as they come over the line, and how far things jumped until all that comes later had come.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "paint.json"
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
ASKED_MS = 1_000
SIZES = ((1360, 900), (390, 844))


def measure(address: str, pages: dict[str, str], rounds: int) -> dict[str, dict[str, Any]]:
    """Return of each page when something was first seen [milliseconds after it was asked for], its script, and how far it jumped."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        weights = {width: _weights(_fresh(browser, address, width, height), address, pages) for width, height in SIZES}
        page = _fresh(browser, address, *SIZES[0])
        painted: dict[str, list[float]] = {name: [] for name in pages}
        for _ in range(rounds):
            for name, path in pages.items():
                painted[name].append(_painted(page, address + path))
        browser.close()
    return {name: _told(sorted(times), {width: found[name] for width, found in weights.items()}) for name, times in painted.items()}


def _told(times: list[float], weights: dict[int, dict[str, Any]]) -> dict[str, Any]:
    wide, narrow = (weights[width] for width, _height in SIZES)
    return {
        "median_ms": round(statistics.median(times)), "p95_ms": round(p95(times)), "least_ms": round(times[0]), "most_ms": round(times[-1]),
        "script_bytes": wide["script_bytes"], "layout_shift": {"wide": wide["shift"], "narrow": narrow["shift"]},
    }  # fmt: skip


def _fresh(browser: Any, address: str, width: int, height: int) -> Any:
    """Return a page of somebody who signed in and whose browser keeps nothing."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(address)
    page.click("button[value=ada]")
    page.wait_for_selector("#palette", state="attached")
    link = context.new_cdp_session(page)
    link.send("Network.enable")
    link.send("Network.setCacheDisabled", {"cacheDisabled": True})
    return page


def _weights(page: Any, address: str, pages: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return what each page weighs, as the tests measure it."""
    from tests.server.web.test_browser_craft import WATCH, measured

    page.add_init_script(WATCH)
    return {name: measured(page, address + path) for name, path in pages.items()}


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


def filled_and_measured(leads: int, rounds: int) -> dict[str, dict[str, Any]]:
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
    """Write what was measured, and print a line per page and whether all keep to what is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    os.environ["VAGLIO_DEMO"] = "1"
    found = filled_and_measured(given.leads, given.rounds)
    told = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "leads": given.leads, "rounds": given.rounds, "asked_ms": ASKED_MS, "pages": found,
    }  # fmt: skip
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    for name, page in sorted(found.items(), key=lambda each: -float(each[1]["p95_ms"])):
        shifts = page["layout_shift"]
        print(f"{name:24} p50 {page['median_ms']:5} ms   p95 {page['p95_ms']:5} ms   {page['script_bytes']:7,} B of script   "
              f"shift {shifts['wide']} {shifts['narrow']}")  # fmt: skip
    late = [name for name, page in found.items() if page["p95_ms"] >= ASKED_MS]
    print(f"{len(found)} pages, {given.leads:,} leads, {given.rounds} rounds; a second or more at p95: {', '.join(late) or 'none'}")


if __name__ == "__main__":
    main()
