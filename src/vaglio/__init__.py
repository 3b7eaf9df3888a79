"""Vaglio: lead scoring as a readable contract. Importing this package loads neither ibis nor an engine."""

__version__ = "0.1.0.dev0"
