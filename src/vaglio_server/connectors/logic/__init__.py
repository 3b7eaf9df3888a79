"""Decisions about telling other systems, on plain values."""
