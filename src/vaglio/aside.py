"""Files that appear under their names once they are whole: each by itself, or all of a run together."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

NAMED = 40  # signs of a file's name that its hidden one begins with: the whole of a long one would leave no room for more

_waiting: ContextVar[list[tuple[Path | None, Path]] | None] = ContextVar("files that are whole, and the names they will get", default=None)


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Yield a hidden file beside ``path`` to write into; it gets that name afterwards, at once or with the others of :func:`together`.

    Raises
    ------
    OSError
        It cannot be written; the error names ``path``.
    """
    hidden = _made(path)
    try:
        with _naming(path, hidden):
            yield hidden
        _named_or_waiting(hidden, path)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise


def gone(path: Path) -> None:
    """Let a file of an earlier run be gone, at once or with :func:`together`."""
    _named_or_waiting(None, path)


@contextmanager
def together() -> Iterator[None]:
    """Let all files that are written inside get their names when the last of them is whole; where anything fails, none does.

    Raises
    ------
    OSError
        A file cannot get its name.
    """
    if _waiting.get() is not None:  # somebody else's
        yield
        return
    waiting: list[tuple[Path | None, Path]] = []
    token = _waiting.set(waiting)
    try:
        yield
        while waiting:
            _put(*waiting[0])
            del waiting[0]
    finally:
        _waiting.reset(token)
        for hidden, _path in waiting:
            if hidden is not None:
                hidden.unlink(missing_ok=True)


def try_place(path: Path) -> None:
    """Make a file beside ``path`` and take it away again: what else would say so may say yes where nothing can be written.

    Raises
    ------
    OSError
        It cannot be written; the error names ``path``.
    """
    _made(path).unlink()


def _made(path: Path) -> Path:
    with _naming(path):
        path.exists()  # which a name that is too long is told here
        handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:NAMED]}.", suffix=".part")
    umask = os.umask(0)
    os.umask(umask)
    os.fchmod(handle, 0o666 & ~umask)  # mkstemp makes files that only their owner reads; what is written is to be passed on
    os.close(handle)
    return Path(made)


def _named_or_waiting(hidden: Path | None, path: Path) -> None:
    waiting = _waiting.get()
    if waiting is None:
        _put(hidden, path)
    else:
        waiting.append((hidden, path))


def _put(hidden: Path | None, path: Path) -> None:
    with _naming(path):
        if hidden is None:
            path.unlink(missing_ok=True)
        else:
            os.replace(hidden, path)


@contextmanager
def _naming(path: Path, hidden: Path | None = None) -> Iterator[None]:
    """Let errors name the file that somebody asked for, and not the hidden one; those of other files than ``hidden``, if given, stay."""
    try:
        yield
    except OSError as error:
        is_of_another = hidden is not None and error.filename not in (None, str(hidden))
        if error.errno is None or is_of_another:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
