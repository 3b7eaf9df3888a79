"""Files that appear under their names once they are whole: each by itself, or all of a run together."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from vaglio.errors import DataError

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


def need_place(path: Path | None) -> None:
    """Refuse a file that is to be written where there is no folder, where a folder is, or where none can be written.

    Raises
    ------
    DataError
        ``folder_missing``, ``folder_there``, ``file_not_written``.
    """
    if path is None:
        return
    if not path.parent.is_dir():
        raise DataError("folder_missing", f"there is no folder {path.parent} to write {path.name} into", "make it first")
    if path.is_dir():
        raise DataError("folder_there", f"{path} is a folder", "name a file in it")
    if path.exists() and not path.is_file():  # /dev/stdout, say
        return
    try:
        _made(path).unlink()  # rights may say yes where nothing can be written all the same
    except OSError as error:
        said = f"{path} cannot be written: {error.strerror}"
        raise DataError("file_not_written", said, "check the folder's permissions and the free space") from error


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
