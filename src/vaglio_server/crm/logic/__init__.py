"""Decisions on plain values: which company a mail address belongs to, what a field takes, what somebody searches for."""
