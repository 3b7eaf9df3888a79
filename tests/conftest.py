"""What all tests share: a rarer garbage collector, and an order in which the long ones do not come last."""

import gc
import os
import sys
import warnings
from collections.abc import Iterator
from itertools import groupby

import pytest

# Building and compiling expressions makes very many short-lived objects; collecting them rarely makes the tests a tenth faster.
gc.set_threshold(200_000, 20, 20)
# Modules that take long whatever the machine: they wait for a browser, for processes that are killed, or for a learner.
LONG = ("test_browser", "test_kill", "test_backup", "test_trials", "test_fuzz", "test_watch", "test_learn.py", "test_imports")
WORLDS = ("test_trials", "test_browser_craft", "test_imports")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deal long modules out among the workers, each worker's first: xdist gives each an equal part of the list, in its order."""
    parts = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    # Spark takes long to start and to get going, so one worker has all of it.
    on_spark = [item for item in items if item.get_closest_marker("spark")]
    modules = [list(those) for _path, those in groupby((item for item in items if item not in set(on_spark)), key=lambda item: item.path)]
    # What makes a world of its own comes first: it is not begun anew by a worker that helps another out at the end.
    modules.sort(key=lambda those: not those[0].path.name.startswith(WORLDS))
    long = [each for each in (on_spark, *(those for those in modules if those[0].path.name.startswith(LONG))) if each]
    rest = [item for those in modules if those not in long for item in those]
    dealt = [[item for those in long[part::parts] for item in those] for part in range(parts)]
    ordered: list[pytest.Item] = []
    for part, its in enumerate(dealt, 1):
        room = max(0, round(len(items) * part / parts) - len(ordered) - len(its))
        ordered += its + rest[:room]
        del rest[:room]
    items[:] = ordered + rest


@pytest.fixture(autouse=True)
def py4j_tidied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect the sockets that py4j leaves open, lest a later test is blamed for them.

    What there was before is not looked through: of all that a process of tests has loaded that takes a third of a second.
    """
    if not request.node.get_closest_marker("spark"):
        yield
        return
    gc.freeze()
    yield
    with warnings.catch_warnings(action="ignore"):
        gc.collect()
    gc.unfreeze()


def pytest_sessionfinish() -> None:
    """Stop Spark where a test started it: what py4j leaves open is no test's fault."""
    if (pyspark := sys.modules.get("pyspark")) is None or (context := pyspark.SparkContext._active_spark_context) is None:
        return
    with warnings.catch_warnings(action="ignore"):
        gateway = context._gateway
        context.stop()
        gateway.shutdown()
        del context, gateway
        gc.collect()
