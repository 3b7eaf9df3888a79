"""What a command prints: all of it is written, or the command says why not."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, EIO, ENOSPC

FULL = (ENOSPC, EDQUOT, EFBIG, EIO)  # what a disk says that takes no more


@contextmanager
def all_printed() -> Iterator[None]:
    """Write what is printed before the process ends with a code: Python would do so later, where nobody can say what went wrong."""
    try:
        yield
    except SystemExit:
        if sys.stdout is not None:  # there was one to begin with
            sys.stdout.flush()
        raise


def print_no_more() -> None:
    """Drop what is printed and not yet written, which would fail once more when the process ends."""
    if sys.stdout is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
