"""``python -m vaglio_server.config.lingering ANSWERS`` carries out what the worker asks on its input, a line each: a module and a key.

ANSWERS is an open file to which it writes a sign when it takes one up and when it is done. An exception ends it, so does the worker's end,
and so does peace.
"""

import os
import select
import sys
import time
from importlib import import_module

from vaglio.cli.garbage import collect_rarely

TAKEN, DONE = b"t", b"d"
NICE = 5  # whoever waits for a score goes first
LINGERS_SECONDS = 60.0
LONG_SECONDS = 30.0  # after such work its start would be no matter, and its memory comes back


def main(answers: int) -> None:
    """Work until nobody has asked for a while, or the work was long."""
    import django
    from django.db import connections

    django.setup()
    os.nice(NICE)
    while question := _question():
        os.write(answers, TAKEN)
        module, key = question.split()
        begun = time.monotonic()
        import_module(f"vaglio_server.config.{module}").main(int(key))
        connections.close_all()
        is_last = time.monotonic() - begun > LONG_SECONDS
        if is_last:
            os.close(sys.stdin.fileno())  # so that what is asked now is asked of another
        os.write(answers, DONE)
        if is_last:
            return


def _question() -> str:
    """Return the next line; empty: there is none, or nobody asked for so long."""
    if not select.select([sys.stdin], [], [], LINGERS_SECONDS)[0]:
        return ""
    return os.read(sys.stdin.fileno(), 1_000).decode()


if __name__ == "__main__":
    collect_rarely()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vaglio_server.config.settings")
    main(int(sys.argv[1]))
