"""Plans kept: each is written and compiled once for a document and a shape of facts, and run many times.

Kept for the whole process, since a plan knows nothing of the engine's tables: all engines of a kind, and all threads, share it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from vaglio.document import ModelDocument, fingerprint
from vaglio.engine import Engine, Run, planning
from vaglio.errors import InternalError
from vaglio.plan import Facts, Instants, Plan, Wanted, build
from vaglio.plan.facts import Shape, facts_of_shape
from vaglio.plan.steps import OtherWay

MOST = 64  # plans; those not used for the longest time are forgotten


@dataclass(frozen=True)
class _Key:
    engine: str
    fingerprint: str
    shape: Shape
    wanted: Wanted
    by_class: bool


class Kept:
    """A bounded number of plans. Threads that ask for one that nobody has written yet wait for whoever is first; all others go on."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._plans: OrderedDict[_Key, Plan] = OrderedDict()
        self._marks: dict[int, tuple[ModelDocument, str]] = {}
        self._lock = threading.Lock()
        self._writing: dict[_Key, threading.Lock] = {}

    def mark(self, document: ModelDocument) -> str:
        """Return the fingerprint of a document, which takes longer to work out than a lead to score."""
        known = self._marks.get(id(document))
        if known is None:
            if len(self._marks) >= self._most:
                self._marks.clear()
            known = self._marks[id(document)] = (document, fingerprint(document))
        return known[1]

    def forget(self) -> None:
        """Forget every plan, for whoever measures how long a first run takes."""
        with self._lock:
            self._plans.clear()

    def plan(self, key: _Key, write: Callable[[], Plan]) -> Plan:
        """Return the plan of a key, written when there is none."""
        with self._lock:
            if key in self._plans:
                self._plans.move_to_end(key)
                return self._plans[key]
            writing = self._writing.setdefault(key, threading.Lock())
        plan = None
        with writing:
            try:
                plan = self._plans.get(key) or write()  # whoever was first may have written it
                return plan
            finally:
                self._written(key, plan)

    def _written(self, key: _Key, plan: Plan | None) -> None:
        """Keep a plan; None: it could not be written."""
        with self._lock:
            self._writing.pop(key, None)
            if plan is not None:
                self._plans[key] = plan
            while len(self._plans) > self._most:
                self._plans.popitem(last=False)


PLANS = Kept()


def run(engine: Engine, document: ModelDocument, facts: Facts, at: Instants, wanted: Wanted, plans: Kept = PLANS) -> tuple[Run, Plan]:
    """Run the plan of a model over facts, and return the run with the plan that it carried out.

    Raises
    ------
    EngineError
        The engine failed.
    """
    facts = facts.settled(at)
    shape, mark = facts.shape(), plans.mark(document)
    running = engine.run(facts, at)
    try:
        for by_class in (False, True):
            plan = plans.plan(_Key(engine.name, mark, shape, wanted, by_class), lambda: write(engine, document, shape, wanted, by_class))  # noqa: B023
            try:
                running.carry_out(plan)
            except OtherWay:
                continue
            return running, plan
        raise InternalError("the plan by classes takes any facts")
    except BaseException:
        running.close()
        raise


@contextmanager
def written_ahead(engine: Engine, document: ModelDocument, shape: Shape, wanted: Wanted, plans: Kept = PLANS) -> Iterator[None]:
    """Write and compile the plan of a model beside what is done inside, for whoever runs it there over facts of this shape."""
    key, enough = _Key(engine.name, plans.mark(document), shape, wanted, by_class=False), threading.Event()

    def work() -> None:
        engine.compile_ahead(plans.plan(key, lambda: write(engine, document, shape, wanted, by_class=False)), enough)

    with ThreadPoolExecutor(max_workers=1) as beside:
        beside.submit(work)  # should it fail, whoever runs the plan fails alike
        try:
            yield
        finally:
            enough.set()


def write(engine: Engine, document: ModelDocument, shape: Shape, wanted: Wanted, by_class: bool) -> Plan:
    """Return the plan of a model over facts of a shape."""
    token = f"run{fingerprint(document)[:16]}_"  # no document holds its own fingerprint
    with planning(engine.name):
        return build(engine.steps(token), document, facts_of_shape(shape, token), wanted, by_class=by_class)
