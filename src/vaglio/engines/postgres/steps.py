"""A plan in PostgreSQL's words."""

import ibis

from vaglio.plan.steps import ListedSteps


class PostgresSteps(ListedSteps):
    """A plan in PostgreSQL's words."""

    packs = False
    by_row = True

    def instant(self, microseconds: ibis.Value) -> ibis.Value:
        """Return microseconds as an instant, for people to read."""
        return _instant(microseconds)


@ibis.udf.scalar.builtin(name="vaglio_instant", signature=(("int64",), "timestamp('UTC')"))  # type: ignore[untyped-decorator]
def _instant(microseconds: int) -> None:
    """Return an instant; see :data:`vaglio.engines.postgres.compiler.FUNCTIONS`."""
