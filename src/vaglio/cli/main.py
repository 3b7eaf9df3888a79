"""``vaglio``: one file per command; heavy imports happen inside them, so that ``--help`` is instant."""

import sys
from importlib.metadata import entry_points

import typer

from vaglio.cli.backtest import backtest
from vaglio.cli.check import check
from vaglio.cli.demo_data import demo_data
from vaglio.cli.diff import diff
from vaglio.cli.drift import drift
from vaglio.cli.ending import ends_at_once
from vaglio.cli.explain import explain
from vaglio.cli.garbage import collect_rarely
from vaglio.cli.heeded import Heeding
from vaglio.cli.init import init
from vaglio.cli.kinds import kinds
from vaglio.cli.leaks import leaks
from vaglio.cli.learn import learn
from vaglio.cli.prepare import prepare
from vaglio.cli.printing import FULL, no_room, not_printed
from vaglio.cli.replay import replay
from vaglio.cli.sample import sample
from vaglio.cli.schema import schema
from vaglio.cli.score import score
from vaglio.cli.sql import sql
from vaglio.cli.stopping import CODES, SAID, STOPPED, stopped_by_hand
from vaglio.cli.suggest import suggest
from vaglio.cli.thresholds import thresholds
from vaglio.errors import DocumentError, VaglioError

app = typer.Typer(
    help="Lead scoring as a readable contract: profile A-D, engagement 1-4, every score explained exactly.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (
    init, suggest, leaks, learn, backtest, thresholds, drift, sample, prepare, check, score, explain, diff, replay, sql, schema, kinds,
    demo_data,
):  # fmt: skip
    app.command(name=command.__name__.replace("_", "-"), cls=Heeding)(command)
for entry in entry_points(group="vaglio.commands"):
    entry.load()(app)


def run() -> None:
    """Run the command line; errors Vaglio expects become one line each on stderr and exit code 2."""
    collect_rarely()
    try:
        _run()
    except SystemExit as ending:
        error = not_printed()
        if error is not None and ending.code not in (2, *CODES.values()):  # what was told before, of an error or a stop, is what to look at
            print(no_room(error), file=sys.stderr)
            raise SystemExit(2) from None
        raise


def _run() -> None:
    try:
        with stopped_by_hand():
            app()
    except DocumentError as error:
        for issue in error.issues:
            print(f"{error.source or 'model'}: {issue}", file=sys.stderr)
        raise SystemExit(2) from None
    except VaglioError as error:
        print(f"vaglio: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except OSError as error:
        if error.filename is not None:
            print(f"vaglio: {error.filename} cannot be read or written: {error.strerror}", file=sys.stderr)
        elif error.errno in FULL:
            print(no_room(error), file=sys.stderr)
        else:
            raise
        raise SystemExit(2) from None
    except KeyboardInterrupt as stop:
        print(SAID, file=sys.stderr)
        raise SystemExit(stop.args[0] if stop.args else STOPPED) from None


def main() -> None:
    """Be the process that runs the command line."""
    with ends_at_once():
        run()


if __name__ == "__main__":
    main()
