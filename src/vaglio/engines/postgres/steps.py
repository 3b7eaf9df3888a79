"""A plan in PostgreSQL's words."""

import ibis

from vaglio.plan.steps import Now, Steps, placed_instants


class PostgresSteps(Steps):
    """A plan in PostgreSQL's words."""

    packs = False

    def instants(self) -> Now:
        """Return functions that never run: a run puts its own instants in their place, so that PostgreSQL plans with numbers."""
        return placed_instants(self.token)

    def instant(self, microseconds: ibis.Value) -> ibis.Value:
        """Return microseconds as an instant, for people to read."""
        return _instant(microseconds)


@ibis.udf.scalar.builtin(name="vaglio_instant", signature=(("int64",), "timestamp('UTC')"))  # type: ignore[untyped-decorator]
def _instant(microseconds: int) -> None:
    """Return an instant; see :data:`vaglio.engines.postgres.compiler.FUNCTIONS`."""
