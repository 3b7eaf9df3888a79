"""Document → ibis: facts as known, classes, signatures, lanes, totals, ratings. Nothing here belongs to one engine."""

from vaglio.plan.build import Plan, build
from vaglio.plan.facts import Facts, Instants
from vaglio.plan.session import Session

__all__ = ["Facts", "Instants", "Plan", "Session", "build"]
