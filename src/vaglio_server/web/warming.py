"""Plans that explain leads are written before somebody opens one: in the background, once the first page of a process is asked for.

Not when the process starts: an installation that only takes events in would pay for the engine in memory, and starts would be slower.
"""

import atexit
import gc
import logging
import threading

from django.db import connection

from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.queries import live_versions
from vaglio_server.scoring.scorers import a_scorer

logger = logging.getLogger(__name__)
SOON_SECONDS = 0.3  # after the page that began it: that one is not to wait
_state = {"serves": False, "begun": False}
_lock = threading.Lock()


def serve_pages() -> None:
    """Say that this process serves pages; others, such as those of commands, warm nothing."""
    _state["serves"] = True


def begin() -> None:
    """Begin to warm, once in a process."""
    if not _state["serves"] or _state["begun"]:
        return
    with _lock:
        if _state["begun"]:
            return
        _state["begun"] = True
    timer = threading.Timer(SOON_SECONDS, warm)
    timer.daemon = True
    timer.start()


def warm() -> None:
    """Write the plans that explain leads, of the version that drives."""
    try:
        for version in live_versions():
            if version.scoring_model.is_driving:
                with a_scorer() as scorer:
                    scorer.warm_why(document_of(version.text))
    except Exception:
        logger.warning("the plans that explain leads could not be written ahead; the first page that asks for them waits", exc_info=True)
    finally:
        connection.close()
        _keep()


def _keep() -> None:
    """Leave what is loaded by now out of later collections of garbage: it stays, and looking through it holds a page up for 100 ms."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # or libraries complain of leaks when the process ends
