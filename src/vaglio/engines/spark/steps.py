"""A plan in Spark's words."""

import ibis

from vaglio.plan.steps import PlacedSteps


class SparkSteps(PlacedSteps):
    """A plan in Spark's words."""

    packs = False

    def instant(self, microseconds: ibis.Value) -> ibis.Value:
        """Return microseconds as an instant, for people to read."""
        return _instant(microseconds)


@ibis.udf.scalar.builtin(name="timestamp_micros", signature=(("int64",), "timestamp('UTC')"))  # type: ignore[untyped-decorator]
def _instant(microseconds: int) -> None:
    """Return an instant."""
