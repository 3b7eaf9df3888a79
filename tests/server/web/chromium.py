"""The browser that tests drive, where the machine has one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# The address bar's own pages, which nobody sees here, are drawn anew for each window: a second of work for each that a test opens.
# What is given takes the place of what Playwright turns off, so that is said again.
OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
)  # fmt: skip
# Debian's starter asks for a GPU, and where there is none one is emulated: a seventh of all that a browser does here.
BARE = ("--no-sandbox", "--disable-gpu")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="install chromium to see the pages tested in a browser")


@contextmanager
def chromium() -> Iterator[Any]:
    """Start it; in its thread Django answers no questions about the database meanwhile."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=[*BARE, f"--disable-features={','.join(OFF)}"])
        yield browser
        browser.close()
