"""What an engine is: something that keeps steps, takes mappings, and gives results; see :mod:`vaglio.engines`."""

from typing import Protocol

import ibis
import pyarrow as pa

from vaglio.plan.session import Session


class Engine(Protocol):
    """One place where facts are and scores are computed.

    ``name`` is the word on the command line. ``load`` takes a table into the engine; ``session`` starts one pass whose steps are
    forgotten when it is closed; ``arrow`` brings a whole result out.
    """

    name: str

    def load(self, name: str, rows: pa.Table) -> ibis.Table:
        """Return rows in memory as a table of the engine."""

    def session(self) -> "EngineSession":
        """Start one scoring pass."""

    def arrow(self, table: ibis.Table) -> pa.Table:
        """Return a result with the types it declares.

        Raises
        ------
        EngineError
            The engine failed while running.
        """


class EngineSession(Session, Protocol):
    """A session that can be closed."""

    def close(self) -> None:
        """Forget every step that was kept."""
