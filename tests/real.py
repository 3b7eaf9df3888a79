"""Where the real data is, which no commit holds."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("VAGLIO_DATA") or Path(__file__).parents[2] / "shared" / "data")


def real(name: str) -> Path:
    """Return a file of the real data; skip where it is missing."""
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is missing; set VAGLIO_DATA to the folder of real data")
    return DATA / name
