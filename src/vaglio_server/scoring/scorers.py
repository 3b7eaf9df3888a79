"""Scorers that are kept between questions: ADBC reads the database's catalogue as it connects, 60 ms, about what an answer takes."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from vaglio_server.scoring.engine import Scorer

MOST = 2  # that a process keeps while nobody asks: each holds a connection, and the facts that it was asked about last
_IDLE: list[Scorer] = []


@contextmanager
def a_scorer() -> Iterator[Scorer]:
    """Lend a scorer for a question: one that is there already, if nobody else has it."""
    scorer = _idle() or Scorer(settings.DATABASES["default"])
    try:
        yield scorer
    finally:
        # What failed left no connection behind, and what engines hold makes way for what they are given next.
        if len(_IDLE) < MOST:
            _IDLE.append(scorer)
        else:
            scorer.close()


def _idle() -> Scorer | None:
    """Take a kept scorer, with its connection if it still answers."""
    try:
        scorer = _IDLE.pop()
    except IndexError:  # all are lent, maybe a moment ago to another thread
        return None
    scorer.check()
    return scorer


@atexit.register
def close_all() -> None:
    """Close what is kept."""
    while _IDLE:
        _IDLE.pop().close()
