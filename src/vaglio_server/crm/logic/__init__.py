"""Decisions on plain values: which company a mail address belongs to."""
