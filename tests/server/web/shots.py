"""Screenshots, to be looked at: in ``build/screenshots``.

``VAGLIO_SHOTS=all`` also keeps the other theme of each page, ``none`` keeps none, as in ``make test``: nobody looks at them there, and one
takes as long as all that is asserted of a page.
"""

import os
from pathlib import Path
from typing import Any

SHOTS = Path(__file__).parents[3] / "build" / "screenshots"
WANTED = os.environ.get("VAGLIO_SHOTS", "")


def shot(page: Any, name: str, *, is_whole: bool = False) -> None:
    """Keep what a page shows, or the whole of it."""
    if WANTED != "none":
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", full_page=is_whole)
