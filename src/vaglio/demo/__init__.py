"""A made company whose leads buy by a stated formula: data for demonstrations, tests and benchmarks."""

from vaglio.demo.generate import Summary, make

__all__ = ["Summary", "make"]
