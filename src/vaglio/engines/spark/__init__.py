"""Spark: scores on a cluster, or on all cores of one machine."""

from vaglio.engines.spark.engine import SparkEngine

__all__ = ["SparkEngine"]
