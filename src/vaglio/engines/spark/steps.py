"""A plan in Spark's words."""

from collections.abc import Sequence

import ibis

from vaglio.plan.steps import Keep, Order, PlacedSteps


class SparkSteps(PlacedSteps):
    """A plan in Spark's words."""

    packs = False

    def instant(self, microseconds: ibis.Value) -> ibis.Value:
        """Return microseconds as an instant, for people to read."""
        return _instant(microseconds)

    def hashed(self, text: ibis.Value) -> ibis.Value:
        """Return 64 bits of a text: ibis's own hash has 32."""
        return _xxhash64(text)


class RankedSteps(SparkSteps):
    """A plan to be run here: rows are ranked where they lie, while a window over all of them would bring them to one executor."""

    def ranked(self, name: str, table: ibis.Table, order: Sequence[Order]) -> ibis.Table:
        """Compute a step sorted; the run numbers its rows."""
        self.made.append(Keep(name, table, tuple(order)))
        return self.named(name, ibis.schema({**table.schema(), "rank": "int64"}))


@ibis.udf.scalar.builtin(name="timestamp_micros", signature=(("int64",), "timestamp('UTC')"))  # type: ignore[untyped-decorator]
def _instant(microseconds: int) -> None:
    """Return an instant."""


@ibis.udf.scalar.builtin(name="xxhash64", signature=(("string",), "int64"))  # type: ignore[untyped-decorator]
def _xxhash64(text: str) -> None:
    """Return a hash."""
