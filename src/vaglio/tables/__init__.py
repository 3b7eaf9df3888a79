"""Tables by name: facts read where they are, and nothing of them brought here but what is no good."""

from vaglio.tables.read import read_tables

__all__ = ["read_tables"]
