"""The private PostgreSQL: a server of Vaglio's own in its data folder, where nobody names another."""

import os
from pathlib import Path

from vaglio.errors import VaglioError


def variable(name: str) -> str:
    """Return a variable of the environment that says where something is; nothing where it is not set.

    Raises
    ------
    VaglioError
        It is set and empty, as by another that is not set: what is meant is somewhere else than what would be used in silence.
    """
    value = os.environ.get(name)
    if value is not None and not value.strip():
        raise VaglioError("variable_empty", f"{name} is set and empty", f"give it its value, or unset {name} to use what is usual")
    return value or ""


def data_folder(named: str) -> Path:
    """Return the folder where an installation keeps what it knows: the one that is named, or the usual one of this user."""
    if named:
        return Path(named)
    return Path("/var/lib/vaglio") if os.geteuid() == 0 else Path.home() / ".local/share/vaglio"
