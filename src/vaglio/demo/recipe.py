"""What was asked for: the size, the seed and the last day of a made company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaglio.demo.randomness import Ints, Source

DAY = 86_400
# Activities reach back this far from ``until``.
WINDOW = 365 * DAY
UNTIL = datetime(2026, 10, 1, tzinfo=UTC)
ACTIVITIES_PER_LEAD = 12
# The packed sessions of sessions.py hold so many leads.
MOST_LEADS = 2**27 - 1


@dataclass(frozen=True)
class Recipe:
    """The arguments of ``make`` that shape the rows.

    Attributes
    ----------
    leads, activities : int
        Rows wanted; ``activities`` counts re-sent rows too.
    seed : int
    until : datetime
        Aware; nothing in the tables is known later. Inside the package, time is counted in whole seconds from
        ``WINDOW`` before it.
    duplicates : bool
        Whether 0.5 % of the activities are sent twice.
    message_ids : bool
        Whether activities have a ``message_id``.
    chunk_rows : int
        About how many rows are made at a time; it changes memory, never the files.
    """

    leads: int
    activities: int
    seed: int
    until: datetime
    duplicates: bool
    message_ids: bool
    chunk_rows: int

    def __post_init__(self) -> None:
        if not 1 <= self.leads <= MOST_LEADS:
            raise ValueError(f"leads must be from 1 to {MOST_LEADS:,}, not {self.leads}")
        if self.activities < 0:
            raise ValueError(f"activities must not be negative, not {self.activities}")
        if self.chunk_rows < 1:
            raise ValueError(f"chunk_rows must be positive, not {self.chunk_rows}")
        if self.until.tzinfo is None:
            raise ValueError("until must have a time zone")

    @property
    def source(self) -> Source:
        """Where the random numbers come from."""
        return Source(self.seed)

    @property
    def until_us(self) -> int:
        """``until`` in microseconds since 1970 UTC."""
        return int(self.until.timestamp()) * 1_000_000

    @property
    def start_us(self) -> int:
        """First instant of the activities, in microseconds since 1970 UTC."""
        return self.until_us - WINDOW * 1_000_000

    @property
    def digits(self) -> int:
        """Digits in a lead's identifier."""
        return max(6, len(str(self.leads)))

    @property
    def resent(self) -> int:
        """How many activities are sent a second time."""
        return self.activities // 200 if self.duplicates else 0

    def instants(self, seconds: NDArray[Any]) -> Ints:
        """Turn seconds from the start into microseconds since 1970 UTC."""
        return seconds.astype(np.int64) * 1_000_000 + self.start_us
