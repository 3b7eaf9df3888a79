"""The private PostgreSQL: a server of Vaglio's own in its data folder, where nobody names another."""

import os
from pathlib import Path


def data_folder(named: str) -> Path:
    """Return the folder where an installation keeps what it knows: the one that is named, or the usual one of this user."""
    if named:
        return Path(named)
    return Path("/var/lib/vaglio") if os.geteuid() == 0 else Path.home() / ".local/share/vaglio"
