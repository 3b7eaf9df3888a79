"""A Spark session: started once for the process, since that takes seconds."""

import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa

from vaglio.errors import DataError, EngineError, UnsupportedError
from vaglio.plan.steps import Order

NAME = "spark"
_CALLING = "An error occurred while calling "  # what py4j says before it says which
PLACE_BITS = 33  # of what Spark numbers rows with: their place in their part; the part is above
# Sums of hundreds of rules become a method that Java would not compile for being long. What a user gives comes after, and so wins.
_COMPILED = "-XX:-DontCompileHugeMethods"
OPTIONS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # what overflows fails, and does not wrap
    "spark.sql.caseSensitive": "true",
    "spark.ui.showConsoleProgress": "false",
    "spark.cleaner.referenceTracking.cleanCheckpoints": "true",
    "spark.sql.constraintPropagation.enabled": "false",  # for hundreds of rules Spark would look for them longer than it scores
    "spark.sql.adaptive.maxShuffledHashJoinLocalMapThreshold": "64MB",  # parts this small are joined without being sorted first
}


def memory(groups: Path = Path("/sys/fs/cgroup")) -> int:
    """Return how much memory there is [bytes]: the machine's, or less where the container, whose root ``groups`` is, is given less."""
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # no container, or one that says "max"
            sizes.append(int((groups / name).read_text()))
    return min(sizes)


# Of Spark in this process: nobody else is to reach it. Its gigabyte is too little for a million leads, half of what is there is not.
LOCAL = {
    "spark.driver.memory": f"{max(memory() // 2**21, 1024)}m",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.pyspark.python": sys.executable,
    "spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1)),  # of the 200 that it has by itself most would be empty
}


def need_spark() -> None:
    """Raise UnsupportedError unless pyspark and Java are there."""
    if find_spec("pyspark") is None:
        raise UnsupportedError(
            "library_missing", "the spark engine needs pyspark", "install it with: pip install 'vaglio[spark]', or make spark in a clone"
        )
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        hint = "install openjdk-17-jre-headless, or set JAVA_HOME"
        raise UnsupportedError("java_missing", "the spark engine needs Java 17 or later, and there is none", hint)


class Session:
    """A Spark session. Without a master it is the one that spark-submit or Spark's own configuration names, or else this machine."""

    def __init__(self, master: str, options: Mapping[str, str]) -> None:
        need_spark()
        self.spark = _started(master, options)

        def text(value: float | None) -> str | None:  # in here it is sent as it is, so that no executor needs Vaglio
            return None if value is None else str(value)

        self.spark.udf.register("vaglio_double_text", text, "string")

    def frame(self, sql: str) -> Any:
        """Return a query as a data frame."""
        with failing():
            return self.spark.sql(sql)

    def kept(self, sql: str, order: Sequence[Order] = ()) -> Any:
        """Return a query as a data frame that is computed now and knows nothing of how: plans that grow with every step are slow.

        Where Spark's configuration names a folder for checkpoints it is kept there, and outlives executors; else with the executors.
        """
        with failing():
            kept = self._apart(self.spark.sql(sql))
            if not order:
                return kept
            # Sorted by itself: Spark draws a sample before it sorts, for which it would do all of the query a second time.
            try:
                keys = (kept[each.column].desc() if each.down else kept[each.column].asc() for each in order)
                return self._apart(kept.orderBy(*keys))
            finally:
                self.release(kept)

    def _apart(self, frame: Any) -> Any:
        return frame.checkpoint() if self.spark.conf.get("spark.checkpoint.dir", None) else frame.localCheckpoint()

    def numbered(self, frame: Any) -> Any:
        """Return a frame that is kept sorted with one more column ``rank``, from 1: where its part begins, and the place in there."""
        from pyspark.sql import functions as F

        with failing():
            parts = frame.select(F.spark_partition_id().alias("part")).groupBy("part").count().collect()
            rows = dict(map(tuple, parts))
            begins = list(accumulate((rows.get(part, 0) for part in range(max(rows, default=0))), initial=1))
            begin = F.array(*map(F.lit, begins))[F.spark_partition_id()]
            return frame.withColumn("rank", begin + F.monotonically_increasing_id().bitwiseAND(2**PLACE_BITS - 1))

    def release(self, frame: Any) -> None:
        """Let go of what :meth:`kept` keeps. Spark would do so itself, but not before Java next collects its garbage."""
        with failing():
            frame._jdf.queryExecution().analyzed().rdd().unpersist(False)

    def rows(self, sql: str) -> pa.Table:
        """Return what a query gives."""
        with failing():
            return self.spark.sql(sql).toArrow()

    def view(self, name: str, rows: pa.Table) -> None:
        """Make a view of rows in memory."""
        with failing():
            self.spark.createDataFrame(rows).createOrReplaceTempView(name)


def _started(master: str, options: Mapping[str, str]) -> Any:
    from py4j.protocol import Py4JError
    from pyspark import SparkConf
    from pyspark.errors import PySparkException
    from pyspark.logger import PySparkLogger
    from pyspark.sql import SparkSession

    PySparkLogger.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # it prints pages about what we say in a line
    given = configured() | dict(SparkConf().getAll()) | dict(options)
    master = master or given.get("spark.master") or "local[*]"
    builder = SparkSession.builder.master(master).appName("vaglio")
    is_local = master.startswith("local")
    for name, value in (OPTIONS | (LOCAL if is_local else {}) | dict(options) | java_options(given, is_local=is_local)).items():
        builder = builder.config(name, value)
    with _quiet() as log, _java_ends_with_us():
        try:
            return builder.getOrCreate()
        except (PySparkException, Py4JError) as error:
            raise DataError(
                "cluster_unreachable", f"Spark does not start on {master}: {_reason(error, log)}", "see --engine spark:MASTER"
            ) from error


def configured() -> dict[str, str]:
    """Return what the user's spark-defaults.conf says, which Spark reads later: what is set here would take its place."""
    from pyspark.find_spark_home import _find_spark_home

    folder = os.environ.get("SPARK_CONF_DIR") or f"{_find_spark_home()}/conf"
    path = Path(folder, "spark-defaults.conf")
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    found = (re.match(r"\s*([^#!\s=:]+)\s*[=:\s]\s*(.*?)\s*$", line) for line in lines)
    return {pair[1]: pair[2] for pair in found if pair}


def java_options(given: Mapping[str, str], *, is_local: bool) -> dict[str, str]:
    """Return what Java is given beside a user's own options; ``given`` is the whole of Spark's configuration.

    In this process it collects garbage in one go, unless the user chose a way, of which it takes one: by itself it would collect beside
    the work, on cores that the work needs.
    """
    default = {who: given.get(f"spark.{who}.defaultJavaOptions", "") for who in ("executor", "driver")}
    told = {"executor": f"{_COMPILED} {default['executor']}"}
    if is_local:
        is_chosen = re.search(r"-XX:\+Use\w+GC\b", f"{default['driver']} {given.get('spark.driver.extraJavaOptions', '')}")
        told["driver"] = f"{_COMPILED} {'' if is_chosen else '-XX:+UseParallelGC '}{default['driver']}"
    return {f"spark.{who}.defaultJavaOptions": options.strip() for who, options in told.items()}


@contextmanager
def _java_ends_with_us() -> Iterator[None]:
    """End the Java that begins meanwhile where we are stopped: it would wait for ever for a word of us."""
    from pyspark import java_gateway

    begun: list[subprocess.Popen[bytes]] = []

    def begin(*given: Any, **named: Any) -> subprocess.Popen[bytes]:
        begun.append(subprocess.Popen(*given, **named))
        return begun[-1]

    before, java_gateway.Popen = java_gateway.Popen, begin
    try:
        yield
    except KeyboardInterrupt:
        for process in begun:
            process.terminate()
        raise
    finally:
        java_gateway.Popen = before


@contextmanager
def _quiet() -> Iterator[Path]:
    """Let what Java says meanwhile, and ever after, go to a file: it greets with a page of warnings that are none of the user's."""
    folder = Path(tempfile.mkdtemp(prefix="vaglio-spark-"))
    log = folder / "log"
    sys.stderr.flush()
    kept = os.dup(2)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield log
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        shutil.rmtree(folder, ignore_errors=True)  # Java goes on writing into a file without a name, which is gone when it is


def _reason(error: BaseException, log: Path) -> str:
    said = [line for line in log.read_text(errors="replace").splitlines() if "Exception" in line or "rror" in line]
    return (said[-1] if said else str(error).strip().splitlines()[0]).strip()


@contextmanager
def failing() -> Iterator[None]:
    """Turn Spark's failures into ours."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise EngineError(NAME, said(error), _hint(str(error))) from error


def _hint(text: str) -> str:
    if "OutOfMemoryError" in text:
        return "give it more memory (spark-submit --driver-memory, --executor-memory), or score fewer activities"
    if "SCHEMA_NOT_FOUND" in text:
        return "make it first: CREATE SCHEMA"
    return "Spark says so; its log may say more"


def said(error: BaseException) -> str:
    """Return what Spark says in one line, without the name of its condition and where in the plan it was met."""
    lines = [line.removeprefix(": ") for line in str(error).splitlines() if line.strip() and not line.startswith(_CALLING)]
    first = next((line for line in lines if line.startswith("[")), lines[0] if lines else type(error).__name__)
    return " ".join(first.split("]", 1)[-1].split()) if first.startswith("[") else first
