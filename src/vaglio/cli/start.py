"""Where the ``vaglio`` script begins: nothing is loaded before Ctrl-C is expected, for loading takes the first fifth of a second."""

import sys


def main() -> None:
    """Be the process that runs the command line."""
    try:
        from vaglio.cli.main import main as run

        run()
    except KeyboardInterrupt:
        from vaglio.cli.stopping import SAID, STOPPED

        print(SAID, file=sys.stderr)
        raise SystemExit(STOPPED) from None
