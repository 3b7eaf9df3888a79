"""Decisions on plain values: what a delivery holds, and who did it."""
