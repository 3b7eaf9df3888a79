"""What a script of SQL for this engine is written with; no driver is needed."""

from vaglio.engines.postgres.compiler import FUNCTIONS, written
from vaglio.engines.postgres.steps import PostgresSteps as Steps

BEFORE = tuple(f"{function};" for function in FUNCTIONS)
KEEP = "CREATE TEMP TABLE"

__all__ = ["BEFORE", "KEEP", "Steps", "written"]
