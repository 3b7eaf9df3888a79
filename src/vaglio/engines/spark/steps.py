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

    def taken_apart(self, table: ibis.Table, values: dict[int, ibis.Value]) -> ibis.Table:
        """Read the table once, with a list of pairs for each row: Spark takes one list apart at a time."""
        pairs = [ibis.struct({"line": ibis.literal(line, "int32"), "millipoints": value}) for line, value in values.items()]
        apart = table.select("lead_id", pair=ibis.array(pairs).unnest())
        apart = apart.select("lead_id", line=apart.pair["line"], millipoints=apart.pair["millipoints"])
        return apart.filter(apart.millipoints != 0)

    def texts(self, table: ibis.Table, columns: Sequence[str]) -> ibis.Table:
        """Read the table once for all columns: what occurs together is mostly little, and is taken apart only then."""
        together = table.select(*columns).distinct()
        values = [ibis.struct({"text": together[column], "place": ibis.literal(place, "int64")}) for place, column in enumerate(columns)]
        apart = together.select(value=ibis.array(values).unnest())
        return apart.select(text=apart.value["text"], place=apart.value["place"]).distinct()

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
