"""Decisions on plain values: what a campaign holds, and which answers are positive."""
