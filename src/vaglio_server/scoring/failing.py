"""Versions that cannot be scored: each is left alone for a while, or working it out in vain would be all that a worker does."""

import time
from datetime import timedelta

PATIENCE = timedelta(hours=1)  # until a version that failed is tried again; so long its leads wait


class Failing:
    """What failed of late in one place, by the number of the version."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}

    def is_left_alone(self, version: int) -> bool:
        """Whether a version failed so lately that it is not tried yet."""
        return self._until.get(version, float("-inf")) > time.monotonic()

    def note(self, version: int) -> None:
        """Remember that a version failed just now."""
        self._until[version] = time.monotonic() + PATIENCE.total_seconds()
