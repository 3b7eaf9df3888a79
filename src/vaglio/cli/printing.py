"""What a command prints: all of it is written, or the command says why not."""

import os
import sys
from errno import EDQUOT, EFBIG, ENOSPC

FULL = (ENOSPC, EDQUOT, EFBIG)  # what a disk says that takes no more


def not_printed() -> OSError | None:
    """Write what is printed, and return what is in the way; then the rest is dropped. That nobody reads on is in nobody's way.

    Python would write it when the process ends, where nobody can say what went wrong.
    """
    try:
        if sys.stdout is not None:  # there was one to begin with
            sys.stdout.flush()
    except BrokenPipeError:
        return None
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return error
    return None


def no_room(error: OSError) -> str:
    """Return what to say of a disk that takes no more."""
    return f"vaglio: not all could be written: {error.strerror}; see where it prints, its --out, and $TMPDIR"
