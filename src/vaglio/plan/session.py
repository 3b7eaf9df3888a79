"""What the plan needs of an engine: keep a step, upload a mapping, fetch a small answer."""

from typing import Protocol

import ibis
import pyarrow as pa


class Session(Protocol):
    """One scoring pass on one engine. Steps are kept under names that are unique within the session."""

    def keep(self, name: str, table: ibis.Table) -> ibis.Table:
        """Compute a step once and return it as a table."""

    def upload(self, name: str, rows: pa.Table) -> ibis.Table:
        """Return a mapping made in Python as a table of the engine."""

    def fetch(self, table: ibis.Table) -> pa.Table:
        """Return a small answer, such as the distinct values of a field."""
