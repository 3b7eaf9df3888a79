"""What a terminal shows: tables, progress on long work, and JSON for programs. Messages go to stderr, results to stdout."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from math import isfinite
from typing import Any


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def print_json(value: Any) -> None:
    """Print JSON; a number that is none, or has no end, is null, for JSON has no word for it."""
    print(json.dumps(_finite(value), indent=2, ensure_ascii=False, default=plain, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value


def number(value: float, shape: str = "{:.3f}") -> str:
    """Return a number as it is printed; a dash where there is none."""
    return shape.format(value) if isfinite(value) else "–"


def with_interval(measure: Any, shape: str = "{:.3f}") -> str:
    """Return a figure with its 95% interval, as it is printed."""
    return f"{number(measure.value, shape)} ({number(measure.low, shape)}-{number(measure.high, shape)})"


def table(title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; each column is a heading and ``left`` or ``right``."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=title or None, title_justify="left", title_style="bold", box=None, header_style="dim", pad_edge=False)
    for heading, justify in columns:
        shown.add_column(heading, justify="right" if justify == "right" else "left", no_wrap=justify == "right")
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else 140).print(shown)


def note(text: str) -> None:
    """Print a message for people on stderr."""
    print(text, file=sys.stderr)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a progress bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def step(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield step


@contextmanager
def stages() -> Iterator[Callable[[str], None]]:
    """Show which stage of long work is under way, and for how long, on a terminal; nothing elsewhere. An empty stage ends it."""
    if not sys.stderr.isatty():
        yield lambda what: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda what: bar.update(task, description=what) if what else bar.stop()
