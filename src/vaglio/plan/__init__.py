"""Document → ibis: facts as known, classes, signatures, lanes, totals, ratings. Nothing here belongs to one engine."""

from vaglio.plan.build import Plan, Wanted, build
from vaglio.plan.facts import Facts, Instants

__all__ = ["Facts", "Instants", "Plan", "Wanted", "build"]
