"""Leads that are probably one person."""
