"""Arrow without pandas, which nobody here asks it for."""

import sys
from collections.abc import Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _Absent(MetaPathFinder):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


@cache  # meanwhile no thread finds it
def settle_without_pandas() -> None:
    """Have Arrow find no pandas when it looks: it looks once, as soon as it is given a list, and importing it takes a tenth of a command
    and 30 MB of each process of a server.

    Whoever imports pandas itself finds it, but Arrow takes its columns for lists then, to which NaN is a number: only for a process that
    gives Arrow none of them.
    """
    import pyarrow as pa

    if "pandas" in sys.modules:
        return
    absent = _Absent()
    sys.meta_path.insert(0, absent)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(absent)
