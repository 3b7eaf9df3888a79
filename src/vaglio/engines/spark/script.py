"""What a script of SQL for this engine is written with; no driver is needed."""

from vaglio.engines.spark.compiler import written
from vaglio.engines.spark.steps import SparkSteps as Steps

BEFORE = ("-- vaglio_double_text(x) is str(x) of Python",)
KEEP = "CACHE TABLE"

__all__ = ["BEFORE", "KEEP", "Steps", "written"]
