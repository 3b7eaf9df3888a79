"""Spark: scores on a cluster, or on all cores of one machine."""
