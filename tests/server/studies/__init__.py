"""Counts and comparisons."""
