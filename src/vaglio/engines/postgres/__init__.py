"""PostgreSQL: scores where the data is."""

from vaglio.engines.postgres.engine import PostgresEngine

__all__ = ["PostgresEngine"]
