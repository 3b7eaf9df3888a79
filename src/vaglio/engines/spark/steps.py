"""A plan in Spark's words."""

import ibis

from vaglio.plan.steps import Now, Steps, placed_instants


class SparkSteps(Steps):
    """A plan in Spark's words."""

    packs = False

    def instants(self) -> Now:
        """Return functions that never run: a run puts its own instants in their place, so that Spark plans with numbers."""
        return placed_instants(self.token)

    def instant(self, microseconds: ibis.Value) -> ibis.Value:
        """Return microseconds as an instant, for people to read."""
        return _instant(microseconds)

    def hashed(self, text: ibis.Value) -> ibis.Value:
        """Return 64 bits of a text: ibis's own hash has 32."""
        return _xxhash64(text)


@ibis.udf.scalar.builtin(name="timestamp_micros", signature=(("int64",), "timestamp('UTC')"))  # type: ignore[untyped-decorator]
def _instant(microseconds: int) -> None:
    """Return an instant."""


@ibis.udf.scalar.builtin(name="xxhash64", signature=(("string",), "int64"))  # type: ignore[untyped-decorator]
def _xxhash64(text: str) -> None:
    """Return a hash."""
